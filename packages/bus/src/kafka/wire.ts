// Kafka's own way of writing numbers and texts, for the requests that kafkajs lacks or does slowly.

/** Where reading has come to. */
export interface Cursor {
  buffer: Buffer
  at: number
}

export function readVarint(cursor: Cursor): number {
  const { buffer } = cursor
  let at = cursor.at
  let byte = buffer[at++] ?? 0
  let value = byte & 0x7f
  for (let shift = 7; byte > 127 && shift < 35; shift += 7) {
    byte = buffer[at++] ?? 0
    value |= (byte & 0x7f) << shift
  }
  cursor.at = at
  return (value >>> 1) ^ -(value & 1)
}

/** Zigzag of 64 bits, as a number: times and their differences stay below 2^53. */
export function readVarlong(cursor: Cursor): number {
  let value = 0
  let factor = 1
  for (let count = 0; count < 10; count += 1) {
    const byte = cursor.buffer[cursor.at++] ?? 0
    value += (byte & 0x7f) * factor
    if (byte < 128) break
    factor *= 128
  }
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2
}

export function readUvarint(cursor: Cursor): number {
  let value = 0
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = cursor.buffer[cursor.at++] ?? 0
    value |= (byte & 0x7f) << shift
    if (byte < 128) break
  }
  return value >>> 0
}

export function readInt16(cursor: Cursor): number {
  cursor.at += 2
  return cursor.buffer.readInt16BE(cursor.at - 2)
}

export function readInt32(cursor: Cursor): number {
  cursor.at += 4
  return cursor.buffer.readInt32BE(cursor.at - 4)
}

export function readInt64(cursor: Cursor): number {
  cursor.at += 8
  return Number(cursor.buffer.readBigInt64BE(cursor.at - 8))
}

export function readString(cursor: Cursor): string {
  const bytes = readInt16(cursor)
  if (bytes < 0) return ''
  cursor.at += bytes
  return cursor.buffer.toString('utf8', cursor.at - bytes, cursor.at)
}

/** Of the flexible versions: length + 1 as an unsigned varint; 0 is null. */
export function readCompactString(cursor: Cursor): string {
  const bytes = readUvarint(cursor) - 1
  if (bytes < 0) return ''
  cursor.at += bytes
  return cursor.buffer.toString('utf8', cursor.at - bytes, cursor.at)
}

export function skipTags(cursor: Cursor): void {
  for (let tags = readUvarint(cursor); tags > 0; tags -= 1) {
    readUvarint(cursor)
    cursor.at += readUvarint(cursor)
  }
}

export function readMany<T>(count: number, read: () => T): T[] {
  return Array.from({ length: Math.max(0, count) }, read)
}

export function varintBytes(value: number): number {
  let zigzag = ((value << 1) ^ (value >> 31)) >>> 0
  let bytes = 1
  while (zigzag > 127) {
    zigzag >>>= 7
    bytes += 1
  }
  return bytes
}

export function writeVarint(cursor: Cursor, value: number): void {
  let zigzag = ((value << 1) ^ (value >> 31)) >>> 0
  while (zigzag > 127) {
    cursor.buffer[cursor.at++] = (zigzag & 0x7f) | 0x80
    zigzag >>>= 7
  }
  cursor.buffer[cursor.at++] = zigzag
}

export function uvarint(value: number): Buffer {
  const bytes: number[] = []
  let left = value
  while (left > 127) {
    bytes.push((left & 0x7f) | 0x80)
    left >>>= 7
  }
  bytes.push(left)
  return Buffer.from(bytes)
}

export function int16(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(2)
  bytes.writeInt16BE(value)
  return bytes
}

export function int32(...values: number[]): Buffer {
  const bytes = Buffer.allocUnsafe(4 * values.length)
  values.forEach((value, index) => {
    bytes.writeInt32BE(value, 4 * index)
  })
  return bytes
}

export function int64(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeBigInt64BE(BigInt(value))
  return bytes
}

export function string(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([int16(bytes.length), bytes])
}

export function compactString(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([uvarint(bytes.length + 1), bytes])
}
