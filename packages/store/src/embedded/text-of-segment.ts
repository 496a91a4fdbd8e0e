// The text index of a segment from the segment itself: where its log is gone, or holds rows that the segment must not have.
import type { Engine } from './duckdb.ts'
import { blockRows } from './segment.ts'
import { literal } from './sql.ts'
import { createTextIndexBuilder } from './text-index.ts'

/** Of the rows for which the SQL is true; `rows` is how many the file has in all. */
export async function textIndexOf(
  engine: Engine,
  path: string,
  rows: number,
  kept = 'true',
): Promise<{ index: Uint8Array; rows: number }> {
  const builder = createTextIndexBuilder()
  let found = 0
  for (let from = 0; from < rows; from += blockRows) {
    const lines = await engine.rows(
      `SELECT _raw FROM read_parquet(${literal(path)}, file_row_number = true) ` +
        `WHERE file_row_number BETWEEN ${from} AND ${from + blockRows - 1} AND (${kept}) ORDER BY file_row_number`,
    )
    for (const [line] of lines) builder.addText(String(line))
    found += lines.length
  }
  return { index: builder.finish(), rows: found }
}
