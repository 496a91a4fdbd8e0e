// LZ4 frames, as Kafka's clients write them (https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md). Reading only.
import { VardeError } from '@varde/runtime'

const magic = 0x184d2204

function broken(): VardeError {
  return new VardeError('BUS_DAMAGED', 'an LZ4 frame is broken')
}

export function unlz4(bytes: Buffer, bytesMax: number): Buffer {
  if (bytes.length < 7 || bytes.readUInt32LE(0) !== magic) throw broken()
  const flags = bytes[4] ?? 0
  const hasSize = (flags & 0x08) !== 0
  const hasChecksums = (flags & 0x10) !== 0
  let at = 6 + (hasSize ? 8 : 0) + ((flags & 0x01) !== 0 ? 4 : 0) + 1
  // Blocks may refer to those before them, so they are unpacked into one buffer, which grows.
  let out: Buffer = Buffer.allocUnsafe(Math.min(bytesMax, Math.max(64 * 1024, bytes.length * 4)))
  let to = 0
  const room = (more: number) => {
    if (to + more > bytesMax) throw new VardeError('BUS_DAMAGED', `an LZ4 frame unpacks to over ${bytesMax} bytes`)
    if (to + more <= out.length) return
    const larger = Buffer.allocUnsafe(Math.min(bytesMax, Math.max(out.length * 2, to + more)))
    out.copy(larger, 0, 0, to)
    out = larger
  }
  for (;;) {
    if (at + 4 > bytes.length) throw broken()
    const header = bytes.readUInt32LE(at)
    at += 4
    if (header === 0) return out.subarray(0, to)
    const length = header & 0x7fffffff
    const end = at + length
    if (end > bytes.length) throw broken()
    if (header >>> 31 === 1) {
      room(length)
      bytes.copy(out, to, at, end)
      to += length
    } else unpackBlock(end)
    at = end + (hasChecksums ? 4 : 0)
  }

  function longLength(start: number, end: number): number {
    let length = start
    if (start < 15) return length
    for (;;) {
      if (at >= end) throw broken()
      const byte = bytes[at++] ?? 0
      length += byte
      if (byte < 255) return length
    }
  }

  function unpackBlock(end: number): void {
    while (at < end) {
      const token = bytes[at++] ?? 0
      const literals = longLength(token >> 4, end)
      if (at + literals > end) throw broken()
      room(literals)
      bytes.copy(out, to, at, at + literals)
      at += literals
      to += literals
      if (at >= end) return
      const distance = bytes.readUInt16LE(at)
      at += 2
      const length = longLength(token & 15, end) + 4
      if (distance === 0 || distance > to) throw broken()
      room(length)
      for (let n = 0; n < length; n += 1) out[to + n] = out[to + n - distance] ?? 0
      to += length
    }
  }
}
