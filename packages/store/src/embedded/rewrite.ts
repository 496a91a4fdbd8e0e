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

/** The new segment with the rows for which `kept` is true, not known to the manifest yet; undefined where no row is left. */
export async function rewriteSegment(
  dir: string,
  engine: Engine,
  old: SegmentInfo,
  kept: string,
): Promise<SegmentInfo | undefined> {
  const path = segmentPath(dir, old.name)
  const select = `SELECT * EXCLUDE (file_row_number) FROM read_parquet(${literal(path)}, file_row_number = true) WHERE ${kept} ORDER BY file_row_number`
  // Its text is read while the rows are written: DuckDB does the one on its threads, this thread most of the other.
  const ahead = textIndexOf(engine, path, old.rows, kept)
  ahead.catch(() => {})
  const { retention, chapter, partitions, fields } = old
  try {
    return await writeSegment(
      dir,
      engine,
      { name: nextRevision(old.name), retention, chapter, select, partitions, fields },
      async (written, rows) => {
        const made = await ahead
        // What is erased only grows: as many rows are the same rows. Where some were erased in between, the new file is read.
        return made.rows === rows ? made.index : (await textIndexOf(engine, written, rows)).index
      },
    )
  } finally {
    // The old file may go only when nobody reads it any more.
    await ahead.catch(() => {})
  }
}
