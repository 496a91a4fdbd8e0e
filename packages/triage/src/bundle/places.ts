// Where the timeline's rows of the first pass stand, in the order in which they were written: a fixed number of bytes for each.
import { readPart } from './parts.ts'

/** Files of the first pass with one stretch a row. */
export const rowFiles = ['csv', 'sketch', 'rows'] as const
type RowFile = (typeof rowFiles)[number]

/** Time as a double, three lengths, and whether an analyst marked the event. */
const placeBytes = 8 + 3 * 4 + 4

const place = Buffer.alloc(placeBytes)

/** Good until the next one. */
export function placeOf(time: number, lengths: Record<RowFile, number>, isMarked: boolean): Uint8Array {
  place.writeDoubleLE(time, 0)
  for (const [n, name] of rowFiles.entries()) place.writeUInt32LE(lengths[name], 8 + 4 * n)
  place.writeUInt32LE(isMarked ? 1 : 0, 20)
  return place
}

export interface Places {
  times: Float64Array
  marked: Uint8Array
  /** Where each row begins in its file, and behind the last one where that ends. */
  starts: Record<RowFile, Float64Array>
  /** Numbers of the rows by time; ties stay in the order of their seals. */
  order: Uint32Array
}

export function readPlaces(folder: string, rows: number): Places {
  const times = new Float64Array(rows)
  const marked = new Uint8Array(rows)
  const starts = {
    csv: new Float64Array(rows + 1),
    sketch: new Float64Array(rows + 1),
    rows: new Float64Array(rows + 1),
  }
  let row = 0
  let rest: Buffer = Buffer.alloc(0)
  for (const block of readPart(folder, 'places')) {
    const bytes =
      rest.length === 0 ? Buffer.from(block.buffer, block.byteOffset, block.length) : Buffer.concat([rest, block])
    let at = 0
    for (; at + placeBytes <= bytes.length; at += placeBytes) {
      times[row] = bytes.readDoubleLE(at)
      for (const [n, name] of rowFiles.entries())
        starts[name][row + 1] = (starts[name][row] ?? 0) + bytes.readUInt32LE(at + 8 + 4 * n)
      marked[row] = bytes.readUInt32LE(at + 20)
      row += 1
    }
    rest = bytes.subarray(at)
  }
  const order = new Uint32Array(rows)
  let isInOrder = true
  for (let n = 0; n < rows; n += 1) {
    order[n] = n
    if (n > 0 && (times[n] ?? 0) < (times[n - 1] ?? 0)) isInOrder = false
  }
  if (!isInOrder) order.sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b)
  return { marked, times, starts, order }
}
