// SHA-256 in the forms that the other files need, and the randomness of seeds.
import { hash, randomFillSync } from 'node:crypto'
import type { Digest } from '@varde/schema'

/** 64 lower-case hex digits. Texts are hashed as UTF-8. */
export function digestOf(data: string | Uint8Array): Digest {
  return hash('sha256', data, 'hex')
}

/**
 * The 32 bytes as a string of 32 characters 0-255: three times cheaper to get from Node and to write into a buffer
 * (Latin-1) than a Buffer is (measured on Node 26: 0.9 µs against 2.4 µs).
 */
export function digestBytes(data: Uint8Array): string {
  return hash('sha256', data, 'binary')
}

export function isDigest(text: unknown): text is Digest {
  return typeof text === 'string' && /^[0-9a-f]{64}$/.test(text)
}

/** What stands for "none before": the previous hash of a first seal or head. */
export const noDigest: Digest = '0'.repeat(64)

export const seedBytes = 16

/** Fresh seeds, each its own view on one filled buffer: one system call for a whole batch. */
export function drawSeeds(count: number): Uint8Array[] {
  const pool = randomFillSync(new Uint8Array(count * seedBytes))
  return Array.from({ length: count }, (_, n) => pool.subarray(n * seedBytes, (n + 1) * seedBytes))
}
