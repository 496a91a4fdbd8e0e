// The text index of a segment from the segment itself: where its log is gone, or holds rows that the segment must not have.
import type { Engine } from './duckdb.ts'
import { blockRows } from './segment.ts'
import { literal } from './sql.ts'
import { createTextIndexBuilder } from './text-index.ts'

/** Of all rows, or of those for which `kept` has 1; `rows` is how many the file has in all. */
export async function textIndexOf(engine: Engine, path: string, rows: number, kept?: Uint8Array): Promise<Uint8Array> {
  const builder = createTextIndexBuilder()
  for (let from = 0; from < rows; from += blockRows) {
    const lines = await engine.rows(
      `SELECT _raw FROM read_parquet(${literal(path)}, file_row_number = true) ` +
        `WHERE file_row_number BETWEEN ${from} AND ${from + blockRows - 1} ORDER BY file_row_number`,
    )
    for (const [n, [line]] of lines.entries())
      if (kept === undefined || kept[from + n] === 1) builder.addText(String(line))
  }
  return builder.finish()
}
