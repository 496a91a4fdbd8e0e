// CRC-32C (Castagnoli, RFC 3720 appendix B.4): the checksum of Kafka's record batches. `node:zlib` has the other polynomial.

// Eight tables: eight bytes a step.
const tables = makeTables()

function makeTables(): Int32Array[] {
  const first = new Int32Array(256)
  for (let n = 0; n < 256; n += 1) {
    let value = n
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1
    first[n] = value
  }
  const all = [first]
  for (let table = 1; table < 8; table += 1) {
    const previous = all[table - 1] ?? first
    all.push(
      first.map((_, n) => {
        const value = previous[n] ?? 0
        return (value >>> 8) ^ (first[value & 0xff] ?? 0)
      }),
    )
  }
  return all
}

const [t0, t1, t2, t3, t4, t5, t6, t7] = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => tables[n] ?? new Int32Array(256))

export function crc32c(bytes: Uint8Array, from = 0, to = bytes.length): number {
  if (!(t0 && t1 && t2 && t3 && t4 && t5 && t6 && t7)) return 0
  let crc = -1
  let at = from
  const at8 = to - 8
  const byte = (n: number) => bytes[n] ?? 0
  for (; at <= at8; at += 8) {
    const low = crc ^ (byte(at) | (byte(at + 1) << 8) | (byte(at + 2) << 16) | (byte(at + 3) << 24))
    crc =
      (t7[low & 0xff] ?? 0) ^
      (t6[(low >>> 8) & 0xff] ?? 0) ^
      (t5[(low >>> 16) & 0xff] ?? 0) ^
      (t4[low >>> 24] ?? 0) ^
      (t3[byte(at + 4)] ?? 0) ^
      (t2[byte(at + 5)] ?? 0) ^
      (t1[byte(at + 6)] ?? 0) ^
      (t0[byte(at + 7)] ?? 0)
  }
  for (; at < to; at += 1) crc = (crc >>> 8) ^ (t0[(crc ^ byte(at)) & 0xff] ?? 0)
  return ~crc >>> 0
}
