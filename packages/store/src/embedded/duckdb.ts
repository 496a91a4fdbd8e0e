// DuckDB as the store uses it: one in-memory instance, one connection for changes, a few for queries that can be stopped.
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { VardeError } from '@varde/runtime'
import type { Json } from '@varde/schema'
import { addressMacros } from './compile-address.ts'

export interface Engine {
  /** Changes tables or writes files; one after the other. `rows`: how many come in, where it is known. */
  change(sql: string, rows?: number): Promise<void>
  /** Writes a file from tables; takes long, so it has a connection of its own. */
  copy(sql: string): Promise<void>
  /** Every value of the result must be VARCHAR, DOUBLE, INTEGER or BOOLEAN (or a list of them). */
  rows(sql: string, signal?: AbortSignal): Promise<Json[][]>
  close(): Promise<void>
}

export interface EngineOptions {
  memoryLimitBytes: number
  threads: number
  spillDir: string
}

/**
 * A statement on two threads costs up to twice the processor time of one: where there is too little for both, one waits
 * spinning (read_json, DuckDB 1.5: 12-15 µs a row on one thread, 24-35 on two, on a busy machine). So whole tables that
 * come in thick and fast are made on one; when they are small again, queries get the others back.
 */
const manyRows = 2_000
const fewRows = 500
const lullMs = 1_000

/** Node's pool has four threads, and fdatasync needs one of them: queries must not take all. */
const readersMax = 2

/** Of extensions that are linked in, but known only once the instance runs. */
const settings = ["SET GLOBAL TimeZone = 'UTC'", 'SET GLOBAL parquet_metadata_cache = true']

export async function openEngine(options: EngineOptions): Promise<Engine> {
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${Math.floor(options.memoryLimitBytes / 1_048_576)}MiB`,
    threads: String(options.threads),
    temp_directory: options.spillDir,
    preserve_insertion_order: 'true',
    enable_object_cache: 'true',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
  const writer = await instance.connect()
  for (const setting of settings) await writer.run(setting)
  for (const macro of addressMacros) await writer.run(macro)
  const copier = await instance.connect()
  const idle: DuckDBConnection[] = []
  for (let reader = 0; reader < readersMax; reader += 1) idle.push(await instance.connect())
  /** Queries under way: DuckDB must not be closed under them. */
  const stops = new Set<() => void>()
  const running = new Set<Promise<unknown>>()
  const waiting: ((connection: DuckDBConnection) => void)[] = []
  let lastChange: Promise<void> = Promise.resolve()
  let threads = options.threads
  let closed = false
  let lull: NodeJS.Timeout | undefined

  const useThreads = async (wanted: number) => {
    if (wanted === threads) return
    threads = wanted
    await writer.run(`SET GLOBAL threads = ${wanted}`)
  }
  const pace = async (rows: number) => {
    await useThreads(rows >= manyRows ? 1 : rows <= fewRows ? options.threads : threads)
    clearTimeout(lull)
    if (threads < options.threads) lull = setTimeout(() => afterChanges(() => useThreads(options.threads)), lullMs)
  }
  const afterChanges = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = lastChange.then(work)
    lastChange = mine.then(
      () => {},
      () => {},
    )
    return mine
  }

  const take = (): Promise<DuckDBConnection> => {
    const connection = idle.pop()
    if (connection !== undefined) return Promise.resolve(connection)
    return new Promise((resolve) => waiting.push(resolve))
  }
  const giveBack = (connection: DuckDBConnection) => {
    const next = waiting.shift()
    if (next === undefined) idle.push(connection)
    else next(connection)
  }

  return {
    change: (sql, rows) =>
      afterChanges(async () => {
        if (rows !== undefined) await pace(rows)
        await writer.run(sql)
      }),
    async copy(sql) {
      await copier.run(sql)
    },
    async rows(sql, signal) {
      signal?.throwIfAborted()
      const connection = await take()
      if (closed) {
        giveBack(connection)
        throw new VardeError('STORE_CLOSED', 'the store is closed')
      }
      const stop = () => connection.interrupt()
      const { promise, resolve: ended } = Promise.withResolvers<void>()
      running.add(promise)
      stops.add(stop)
      try {
        signal?.throwIfAborted()
        signal?.addEventListener('abort', stop, { once: true })
        const reader = await connection.runAndReadAll(sql)
        return reader.getRowsJson()
      } catch (error) {
        signal?.throwIfAborted()
        throw readError(error)
      } finally {
        signal?.removeEventListener('abort', stop)
        giveBack(connection)
        stops.delete(stop)
        running.delete(promise)
        ended()
      }
    },
    async close() {
      if (closed) return
      closed = true
      clearTimeout(lull)
      for (const stop of stops) stop()
      while (running.size > 0) await Promise.all(running)
      await lastChange
      for (const connection of idle) connection.closeSync()
      writer.closeSync()
      copier.closeSync()
      instance.closeSync()
    },
  }
}

/** A segment that can't be read is damage with a name; anything else DuckDB says is told as it is. */
function readError(cause: unknown): VardeError {
  const message = cause instanceof Error ? cause.message : String(cause)
  const [, path] = /'([^']+\.parquet)'/.exec(message) ?? []
  if (path !== undefined && !/^(Binder|Parser|Catalog) Error/.test(message)) {
    return new VardeError('STORE_DAMAGED', `${path} cannot be read: ${message.split('\n')[0]}`, {
      cause,
      hint: 'Run `varde verify` to see which files are damaged, and restore them from a copy.',
      facts: { path },
    })
  }
  return new VardeError('STORE_UNAVAILABLE', `the query failed: ${message}`, { cause })
}
