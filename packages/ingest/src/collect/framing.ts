// Cuts a TCP byte stream into syslog records: newline, CRLF, NUL and octet-counted (RFC 6587), recognised frame by frame.

export interface Framing {
  /** A socket's chunk; records come out through `onRecord` in order. */
  push(chunk: Buffer): void
  /** The connection ended: what stands unfinished is still a record. */
  end(): void
  /** True while a frame has begun and not ended. */
  open(): boolean
}

export interface FramingOptions {
  recordBytesMax: number
  /** `cutBytes`: bytes of this record that were left out, 0 for a whole one. */
  onRecord(raw: Buffer, cutBytes: number): void
  /** An octet-counted frame that ended before its count, or an empty line. */
  onOddity(what: 'truncated' | 'empty'): void
}

const lineFeed = 10
const carriageReturn = 13
const space = 32
const lessThan = 60
// RFC 6587 3.4.1: MSG-LEN SP SYSLOG-MSG, and a syslog message begins with '<'. Eight digits are 100 MB.
const countDigitsMax = 8

type CountPrefix = { found: true; length: number; headBytes: number } | { found: false; undecided: boolean }

/** Reads `123 <` at the place; undecided where the chunk ends too early to tell. */
export function readCount(bytes: Buffer, at: number): CountPrefix {
  let length = 0
  for (let i = 0; ; i += 1) {
    const byte = bytes[at + i]
    if (byte === undefined) return { found: false, undecided: i <= countDigitsMax }
    if (byte >= 48 && byte <= 57 && i < countDigitsMax && !(i === 0 && byte === 48)) {
      length = length * 10 + byte - 48
      continue
    }
    if (byte !== space || i === 0) return { found: false, undecided: false }
    const first = bytes[at + i + 1]
    if (first === undefined) return { found: false, undecided: true }
    return first === lessThan ? { found: true, length, headBytes: i + 1 } : { found: false, undecided: false }
  }
}

export function createFraming(options: FramingOptions): Framing {
  const { recordBytesMax, onRecord, onOddity } = options
  // The frame in progress: parts kept (never more than recordBytesMax), bytes beyond them, and what is missing of a count.
  let parts: Buffer[] = []
  let kept = 0
  let cut = 0
  let counted: number | undefined
  /** Digits at a frame's start that may yet become a count. */
  let undecided: Buffer | undefined

  const keep = (bytes: Buffer) => {
    const room = recordBytesMax - kept
    const part = bytes.length > room ? bytes.subarray(0, room) : bytes
    if (part.length > 0) parts.push(part)
    kept += part.length
    cut += bytes.length - part.length
  }

  const finish = () => {
    let raw = parts.length === 1 ? parts[0] : Buffer.concat(parts)
    const left = cut
    parts = []
    kept = 0
    cut = 0
    counted = undefined
    if (raw === undefined) return
    let end = raw.length
    if (left === 0) {
      // Terminators that stand inside a counted frame, and the CR of CRLF, are framing and no content.
      while (end > 0 && (raw[end - 1] === carriageReturn || raw[end - 1] === lineFeed || raw[end - 1] === 0)) end -= 1
    }
    if (end === 0) return onOddity('empty')
    if (end < raw.length) raw = raw.subarray(0, end)
    onRecord(raw, left)
  }

  const push = (given: Buffer) => {
    const chunk = undecided === undefined ? given : Buffer.concat([undecided, given])
    undecided = undefined
    let at = 0
    let nextNul = -2
    while (at < chunk.length) {
      const fresh = kept === 0 && cut === 0 && counted === undefined
      if (fresh) {
        const byte = chunk[at]
        if (byte === lineFeed || byte === carriageReturn || byte === 0) {
          // Between frames: some senders end counted frames with a newline too.
          at += 1
          continue
        }
        if (byte !== undefined && byte >= 49 && byte <= 57) {
          const count = readCount(chunk, at)
          if (count.found) {
            counted = count.length
            at += count.headBytes
          } else if (count.undecided) {
            undecided = chunk.subarray(at)
            return
          }
        }
      }
      if (counted !== undefined) {
        const take = Math.min(counted, chunk.length - at)
        keep(chunk.subarray(at, at + take))
        at += take
        counted -= take
        if (counted === 0) finish()
        continue
      }
      const newline = chunk.indexOf(lineFeed, at)
      if (nextNul !== -1 && nextNul < at) nextNul = chunk.indexOf(0, at)
      const end = newline === -1 ? nextNul : nextNul === -1 ? newline : Math.min(newline, nextNul)
      if (end === -1) {
        keep(chunk.subarray(at))
        return
      }
      keep(chunk.subarray(at, end))
      at = end + 1
      finish()
    }
  }

  return {
    push,
    end() {
      if (undecided !== undefined) {
        keep(undecided)
        undecided = undefined
      }
      if (counted !== undefined && counted > 0) onOddity('truncated')
      if (kept > 0 || cut > 0) finish()
      counted = undefined
    },
    open: () => kept > 0 || cut > 0 || counted !== undefined || undecided !== undefined,
  }
}
