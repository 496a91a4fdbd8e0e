// Snappy, as Java's and C's Kafka clients write it: raw blocks, or the blocks in Xerial's framing. Reading only.
import { VardeError } from '@varde/runtime'

const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const xerialHeaderBytes = 16

export function unsnappy(bytes: Buffer, bytesMax: number): Buffer {
  if (!bytes.subarray(0, 8).equals(xerialMagic)) return unpackBlock(bytes, bytesMax)
  const blocks: Buffer[] = []
  let left = bytesMax
  for (let at = xerialHeaderBytes; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at)
    const block = unpackBlock(bytes.subarray(at + 4, at + 4 + length), left)
    blocks.push(block)
    left -= block.length
    at += 4 + length
  }
  return Buffer.concat(blocks)
}

function broken(): VardeError {
  return new VardeError('BUS_DAMAGED', 'a snappy block is broken')
}

/** https://github.com/google/snappy/blob/main/format_description.txt */
function unpackBlock(bytes: Buffer, bytesMax: number): Buffer {
  let at = 0
  let size = 0
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = bytes[at++] ?? 0
    size += (byte & 0x7f) * 2 ** shift
    if (byte < 128) break
  }
  if (size > bytesMax) throw new VardeError('BUS_DAMAGED', `a snappy block claims ${size} bytes`)
  const out = Buffer.allocUnsafe(size)
  let to = 0
  const copyBack = (length: number, distance: number) => {
    if (distance <= 0 || distance > to || to + length > size) throw broken()
    // Overlapping copies repeat what they have just written.
    for (let n = 0; n < length; n += 1) out[to + n] = out[to + n - distance] ?? 0
    to += length
  }
  while (at < bytes.length) {
    const tag = bytes[at++] ?? 0
    const kind = tag & 3
    if (kind === 0) {
      let length = (tag >> 2) + 1
      if (length > 60) {
        const extra = length - 60
        length = bytes.readUIntLE(at, extra) + 1
        at += extra
      }
      if (at + length > bytes.length || to + length > size) throw broken()
      bytes.copy(out, to, at, at + length)
      at += length
      to += length
    } else if (kind === 1) copyBack(((tag >> 2) & 7) + 4, ((tag >> 5) << 8) | (bytes[at++] ?? 0))
    else if (kind === 2) {
      copyBack((tag >> 2) + 1, bytes.readUInt16LE(at))
      at += 2
    } else {
      copyBack((tag >> 2) + 1, bytes.readUInt32LE(at))
      at += 4
    }
  }
  if (to !== size) throw broken()
  return out
}
