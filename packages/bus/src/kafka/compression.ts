// What record batches are compressed with: written as gzip or zstd, read as whatever a producer chose.
import { promisify } from 'node:util'
import { constants, gunzipSync, gzip, zstdCompress, zstdDecompressSync } from 'node:zlib'
import { VardeError } from '@varde/runtime'
import { unlz4 } from './lz4.ts'
import { type Compression, compressions } from './settings.ts'
import { unsnappy } from './snappy.ts'

const [gzipLater, zstdLater] = [promisify(gzip), promisify(zstdCompress)]
// Level 1 takes half the time of 3 for a tenth more bytes.
const zstdOptions = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

/** One batch of a foreign topic: brokers refuse compressed batches above 1 MB by default, and logs shrink tenfold. */
const unpackedBytesMax = 256 * 1024 * 1024

export async function compress(bytes: Buffer, how: Compression): Promise<Buffer> {
  if (how === 'zstd') return zstdLater(bytes, zstdOptions)
  return how === 'gzip' ? gzipLater(bytes) : bytes
}

/** `codec` is the low three bits of a batch's attributes. */
export function decompress(bytes: Buffer, codec: number): Buffer {
  switch (codec) {
    case compressions.none:
      return bytes
    case compressions.gzip:
      return gunzipSync(bytes, { maxOutputLength: unpackedBytesMax })
    case 2:
      return unsnappy(bytes, unpackedBytesMax)
    case 3:
      return unlz4(bytes, unpackedBytesMax)
    case compressions.zstd:
      return zstdDecompressSync(bytes, { maxOutputLength: unpackedBytesMax })
    default:
      throw new VardeError('BUS_DAMAGED', `a record batch is compressed in an unknown way (${codec})`)
  }
}
