// Records as bytes: how a frame's payload is written and read. FORMAT.md says it for strangers.
import { VardeError } from '@varde/runtime'
import type { BusRecord, StoredRecord } from '../port.ts'

/** Some records one after the other: what becomes a frame, alone or together with others. */
export interface Payload {
  bytes: Uint8Array
  count: number
}

/** Three lengths before the parts: key, headers, value. */
const recordHeaderBytes = 12
const noKey = 0xffffffff

/**
 * The records in payloads of about `payloadBytes`; a larger record has one of its own. They are copied: the caller may
 * use its buffers again. Headers are a JSON object, because one text is written and read much faster than many.
 */
export function encodeRecords(
  records: readonly BusRecord[],
  limit: { payloadBytes: number; recordBytes: number },
): Payload[] {
  const payloads: Payload[] = []
  let bytes = Buffer.alloc(0)
  let at = 0
  let count = 0
  const flush = () => {
    if (count > 0) payloads.push({ bytes: bytes.subarray(0, at), count })
    at = 0
    count = 0
  }
  let left = records.reduce((sum, { value, key }) => sum + value.length + 256 + (key?.length ?? 0) * 3, 0)
  for (const { value, key, headers } of records) {
    const headerText = headersText(headers)
    const most = recordHeaderBytes + value.length + headerText.length * 3 + (key?.length ?? 0) * 3
    if (most > limit.recordBytes) assertFits(value, key, headerText, limit.recordBytes)
    if (at + most > bytes.length) {
      flush()
      bytes = Buffer.allocUnsafeSlow(Math.max(most, Math.min(limit.payloadBytes, left)))
    }
    left -= value.length
    const start = at
    at += recordHeaderBytes
    bytes.writeUInt32BE(key === undefined ? noKey : bytes.write(key, at), start)
    if (key !== undefined) at += bytes.readUInt32BE(start)
    const headerBytes = headerText === '' ? 0 : bytes.write(headerText, at)
    bytes.writeUInt32BE(headerBytes, start + 4)
    at += headerBytes
    bytes.writeUInt32BE(value.length, start + 8)
    bytes.set(value, at)
    at += value.length
    count += 1
  }
  flush()
  return payloads
}

/** Writers often give the same objects again and again: what is frozen is written once. */
const headersTexts = new WeakMap<Readonly<Record<string, string>>, string>()

function headersText(headers: Readonly<Record<string, string>>): string {
  const known = headersTexts.get(headers)
  if (known !== undefined) return known
  const text = isEmpty(headers) ? '' : JSON.stringify(headers)
  if (Object.isFrozen(headers)) headersTexts.set(headers, text)
  return text
}

function isEmpty(headers: Readonly<Record<string, string>>): boolean {
  for (const _ in headers) return false
  return true
}

function assertFits(value: Uint8Array, key: string | undefined, headerText: string, bytesMax: number): void {
  const bytes = value.length + Buffer.byteLength(key ?? '') + Buffer.byteLength(headerText)
  if (bytes <= bytesMax) return
  throw new VardeError(
    'BUS_RECORD_TOO_LARGE',
    `a record of ${bytes} bytes is larger than ${bytesMax}; nothing of its batch was appended`,
    {
      facts: { bytes, bytesMax },
      hint: 'Split it before it is appended, or keep its content elsewhere and append a reference.',
    },
  )
}

/** Many records of a payload have the headers of one before them, letter for letter: they are read once, and shared. */
const sharedHeadersMax = 256
const noHeaders: Readonly<Record<string, string>> = Object.freeze({})

/** Values are views on the payload: they live as long as any of them is held. Headers are frozen. */
export function decodeRecords(payload: Uint8Array, count: number, base: number, appendedAt: number): StoredRecord[] {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length)
  const records: StoredRecord[] = []
  const shared = new Map<string, Readonly<Record<string, string>>>()
  let at = 0
  for (let n = 0; n < count; n += 1) {
    const keyLength = bytes.readUInt32BE(at)
    const headersAt = at + recordHeaderBytes + (keyLength === noKey ? 0 : keyLength)
    const valueAt = headersAt + bytes.readUInt32BE(at + 4)
    const end = valueAt + bytes.readUInt32BE(at + 8)
    const headers = valueAt === headersAt ? noHeaders : readHeaders(bytes.toString('utf8', headersAt, valueAt), shared)
    const record: StoredRecord = { offset: base + n, appendedAt, value: bytes.subarray(valueAt, end), headers }
    if (keyLength !== noKey) record.key = bytes.toString('utf8', at + recordHeaderBytes, headersAt)
    records.push(record)
    at = end
  }
  if (at !== bytes.length) throw new RangeError(`${count} records end at byte ${at} of ${bytes.length}`)
  return records
}

function readHeaders(
  text: string,
  shared: Map<string, Readonly<Record<string, string>>>,
): Readonly<Record<string, string>> {
  const known = shared.get(text)
  if (known !== undefined) return known
  const headers: Readonly<Record<string, string>> = Object.freeze(JSON.parse(text))
  // Where each record has its own, remembering them costs and helps nothing.
  if (shared.size < sharedHeadersMax) shared.set(text, headers)
  return headers
}

/** What a record counts towards a batch's `bytesMax`. */
export function recordBytes(record: StoredRecord): number {
  return record.value.length + (record.key?.length ?? 0) + 64
}
