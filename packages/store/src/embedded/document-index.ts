// The documents where they can be asked: SQLite tables made from the journal, thrown away whenever they disagree with it.
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { VardeError } from '@varde/runtime'
import type { Json, JsonObject } from '@varde/schema'
import { packCursor, unpackCursor } from '../cursor.ts'
import type { Collection, Condition, DocumentQuery, Versioned } from '../port.ts'
import { writeError } from './frame-log.ts'
import type { JournalEntry, JournalPlace } from './journal.ts'

/** Documents as the JSON they are kept in: whoever asked for them parses it, on a thread of its own. */
export interface DocumentTexts {
  docs: { id: string; version: number; text: string }[]
  next?: string
}

export interface DocumentIndex {
  /** Up to where in the journal this index has come; undefined for a new one. */
  place(): JournalPlace | undefined
  /** In one transaction with the place after it: all of it, or (STORE_FULL, STORE_UNAVAILABLE) nothing. */
  apply(entries: readonly JournalEntry[], place: JournalPlace | undefined): void
  clear(): void
  get(collection: string, id: string): Versioned<JsonObject> | undefined
  list(collection: string, query: DocumentQuery): DocumentTexts
  count(collection: string, where: Record<string, Condition> | undefined): number
  countBy(
    collection: string,
    path: string,
    where: Record<string, Condition> | undefined,
  ): { value: Json; count: number }[]
  /** Every document, for a rewrite of the journal or a comparison. */
  all(): Generator<JournalEntry>
  /** Bytes of all documents' texts. */
  bytes(): number
  highestVersion(): number
  /** SQLite's own check of the file. */
  isWhole(): boolean
  close(): void
}

const version = 1
const listMax = 10_000

export function documentIndexPath(dir: string): string {
  return join(dir, 'documents', 'index.sqlite')
}

