// A sealed chapter: one immutable Parquet file, and the text index beside it.
import { createHash } from 'node:crypto'
import { createReadStream, mkdirSync } from 'node:fs'
import { open, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Engine } from './duckdb.ts'
import { syncFolder, writeError } from './frame-log.ts'
import type { Block, SegmentInfo } from './manifest.ts'
import { literal } from './sql.ts'

/** Small enough that one page of results decodes little, large enough for zstd (measured: 97-100 B an event). */
export const blockRows = 20_480
/** Columns of a block are short and alike: level 3 costs a quarter more time, and saves nothing (95 against 97 B an event). */
const zstdLevel = 1

export function segmentPath(dir: string, name: string): string {
  return join(dir, 'events', 'segments', `${name}.parquet`)
}

export function indexPath(dir: string, name: string): string {
  return join(dir, 'events', 'segments', `${name}.text`)
}

export interface SegmentContents extends Pick<SegmentInfo, 'name' | 'retention' | 'chapter' | 'partitions' | 'fields'> {
  /** SQL that gives the rows in their order. */
  select: string
}

/** Writes a segment whole and durable under its final name; the manifest does not know it yet. Undefined where it has no rows. */
export async function writeSegment(
  dir: string,
  engine: Engine,
  contents: SegmentContents,
  buildIndex: (path: string, rows: number) => Promise<Uint8Array>,
): Promise<SegmentInfo | undefined> {
  const { name, retention, chapter, partitions, fields } = contents
  const path = segmentPath(dir, name)
  const index = indexPath(dir, name)
  mkdirSync(join(dir, 'events', 'segments'), { recursive: true })
  try {
    await engine.copy(
      `COPY (${contents.select}) TO ${literal(`${path}.tmp`)} (FORMAT parquet, COMPRESSION zstd, ` +
        `COMPRESSION_LEVEL ${zstdLevel}, ROW_GROUP_SIZE ${blockRows}, PARQUET_VERSION v2)`,
    )
    const blocks = await blocksOf(engine, `${path}.tmp`)
    const rows = blocks.reduce((sum, block) => sum + block.rows, 0)
    if (rows === 0) {
      await rm(`${path}.tmp`, { force: true })
      return undefined
    }
    const indexBytes = await buildIndex(`${path}.tmp`, rows)
    await writeFile(`${index}.tmp`, indexBytes, { flush: true })
    await syncFile(`${path}.tmp`)
    const digest = await digestOf(`${path}.tmp`)
    const { size } = await stat(`${path}.tmp`)
    await rename(`${path}.tmp`, path)
    await rename(`${index}.tmp`, index)
    await syncFolder(join(dir, 'events', 'segments'))
    return {
      name,
      retention,
      chapter,
      rows,
      bytes: size,
      digest,
      indexDigest: createHash('sha256').update(indexBytes).digest('hex'),
      indexBytes: indexBytes.length,
      from: Math.min(...blocks.map((block) => block.from)),
      to: Math.max(...blocks.map((block) => block.to)),
      blocks,
      partitions,
      fields,
      layout: 1,
    }
  } catch (cause) {
    await rm(`${path}.tmp`, { force: true })
    await rm(`${index}.tmp`, { force: true })
    throw writeError(path, cause)
  }
}

export async function blocksOf(engine: Engine, path: string): Promise<Block[]> {
  const found = await engine.rows(
    `SELECT CAST(file_row_number // ${blockRows} AS DOUBLE) AS block, CAST(count(*) AS DOUBLE), CAST(min(_t) AS DOUBLE), ` +
      `CAST(max(_t) AS DOUBLE) FROM read_parquet(${literal(path)}, file_row_number = true) GROUP BY block ORDER BY block`,
  )
  return found.map(([, rows, from, to]) => ({ rows: Number(rows), from: Number(from), to: Number(to) }))
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/** SHA-256 of a file, 64 hex digits. */
export async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const part of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(part)
  return hash.digest('hex')
}
