// One process a data folder: a lock that the operating system drops with its holder, however that ends.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { VardeError } from './errors.ts'

export interface FolderLock {
  release(): void
}

/**
 * An empty SQLite file under an exclusive transaction: its file lock goes with the process (kill -9 included), is not
 * fooled by a reused process id, and holds between threads of one process. `lock.json` only says who holds it.
 * Throws a VardeError with the code given, with `pid` and `since` in its facts.
 */
export function lockFolder(dir: string, options: { code: string; what: string }): FolderLock {
  const database = new DatabaseSync(join(dir, 'lock'))
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (cause) {
    database.close()
    const { pid, since } = holderOf(dir)
    throw new VardeError(options.code, `${options.what} in ${dir} is open in process ${pid} since ${since}`, {
      cause,
      hint: 'Stop that process, or use another data folder. Commands that only read go through the running server.',
      facts: { dir, pid, since },
    })
  }
  writeFileSync(join(dir, 'lock.json'), JSON.stringify({ pid: process.pid, since: new Date().toISOString() }))
  return { release: () => database.close() }
}

function holderOf(dir: string): { pid: number; since: string } {
  try {
    const read: unknown = JSON.parse(readFileSync(join(dir, 'lock.json'), 'utf8'))
    if (typeof read === 'object' && read !== null && 'pid' in read && 'since' in read)
      return { pid: Number(read.pid), since: String(read.since) }
  } catch {
    // The holder may be writing it just now: the lock itself is what counts.
  }
  return { pid: 0, since: 'an unknown time' }
}
