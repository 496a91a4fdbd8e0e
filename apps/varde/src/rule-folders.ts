// Folders of rules: a command may be given a part of the whole, and finds the lists above it.
import { existsSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'

/** The nearest folder at or above this one that has lists; itself where none has. */
export function rootOf(folder: string): string {
  for (let at = resolve(folder); ; at = dirname(at)) {
    if (existsSync(join(at, 'lists'))) return at
    if (dirname(at) === at) return folder
  }
}

export const listsOf = (folder: string): string => join(rootOf(folder), 'lists')

/** Whether the path names the file, or a folder above it; either may be relative. */
export function isWithin(file: string, path: string): boolean {
  const way = relative(resolve(path), resolve(file))
  return !isAbsolute(way) && way.split(sep)[0] !== '..'
}
