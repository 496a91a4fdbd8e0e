// Rewrites segments without the rows that were erased or expired: a new file beside the old one, the manifest, then the old one goes.
import type { Engine } from './duckdb.ts'
import type { SegmentInfo } from './manifest.ts'
import { segmentPath, writeSegment } from './segment.ts'
import { literal } from './sql.ts'
import { textIndexOf } from './text-of-segment.ts'

/** `<class>-<chapter>.r<n>`: the n-th rewriting of a chapter's segment. */
export function nextRevision(name: string): string {
  const [, base = name, revision = '0'] = /^(.+)\.r(\d+)$/.exec(name) ?? []
  return `${base}.r${Number(revision) + 1}`
}

export function isRevision(name: string): boolean {
  return /\.r\d+$/.test(name)
}

/** The new segment with the rows for which `kept` is true now, not known to the manifest yet; undefined where no row is left. */
export async function rewriteSegment(
  dir: string,
  engine: Engine,
  old: SegmentInfo,
  kept: string,
): Promise<SegmentInfo | undefined> {
  const path = segmentPath(dir, old.name)
  const rows = await keptRows(engine, path, old.rows, kept)
  // A look-up for each row leaves them in the file's order (`preserve_insertion_order`); a join might not, and sorting
  // rows as wide as these takes as long as all else.
  const bits = Array.from(rows, (one) => (one === 1 ? '1' : '0')).join('')
  const select =
    `SELECT * EXCLUDE (file_row_number) FROM read_parquet(${literal(path)}, file_row_number = true) ` +
    `WHERE get_bit(CAST('${bits}' AS BIT), CAST(file_row_number AS INTEGER)) = 1`
  // Its text is read while the rows are written: DuckDB does the one on its threads, this thread most of the other.
  const index = textIndexOf(engine, path, old.rows, rows)
  index.catch(() => {})
  const { retention, chapter, partitions, fields } = old
  const contents = { name: nextRevision(old.name), retention, chapter, select, partitions, fields }
  try {
    return await writeSegment(dir, engine, contents, () => index)
  } finally {
    // The old file may go only when nobody reads it any more.
    await index.catch(() => {})
  }
}

/** 1 for each row of the file that stays. */
async function keptRows(engine: Engine, path: string, count: number, kept: string): Promise<Uint8Array> {
  const rows = new Uint8Array(count)
  const found = await engine.rows(
    `SELECT CAST(file_row_number AS DOUBLE) FROM read_parquet(${literal(path)}, file_row_number = true) WHERE ${kept}`,
  )
  for (const [row] of found) rows[Number(row)] = 1
  return rows
}
