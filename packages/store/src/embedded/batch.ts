// A batch of events of one retention class as bytes: made in the caller's thread, appended to the log as it is.
import type { Home, StoredEvent } from '@varde/schema'
import type { LineWriter } from './event-line.ts'
import type { PackedField } from './field-catalogue.ts'
import type { LineBuffer } from './line-bytes.ts'

export type Partition = Omit<Home, 'offset'>
export type SenderOf =
  | { row: number; tenant: string; source: string; key: string }
  | { row: number; tenant: string; source: string; producer: string; sequence: number }

export interface Batch {
  rows: number
  fields: PackedField[]
  partitions: Partition[]
  /** Index into `partitions`, by row. */
  partition: Uint32Array
  offset: Float64Array
  /** UTC milliseconds of the event. */
  time: Float64Array
  /** Where the line ends, and where its raw text's JSON begins, in bytes of `lines`. */
  lineEnd: Uint32Array
  rawStart: Uint32Array
  senders: SenderOf[]
  /** Lines of JSON, each ended by a newline. */
  lines: Uint8Array
}

/** Row numbers of refused events are left out of the batch; `rows` maps its rows to positions in `events`. */
export interface WrittenBatch {
  bytes: Uint8Array<ArrayBuffer>
  positions: number[]
  refused: { position: number; reason: string }[]
}

interface Meta {
  rows: number
  fields: PackedField[]
  partitions: Partition[]
  senders: SenderOf[]
}

const headBytes = 8
const rowBytes = 28

/** Lines are copied out of it before the next batch begins: nothing waits in between. */
let lineBuffer: LineBuffer = { bytes: Buffer.alloc(0), at: 0 }
const keptBytesMax = 32 * 1024 * 1024

function takeBuffer(): LineBuffer {
  const { bytes } = lineBuffer
  if (bytes.length === 0 || bytes.length > keptBytesMax) lineBuffer = { bytes: Buffer.allocUnsafeSlow(65_536), at: 0 }
  lineBuffer.at = 0
  return lineBuffer
}

export function writeBatch(events: StoredEvent[], positions: number[], writer: LineWriter): WrittenBatch {
  const kept: number[] = []
  const refused: { position: number; reason: string }[] = []
  const partitions: Partition[] = []
  const numbers = new Map<string, number>()
  const senders: SenderOf[] = []
  const columns = emptyColumns(positions.length)
  const buffer = takeBuffer()
  for (const position of positions) {
    const stored = events[position]
    if (stored === undefined) continue
    const line = writer.write(stored, buffer)
    if (!line.ok) {
      refused.push({ position, reason: line.reason })
      continue
    }
    const row = kept.length
    columns.rawStart[row] = line.rawStart
    columns.lineEnd[row] = buffer.at
    columns.time[row] = line.time
    columns.offset[row] = stored.home.offset
    columns.partition[row] = partitionNumber(stored.home, partitions, numbers)
    const { tenant, source, sender } = stored
    if (sender !== undefined) senders.push({ row, tenant, source, ...sender })
    kept.push(position)
  }
  const batch = {
    rows: kept.length,
    fields: writer.takeFields(),
    partitions,
    senders,
    ...columns,
    lines: buffer.bytes.subarray(0, buffer.at),
  }
  return { bytes: packBatch(batch), positions: kept, refused }
}

function partitionNumber(home: Home, partitions: Partition[], numbers: Map<string, number>): number {
  const key = `${home.stream}.${home.generation}.${home.partition}`
  const known = numbers.get(key)
  if (known !== undefined) return known
  numbers.set(key, partitions.length)
  partitions.push({ stream: home.stream, generation: home.generation, partition: home.partition })
  return partitions.length - 1
}

function emptyColumns(rows: number) {
  return {
    partition: new Uint32Array(rows),
    offset: new Float64Array(rows),
    time: new Float64Array(rows),
    lineEnd: new Uint32Array(rows),
    rawStart: new Uint32Array(rows),
  }
}

/** Layout (little-endian): meta length, rows; offset f64[], time f64[], lineEnd u32[], rawStart u32[], partition u32[]; meta JSON; lines. */
export function packBatch(batch: Batch): Uint8Array<ArrayBuffer> {
  const { rows } = batch
  const meta: Meta = { rows, fields: batch.fields, partitions: batch.partitions, senders: batch.senders }
  const metaBytes = Buffer.from(JSON.stringify(meta))
  const bytes = new Uint8Array(headBytes + rows * rowBytes + metaBytes.length + batch.lines.length)
  const head = new DataView(bytes.buffer)
  head.setUint32(0, metaBytes.length, true)
  head.setUint32(4, rows, true)
  let at = headBytes
  for (const column of [batch.offset, batch.time, batch.lineEnd, batch.rawStart, batch.partition]) {
    const part = column.subarray(0, rows)
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at)
    at += part.byteLength
  }
  bytes.set(metaBytes, at)
  bytes.set(batch.lines, at + metaBytes.length)
  return bytes
}

export function unpackBatch(bytes: Uint8Array): Batch {
  const head = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const metaLength = head.getUint32(0, true)
  const rows = head.getUint32(4, true)
  let at = headBytes
  const take = (length: number) => {
    // Copied (a Buffer's own slice would not): a view of 8-byte numbers must be aligned, and a payload inside a file is not.
    const part = new Uint8Array(bytes.subarray(at, at + length))
    at += length
    return part.buffer
  }
  const columns = {
    offset: new Float64Array(take(rows * 8)),
    time: new Float64Array(take(rows * 8)),
    lineEnd: new Uint32Array(take(rows * 4)),
    rawStart: new Uint32Array(take(rows * 4)),
    partition: new Uint32Array(take(rows * 4)),
  }
  const meta: Meta = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset + at, metaLength).toString('utf8'))
  return { ...meta, ...columns, lines: bytes.subarray(at + metaLength) }
}

/** Only these rows of the batch, in their order. */
export function selectRows(batch: Batch, rows: number[]): Batch {
  const columns = emptyColumns(rows.length)
  const senderOf = new Map(batch.senders.map((sender) => [sender.row, sender]))
  const senders: SenderOf[] = []
  const parts: Uint8Array[] = []
  let at = 0
  for (const [to, row] of rows.entries()) {
    const start = row === 0 ? 0 : (batch.lineEnd[row - 1] ?? 0)
    const end = batch.lineEnd[row] ?? start
    parts.push(batch.lines.subarray(start, end))
    columns.rawStart[to] = at + (batch.rawStart[row] ?? start) - start
    at += end - start
    columns.lineEnd[to] = at
    columns.time[to] = batch.time[row] ?? 0
    columns.offset[to] = batch.offset[row] ?? 0
    columns.partition[to] = batch.partition[row] ?? 0
    const sender = senderOf.get(row)
    if (sender !== undefined) senders.push({ ...sender, row: to })
  }
  return { ...batch, ...columns, rows: rows.length, senders, lines: Buffer.concat(parts) }
}

export function lineOf(batch: Batch, row: number): string {
  const start = row === 0 ? 0 : (batch.lineEnd[row - 1] ?? 0)
  return Buffer.from(
    batch.lines.buffer,
    batch.lines.byteOffset + start,
    (batch.lineEnd[row] ?? start) - start,
  ).toString('utf8')
}
