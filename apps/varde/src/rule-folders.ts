// Where a folder of rules has its lists: a command may be given a part of the whole.
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** The nearest folder at or above this one that has lists; itself where none has. */
export function rootOf(folder: string): string {
  for (let at = resolve(folder); ; at = dirname(at)) {
    if (existsSync(join(at, 'lists'))) return at
    if (dirname(at) === at) return folder
  }
}

export const listsOf = (folder: string): string => join(rootOf(folder), 'lists')