export function removeDocumentIndex(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${path}${suffix}`, { force: true })
}

export function openDocumentIndex(path: string, collections: readonly Collection[]): DocumentIndex {
  try {
    return openAt(path, collections)
  } catch {
    removeDocumentIndex(path)
    return openAt(path, collections)
  }
}

function openAt(path: string, collections: readonly Collection[]): DocumentIndex {
  if (path !== ':memory:') mkdirSync(join(path, '..'), { recursive: true })
  const database = new DatabaseSync(path)
  try {
    prepareTables(database, collections)
  } catch (error) {
    database.close()
    throw error
  }
  const indexed = new Map(collections.map((collection) => [collection.name, new Set(collection.indexed)]))
  const selectOne = database.prepare('SELECT version, doc FROM docs WHERE collection = ? AND id = ?')
  const upsert = database.prepare('INSERT OR REPLACE INTO docs (collection, id, version, doc) VALUES (?, ?, ?, ?)')
  const remove = database.prepare('DELETE FROM docs WHERE collection = ? AND id = ?')
  const setMeta = database.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)')
  const getMeta = database.prepare('SELECT value FROM meta WHERE name = ?')

  const pathOf = (collection: string, field: string): string => {
    if (indexed.get(collection)?.has(field) !== true) {
      throw new VardeError('STORE_NOT_INDEXED', `${collection} cannot be asked by ${field}`, {
        hint: 'Name the path in packages/store/src/collections.ts.',
        facts: { collection, field },
      })
    }
    return jsonPath(field)
  }

  const whereSql = (collection: string, where: Record<string, Condition> | undefined): Where => {
    const parts = ['collection = ?']
    const values: SQLInputValue[] = [collection]
    for (const [field, condition] of Object.entries(where ?? {})) {
      addCondition(pathOf(collection, field), condition, parts, values)
    }
    return { sql: parts.join(' AND '), values }
  }

  return {
    place() {
      const value = getMeta.get('place')?.['value']
      return typeof value === 'string' ? JSON.parse(value) : undefined
    },
    apply(entries, place) {
      database.exec('BEGIN')
      try {
        let highest = 0
        for (const entry of entries) {
          highest = Math.max(highest, entry.version)
          if (entry.doc === undefined) remove.run(entry.collection, entry.id)
          else upsert.run(entry.collection, entry.id, entry.version, JSON.stringify(entry.doc))
        }
        if (highest > 0)
          setMeta.run('highest', String(Math.max(highest, Number(getMeta.get('highest')?.['value'] ?? 0))))
        if (place !== undefined) setMeta.run('place', JSON.stringify(place))
        database.exec('COMMIT')
      } catch (cause) {
        // SQLite undoes the transaction by itself when the disk is full.
        if (database.isTransaction) database.exec('ROLLBACK')
        throw writeError(path, cause)
      }
    },
    clear() {
      database.exec('DELETE FROM docs; DELETE FROM meta')
    },
    get(collection, id) {
      const row = selectOne.get(collection, id)
      return row === undefined
        ? undefined
        : { id, version: Number(row['version']), doc: JSON.parse(String(row['doc'])) }
    },
    list(collection, query) {
      if (!Number.isInteger(query.limit) || query.limit < 1 || query.limit > listMax) {
        throw new VardeError('STORE_LIMIT', `a page has between 1 and ${listMax} documents, not ${query.limit}`)
      }
      const { sql, values } = whereSql(collection, query.where)
      const sort = query.sort === undefined ? 'NULL' : `doc ->> ${pathOf(collection, query.sort.by)}`
      const way = query.sort?.order === 'desc' ? 'DESC' : 'ASC'
      const after = query.cursor === undefined ? undefined : afterSql(query.cursor, sort, way)
      const rows = database
        .prepare(
          `SELECT id, version, doc, ${sort} AS k FROM docs WHERE ${sql}${after === undefined ? '' : ` AND ${after.sql}`} ` +
            `ORDER BY ${query.sort === undefined ? '' : `k ${way}, `}id ${way} LIMIT ?`,
        )
        .all(...values, ...(after?.values ?? []), query.limit + 1)
      const page = rows.slice(0, query.limit)
      const last = page.at(-1)
      const docs = page.map((row) => ({
        id: String(row['id']),
        version: Number(row['version']),
        text: String(row['doc']),
      }))
      if (rows.length <= query.limit || last === undefined) return { docs }
      const key = last['k']
      return {
        docs,
        next: packCursor('list', [typeof key === 'number' || typeof key === 'string' ? key : null, String(last['id'])]),
      }
    },
    count(collection, where) {
      const { sql, values } = whereSql(collection, where)
      return Number(database.prepare(`SELECT count(*) AS n FROM docs WHERE ${sql}`).get(...values)?.['n'] ?? 0)
    },
    countBy(collection, field, where) {
      const path = pathOf(collection, field)
      const { sql, values } = whereSql(collection, where)
      return database
        .prepare(
          `SELECT doc -> ${path} AS v, count(*) AS n FROM docs WHERE ${sql} AND json_type(doc, ${path}) IS NOT NULL ` +
            `GROUP BY v ORDER BY n DESC, v`,
        )
        .all(...values)
        .map((row) => ({ value: JSON.parse(String(row['v'])), count: Number(row['n']) }))
    },
    *all() {
      for (const row of database.prepare('SELECT * FROM docs ORDER BY collection, id').iterate()) {
        yield {
          collection: String(row['collection']),
          id: String(row['id']),
          version: Number(row['version']),
          doc: JSON.parse(String(row['doc'])),
        }
      }
    },
    bytes: () => Number(database.prepare('SELECT coalesce(sum(length(doc)), 0) AS n FROM docs').get()?.['n'] ?? 0),
    highestVersion: () => Number(getMeta.get('highest')?.['value'] ?? 0),
    isWhole() {
      try {
        return database.prepare('PRAGMA integrity_check').get()?.['integrity_check'] === 'ok'
      } catch {
        return false
      }
    },
    close: () => database.close(),
  }
}

interface Where {
  sql: string
  values: SQLInputValue[]
}

function prepareTables(database: DatabaseSync, collections: readonly Collection[]): void {
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -32768')
  const found = database.prepare('PRAGMA user_version').get()
  if (found?.['user_version'] !== version) {
    database.exec(`DROP TABLE IF EXISTS docs; DROP TABLE IF EXISTS meta; PRAGMA user_version = ${version}`)
  }
  database.exec(
    'CREATE TABLE IF NOT EXISTS docs (collection TEXT, id TEXT, version INTEGER, doc TEXT, PRIMARY KEY (collection, id));' +
      'CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT)',
  )
  for (const { name, indexed } of collections) {
    for (const field of indexed) {
      const index = `by_${name}_${field}`.replaceAll(/[^A-Za-z0-9_]/g, '_')
      database.exec(
        `CREATE INDEX IF NOT EXISTS "${index}" ON docs (doc ->> ${jsonPath(field)}, id) WHERE collection = '${name.replaceAll("'", "''")}'`,
      )
    }
  }
}

