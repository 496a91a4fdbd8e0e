// One writer a data folder: a lock that the operating system drops with the process, however it ends.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { VardeError } from '@varde/runtime'

export interface Lock {
  release(): void
}

/**
 * An empty SQLite file under an exclusive transaction: SQLite's file locks end with the process (also after kill -9),
 * survive reused process ids, and hold between threads of one process. `lock.json` only says who holds it.
 */
export function lockFolder(dir: string): Lock {
  const database = new DatabaseSync(join(dir, 'lock'))
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (cause) {
    database.close()
    throw lockedError(dir, cause)
  }
  writeFileSync(join(dir, 'lock.json'), JSON.stringify({ pid: process.pid, since: new Date().toISOString() }))
  return {
    release() {
      database.close()
    },
  }
}

function lockedError(dir: string, cause: unknown): VardeError {
  const { pid, since } = holder(dir)
  return new VardeError('STORE_LOCKED', `the store in ${dir} is open in process ${pid} since ${since}`, {
    cause,
    hint: 'Stop that process, or use another data folder. Commands that only read go through the running server.',
    facts: { dir, pid, since },
  })
}

function holder(dir: string): { pid: number; since: string } {
  try {
    const read: unknown = JSON.parse(readFileSync(join(dir, 'lock.json'), 'utf8'))
    if (typeof read === 'object' && read !== null && 'pid' in read && 'since' in read) {
      return { pid: Number(read.pid), since: String(read.since) }
    }
  } catch {
    // The holder may be writing it just now: the lock itself is what counts.
  }
  return { pid: 0, since: 'an unknown time' }
}
