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
  const select = `SELECT * EXCLUDE (file_row_number) FROM read_parquet(${literal(segmentPath(dir, old.name))}, file_row_number = true) WHERE ${kept} ORDER BY file_row_number`
  return writeSegment(
    dir,
    engine,
    {
      name: nextRevision(old.name),
      retention: old.retention,
      chapter: old.chapter,
      select,
      partitions: old.partitions,
      fields: old.fields,
    },
    (path, rows) => textIndexOf(engine, path, rows),
  )
}