/** As an SQL literal; must read the same in the index and in the query for SQLite to see that they agree. */
function jsonPath(field: string): string {
  const path = field
    .split('.')
    .map((part) => `."${part.replaceAll(/["\\]/g, '')}"`)
    .join('')
  return `'$${path.replaceAll("'", "''")}'`
}

function addCondition(path: string, condition: Condition, parts: string[], values: SQLInputValue[]): void {
  const isObject = typeof condition === 'object' && condition !== null && !Array.isArray(condition)
  if (isObject && 'in' in condition && Array.isArray(condition.in)) {
    const alternatives: string[] = []
    for (const value of condition.in) alternatives.push(equalSql(path, value, values))
    parts.push(alternatives.length === 0 ? '0' : `(${alternatives.join(' OR ')})`)
  } else if (isObject && 'exists' in condition) {
    parts.push(`doc ->> ${path} IS ${condition.exists === true ? 'NOT ' : ''}NULL`)
  } else if (isObject && ('gte' in condition || 'lt' in condition)) {
    for (const [name, op] of [['gte', '>='] as const, ['lt', '<'] as const]) {
      const bound = condition[name]
      if (typeof bound !== 'number') continue
      // SQLite sorts every text above every number: only numbers are meant here.
      parts.push(`(doc ->> ${path} ${op} ? AND json_type(doc, ${path}) IN ('integer', 'real'))`)
      values.push(bound)
    }
  } else parts.push(equalSql(path, condition, values))
}

function equalSql(path: string, value: Json | Condition, values: SQLInputValue[]): string {
  if (value === null) return `doc ->> ${path} IS NULL`
  if (typeof value === 'boolean') return `json_type(doc, ${path}) = '${value}'`
  if (typeof value === 'string') {
    values.push(value)
    return `(doc ->> ${path} = ? AND json_type(doc, ${path}) = 'text')`
  }
  if (typeof value === 'number') {
    values.push(value)
    return `(doc ->> ${path} = ? AND json_type(doc, ${path}) IN ('integer', 'real'))`
  }
  values.push(JSON.stringify(value))
  return `doc -> ${path} = ?`
}

/** What stands behind the last document of a page; missing values sort before all others. */
function afterSql(cursor: string, sort: string, way: 'ASC' | 'DESC'): Where {
  const [key, id] = unpackCursor('list', cursor, 2)
  const than = way === 'ASC' ? '>' : '<'
  if (typeof id !== 'string') throw new VardeError('STORE_BAD_CURSOR', 'the cursor names no document')
  if (sort === 'NULL') return { sql: `id ${than} ?`, values: [id] }
  if (typeof key !== 'string' && typeof key !== 'number') {
    const beyond = way === 'ASC' ? `${sort} IS NOT NULL OR ` : ''
    return { sql: `(${beyond}(${sort} IS NULL AND id ${than} ?))`, values: [id] }
  }
  const missing = way === 'DESC' ? ` OR ${sort} IS NULL` : ''
  return { sql: `(${sort} ${than} ? OR (${sort} = ? AND id ${than} ?)${missing})`, values: [key, key, id] }
}
