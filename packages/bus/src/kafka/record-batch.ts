// Record batches of Kafka, version 2 (https://kafka.apache.org/documentation/#recordbatch): written and read in one pass.
import { VardeError } from '@varde/runtime'
import type { BusRecord, StoredRecord } from '../port.ts'
import { compress, decompress } from './compression.ts'
import { crc32c } from './crc32c.ts'
import { type Compression, compressions } from './settings.ts'
import { type Cursor, readVarint, readVarlong, varintBytes, writeVarint } from './wire.ts'

const headerBytes = 61
/** Says of a record that its batch could not be read, and why. */
export const poisonHeader = 'varde.poison'
const magic = 2
const logAppendTime = 0x08
const control = 0x20

/** Upper bound of what a record takes in a batch. */
export function recordBytes(record: BusRecord): number {
  let bytes = record.value.length + 32
  if (record.key !== undefined) bytes += record.key.length * 3
  for (const name in record.headers) bytes += name.length * 3 + (record.headers[name]?.length ?? 0) * 3 + 10
  return bytes
}

export interface BatchOrigin {
  producerId: number
  producerEpoch: number
  sequence: number
  /** UTC milliseconds; topics of Varde's are stamped by the broker instead. */
  time: number
}

export async function encodeBatch(records: BusRecord[], origin: BatchOrigin, how: Compression): Promise<Buffer> {
  const plain = writeRecords(records)
  const body = await compress(plain, how)
  const batch = Buffer.allocUnsafe(headerBytes + body.length)
  batch.writeBigInt64BE(0n, 0)
  batch.writeInt32BE(headerBytes - 12 + body.length, 8)
  batch.writeInt32BE(-1, 12)
  batch.writeInt8(magic, 16)
  batch.writeInt16BE(compressions[how], 21)
  batch.writeInt32BE(records.length - 1, 23)
  batch.writeBigInt64BE(BigInt(origin.time), 27)
  batch.writeBigInt64BE(BigInt(origin.time), 35)
  batch.writeBigInt64BE(BigInt(origin.producerId), 43)
  batch.writeInt16BE(origin.producerEpoch, 51)
  batch.writeInt32BE(origin.sequence, 53)
  batch.writeInt32BE(records.length, 57)
  body.copy(batch, headerBytes)
  batch.writeUInt32BE(crc32c(batch, 21), 17)
  return batch
}

function writeRecords(records: BusRecord[]): Buffer {
  let room = 0
  for (const record of records) room += recordBytes(record)
  const cursor: Cursor = { buffer: Buffer.allocUnsafe(room), at: 0 }
  for (const [index, record] of records.entries()) {
    const key = record.key === undefined ? -1 : Buffer.byteLength(record.key)
    const headers = Object.entries(record.headers).map(
      ([name, text]) => [name, Buffer.byteLength(name), text, Buffer.byteLength(text)] as const,
    )
    let bytes = 2 + varintBytes(index) + varintBytes(key) + Math.max(0, key)
    bytes += varintBytes(record.value.length) + record.value.length + varintBytes(headers.length)
    for (const [, name, , text] of headers) bytes += varintBytes(name) + name + varintBytes(text) + text
    writeVarint(cursor, bytes)
    cursor.buffer[cursor.at++] = 0
    // All of a batch have its time.
    cursor.buffer[cursor.at++] = 0
    writeVarint(cursor, index)
    writeVarint(cursor, key)
    if (record.key !== undefined) cursor.at += cursor.buffer.write(record.key, cursor.at)
    writeVarint(cursor, record.value.length)
    cursor.buffer.set(record.value, cursor.at)
    cursor.at += record.value.length
    writeVarint(cursor, headers.length)
    for (const [name, nameBytes, text, textBytes] of headers) {
      writeVarint(cursor, nameBytes)
      cursor.at += cursor.buffer.write(name, cursor.at)
      writeVarint(cursor, textBytes)
      cursor.at += cursor.buffer.write(text, cursor.at)
    }
  }
  return cursor.buffer.subarray(0, cursor.at)
}

export interface Decoded {
  records: StoredRecord[]
  /** One past the last offset that was looked at: control batches and compacted records have none of their own. */
  next: number
}

