// Counts the rows of an export while it comes in.

export type ExportFormat = 'ndjson' | 'csv'

const newline = 0x0a
const quote = 0x22

/** Pieces may break anywhere, since only ASCII bytes are looked at. A CSV's head is no row, and a break inside quotes is text. */
export function createRowCounter(format: ExportFormat): { add(piece: Uint8Array): void; rows(): number } {
  let lines = 0
  let quoted = false
  return {
    add(piece) {
      for (const byte of piece) {
        if (format === 'csv' && byte === quote) quoted = !quoted
        else if (byte === newline && !quoted) lines += 1
      }
    },
    rows: () => (format === 'csv' ? Math.max(0, lines - 1) : lines),
  }
}
