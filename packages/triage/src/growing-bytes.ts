// Bytes that are appended to, in one buffer that can be handed to another thread.

const startBytes = 64 * 1024

export function growingBytes() {
  let held = Buffer.alloc(startBytes)
  let size = 0
  const need = (more: number) => {
    if (size + more <= held.length) return
    const larger = Buffer.alloc(Math.max(2 * held.length, size + more))
    held.copy(larger, 0, 0, size)
    held = larger
  }
  return {
    /** Gives how many bytes these were. */
    write(part: string | Uint8Array): number {
      // UTF-8 takes at most three bytes for a code unit of UTF-16.
      need(typeof part === 'string' ? part.length * 3 : part.length)
      const before = size
      if (typeof part === 'string') size += held.write(part, size)
      else {
        held.set(part, size)
        size += part.length
      }
      return size - before
    },
    bytes: (): Uint8Array => new Uint8Array(held.buffer, held.byteOffset, size),
  }
}
