// Which sender identities are stored: keys by hash, producers by how far they have come. Derived: the events say the same.
import { createHash } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { EventId } from '@varde/schema'
import { writeError } from './frame-log.ts'

export interface Producer {
  tenant: string
  source: string
  producer: string
}

export interface Senders {
  /** The event under which the key was first stored; a hint: the event itself must be compared. */
  find(hash: bigint): EventId | undefined
  remember(hash: bigint, id: EventId): void
  /** The highest sequence stored, or -1: what is above is new for certain. */
  highest(producer: Producer): number
  raise(producer: Producer, sequence: number): void
  /** Segments whose events are all in here. */
  covered(): Set<string>
  cover(segment: string): void
  /** Writes what was remembered since the last one; with `durable`, on the disk. Throws STORE_FULL and keeps it where it can't. */
  commit(durable?: boolean): void
  /** SQLite's own check of the file. */
  isWhole(): boolean
  /** Begins anew with nothing. */
  clear(): void
  close(): void
}

export function sendersPath(dir: string): string {
  return join(dir, 'events', 'senders.sqlite')
}

const version = 1

export function openSenders(dir: string): Senders {
  mkdirSync(join(dir, 'events'), { recursive: true })
  const path = sendersPath(dir)
  const open = () => {
    try {
      const opened = openAt(path)
      if (opened.isWhole()) return opened
      opened.close()
      removeSenders(dir)
      return openAt(path)
    } catch {
      // Derived: an unreadable index is as good as none, and is filled again from the segments.
      removeSenders(dir)
      return openAt(path)
    }
  }
  let current = open()
  return {
    find: (hash) => current.find(hash),
    remember: (hash, id) => current.remember(hash, id),
    highest: (producer) => current.highest(producer),
    raise: (producer, sequence) => current.raise(producer, sequence),
    covered: () => current.covered(),
    cover: (segment) => current.cover(segment),
    commit: (durable) => current.commit(durable),
    isWhole: () => current.isWhole(),
    clear() {
      try {
        current.close()
      } catch {
        // A damaged file may not even close well; it is removed in any case.
      }
      removeSenders(dir)
      current = open()
    },
    close: () => current.close(),
  }
}

export function removeSenders(dir: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${sendersPath(dir)}${suffix}`, { force: true })
}

function openAt(path: string): Omit<Senders, 'clear'> {
  const database = new DatabaseSync(path)
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16384')
    const found = database.prepare('PRAGMA user_version').get()
    if (found?.['user_version'] !== version) {
      database.exec('DROP TABLE IF EXISTS keys; DROP TABLE IF EXISTS producers; DROP TABLE IF EXISTS covered')
      database.exec(`PRAGMA user_version = ${version}`)
    }
    database.exec(
      'CREATE TABLE IF NOT EXISTS keys (hash INTEGER PRIMARY KEY, id TEXT NOT NULL) STRICT;' +
        'CREATE TABLE IF NOT EXISTS producers (name TEXT PRIMARY KEY, highest INTEGER NOT NULL) STRICT, WITHOUT ROWID;' +
        'CREATE TABLE IF NOT EXISTS covered (segment TEXT PRIMARY KEY) STRICT, WITHOUT ROWID',
    )
  } catch (error) {
    database.close()
    throw error
  }
  const selectKey = database.prepare('SELECT id FROM keys WHERE hash = ?')
  const insertKey = database.prepare('INSERT OR REPLACE INTO keys VALUES (?, ?)')
  // The hash is the row id, which comes back from run() and is too large for a number.
  insertKey.setReadBigInts(true)
  const selectProducer = database.prepare('SELECT highest FROM producers WHERE name = ?')
  const raiseProducer = database.prepare(
    'INSERT INTO producers VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET highest = max(highest, excluded.highest)',
  )
  const insertCovered = database.prepare('INSERT OR IGNORE INTO covered VALUES (?)')
  // What run() gives back holds the last row id of the connection: of the keys, whatever the statement.
  raiseProducer.setReadBigInts(true)
  insertCovered.setReadBigInts(true)
  const highest = new Map<string, number>()
  // Of the writes that no commit has written yet. They are kept through a commit that fails: SQLite undoes a whole
  // transaction when the disk is full, and a key that only part of the index knew would let its event in twice.
  const keys = new Map<bigint, EventId>()
  const producers = new Map<string, number>()
  const segments = new Set<string>()

  const writePending = () => {
    if (keys.size + producers.size + segments.size === 0) return
    database.exec('BEGIN')
    for (const [hash, id] of keys) insertKey.run(hash, id)
    for (const [name, sequence] of producers) raiseProducer.run(name, sequence)
    for (const segment of segments) insertCovered.run(segment)
    database.exec('COMMIT')
    keys.clear()
    producers.clear()
    segments.clear()
  }

  const commit = (durable = false) => {
    try {
      writePending()
      if (durable) database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    } catch (cause) {
      if (database.isTransaction) database.exec('ROLLBACK')
      throw writeError(path, cause)
    }
  }
  const highestOf = (name: string): number => {
    const known = highest.get(name)
    if (known !== undefined) return known
    const stored = producers.get(name) ?? Number(selectProducer.get(name)?.['highest'] ?? -1)
    if (highest.size > 10_000) highest.clear()
    highest.set(name, stored)
    return stored
  }
  return {
    find(hash) {
      const pending = keys.get(hash)
      if (pending !== undefined) return pending
      const id = selectKey.get(hash)?.['id']
      return typeof id === 'string' ? id : undefined
    },
    remember: (hash, id) => {
      keys.set(hash, id)
    },
    highest: (producer) => highestOf(nameOf(producer)),
    raise(producer, sequence) {
      const name = nameOf(producer)
      if (sequence <= highestOf(name)) return
      highest.set(name, sequence)
      producers.set(name, sequence)
    },
    covered: () =>
      new Set([
        ...segments,
        ...database
          .prepare('SELECT segment FROM covered')
          .all()
          .map((row) => String(row['segment'])),
      ]),
    cover: (segment) => {
      segments.add(segment)
    },
    commit,
    isWhole() {
      try {
        return database.prepare('PRAGMA integrity_check').get()?.['integrity_check'] === 'ok'
      } catch {
        return false
      }
    },
    close() {
      try {
        commit(true)
      } catch {
        // The disk is full. What is missing is read from the logs and segments when the store opens again.
      }
      database.close()
    },
  }
}

function nameOf({ tenant, source, producer }: Producer): string {
  return JSON.stringify([tenant, source, producer])
}

/** 63 bits: collisions are possible and harmless, because a hit is checked against the stored event. */
export function keyHash(tenant: string, source: string, key: string, raw?: Uint8Array): bigint {
  const hash = createHash('sha256').update(JSON.stringify([tenant, source, key]))
  if (raw !== undefined) hash.update(raw)
  return hash.digest().readBigUInt64LE(0) >> 1n
}