/** Whole batches of a fetch, from an offset on; the cut-off one at the end is left for the next fetch. */
export function decodeBatches(set: Buffer, from: number): Decoded {
  const records: StoredRecord[] = []
  let next = from
  let at = 0
  while (at + headerBytes <= set.length) {
    const end = at + 12 + set.readInt32BE(at + 8)
    if (end > set.length) break
    const base = Number(set.readBigInt64BE(at))
    const last = base + set.readInt32BE(at + 23)
    const attributes = set.readInt16BE(at + 21)
    if ((attributes & control) === 0) {
      const facts = { base, from, count: set.readInt32BE(at + 57), ...times(set, at, attributes) }
      const before = records.length
      try {
        if (set.readInt8(at + 16) !== magic) throw new VardeError('BUS_DAMAGED', 'a record batch of another version')
        readRecords(decompress(set.subarray(at + headerBytes, end), attributes & 7), facts, records)
      } catch (error) {
        records.splice(before)
        records.push(...poisoned(set.subarray(at, end), Math.max(base, from), last, facts.time, error))
      }
    }
    next = Math.max(next, last + 1)
    at = end
  }
  return { records, next }
}

/**
 * A batch that nobody can read, as records: the first has its bytes, so that whoever follows the topic can keep them with
 * what else is unreadable and go on.
 */
function poisoned(batch: Buffer, from: number, last: number, time: number, error: unknown): StoredRecord[] {
  const reason = error instanceof Error ? error.message : String(error)
  return Array.from({ length: Math.max(0, last - from + 1) }, (_, index) => ({
    value: index === 0 ? batch : nothing,
    headers: { [poisonHeader]: reason },
    offset: from + index,
    appendedAt: time,
  }))
}

function times(set: Buffer, at: number, attributes: number): { time: number; stamped: boolean } {
  const stamped = (attributes & logAppendTime) !== 0
  return { stamped, time: Number(set.readBigInt64BE(stamped ? at + 35 : at + 27)) }
}

interface BatchFacts {
  base: number
  from: number
  count: number
  time: number
  stamped: boolean
}

const nothing = Buffer.alloc(0)
/** Headers of one topic repeat: their texts are decoded once, and compare fast further on because they are the same. */
const lastTexts = new Map<string, { bytes: Buffer; text: string }>()
const lastTextsMax = 256

function headerText(name: string, bytes: Buffer): string {
  const last = lastTexts.get(name)
  if (last?.bytes.equals(bytes)) return last.text
  const text = bytes.toString('utf8')
  if (lastTexts.size >= lastTextsMax) lastTexts.clear()
  // A copy: a part would keep the whole fetch in memory.
  lastTexts.set(name, { bytes: Buffer.from(bytes), text })
  return text
}

function readRecords(body: Buffer, facts: BatchFacts, into: StoredRecord[]): void {
  const cursor: Cursor = { buffer: body, at: 0 }
  for (let n = 0; n < facts.count; n += 1) {
    const bytes = readVarint(cursor)
    const end = cursor.at + bytes
    if (bytes < 0 || end > body.length) throw new VardeError('BUS_DAMAGED', 'a record reaches beyond its batch')
    cursor.at += 1
    const late = readVarlong(cursor)
    const offset = facts.base + readVarint(cursor)
    if (offset < facts.from) {
      cursor.at = end
      continue
    }
    const key = readBytes(cursor)
    const value = readBytes(cursor)
    const headers: Record<string, string> = {}
    for (let count = readVarint(cursor); count > 0; count -= 1) {
      const name = readBytes(cursor)?.toString('utf8') ?? ''
      const text = headerText(name, readBytes(cursor) ?? nothing)
      if (name === '__proto__') Object.defineProperty(headers, name, { value: text, enumerable: true, writable: true })
      else headers[name] = text
    }
    const record: StoredRecord = {
      value: value ?? nothing,
      headers,
      offset,
      appendedAt: facts.stamped ? facts.time : facts.time + late,
    }
    if (key !== undefined) record.key = key.toString('utf8')
    into.push(record)
    cursor.at = end
  }
}

function readBytes(cursor: Cursor): Buffer | undefined {
  const length = readVarint(cursor)
  if (length < 0) return undefined
  cursor.at += length
  return cursor.buffer.subarray(cursor.at - length, cursor.at)
}
