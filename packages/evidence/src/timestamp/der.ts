// The little of ASN.1 DER (X.690) that time stamps need: values with tag and content, read and written.

/** One value. `bytes` is the whole of it, head included. */
export interface DerValue {
  /** Identifier octet: 0x30 SEQUENCE, 0x31 SET, 0x02 INTEGER, 0xa0 [0] constructed … */
  tag: number
  content: Buffer
  bytes: Buffer
}

/** Values that stand one behind the other. Throws a RangeError where the lengths don't fit. */
export function readDer(bytes: Uint8Array): DerValue[] {
  const buffer = Buffer.from(bytes)
  const values: DerValue[] = []
  for (let at = 0; at < buffer.length; ) {
    const tag = buffer[at] ?? 0
    if ((tag & 0x1f) === 0x1f) throw new RangeError('a tag of more than one byte')
    const { length, head } = readLength(buffer, at + 1)
    const end = at + 1 + head + length
    if (end > buffer.length) throw new RangeError('a value is longer than what holds it')
    values.push({ tag, content: buffer.subarray(at + 1 + head, end), bytes: buffer.subarray(at, end) })
    at = end
  }
  return values
}

function readLength(buffer: Buffer, at: number): { length: number; head: number } {
  const first = buffer[at]
  if (first === undefined) throw new RangeError('a value is cut off')
  if (first < 0x80) return { length: first, head: 1 }
  const count = first & 0x7f
  // DER knows no open length, and 4 GB are enough.
  if (count === 0 || count > 4 || at + 1 + count > buffer.length)
    throw new RangeError('a length that DER does not know')
  return { length: buffer.readUIntBE(at + 1, count), head: 1 + count }
}

export function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content])
  const size: number[] = []
  for (let left = length; left > 0; left = Math.floor(left / 256)) size.unshift(left % 256)
  return Buffer.concat([Buffer.from([tag, 0x80 | size.length, ...size]), content])
}

/** An INTEGER that is not negative. */
export function derInteger(bytes: Uint8Array): Buffer {
  let from = 0
  while (from < bytes.length - 1 && bytes[from] === 0) from += 1
  const rest = bytes.subarray(from)
  return der(0x02, (rest[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), rest]) : rest)
}

export function derOid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  const bytes = [first * 40 + second]
  for (const part of rest) {
    const groups = [part % 128]
    for (let left = Math.floor(part / 128); left > 0; left = Math.floor(left / 128)) groups.unshift(0x80 | (left % 128))
    bytes.push(...groups)
  }
  return der(0x06, Buffer.from(bytes))
}

/** The dotted text of an OBJECT IDENTIFIER's content. */
export function oidText(content: Uint8Array): string {
  const parts: number[] = []
  let part = 0
  for (const byte of content) {
    part = part * 128 + (byte & 0x7f)
    if (byte >= 0x80) continue
    if (parts.length === 0)
      parts.push(Math.min(2, Math.floor(part / 40)), part - 40 * Math.min(2, Math.floor(part / 40)))
    else parts.push(part)
    part = 0
  }
  return parts.join('.')
}

/** UTC milliseconds of a GeneralizedTime as RFC 3161 §2.4.2 writes it. */
export function generalizedTime(content: Uint8Array): number {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{1,9}))?Z$/.exec(Buffer.from(content).toString('latin1'))
  if (match === null) throw new RangeError('a time that is none')
  const [, year, month, day, hour, minute, second, fraction = '0'] = match
  return (
    Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)) +
    Math.floor(Number(`0.${fraction}`) * 1000)
  )
}
