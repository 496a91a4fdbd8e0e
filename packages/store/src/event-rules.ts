// What every store asks of an event before it takes it, and how its raw bytes stand as text.
import { eventId, isStreamName, type Json, type StoredEvent } from '@varde/schema'

export function wrongKey(key: string): string | undefined {
  if (key.includes('.')) return `the key "${key}" holds a dot`
  if (key.startsWith('_')) return `the key "${key}" begins with "_"`
  if (!key.isWellFormed()) return 'a key has a lone surrogate'
  return undefined
}

const className = /^[a-z0-9_-]{1,64}$/
/** Names that were found good: nearly every event has those of the one before it. */
let goodStream = ''
let goodClass = ''

export function wrongFrame(stored: StoredEvent): string | undefined {
  const { stream } = stored.home
  if (stream !== goodStream) {
    if (!isStreamName(stream)) return `"${stream}" is no stream name`
    goodStream = stream
  }
  if (stored.retention !== goodClass) {
    if (!className.test(stored.retention)) return `"${stored.retention}" is no name of a retention class`
    goodClass = stored.retention
  }
  if (eventId(stored.home) !== stored.id) return `the id ${stored.id} does not name its home`
  if (stored.seed.length !== 16) return 'the seed is not 16 bytes long'
  return undefined
}

/** The minute of the event before, and its text up to the seconds: parsing a time costs more than all else of a line. */
let minuteText = ''
let minute = 0

export function timeOf(timestamp: string): number | undefined {
  if (typeof timestamp !== 'string' || timestamp.length !== 24) return undefined
  if (timestamp.startsWith(minuteText) && minuteText !== '') {
    const digit = (at: number) => timestamp.charCodeAt(at) - 48
    const s1 = digit(17)
    const s2 = digit(18)
    const m1 = digit(20)
    const m2 = digit(21)
    const m3 = digit(22)
    const isPlain = s1 >= 0 && s1 < 6 && isDigit(s2) && isDigit(m1) && isDigit(m2) && isDigit(m3)
    if (isPlain && timestamp[19] === '.' && timestamp[23] === 'Z') {
      return minute + (s1 * 10 + s2) * 1000 + m1 * 100 + m2 * 10 + m3
    }
  }
  const time = Date.parse(timestamp)
  if (Number.isNaN(time) || new Date(time).toISOString() !== timestamp) return undefined
  minuteText = timestamp.slice(0, 17)
  minute = Math.floor(time / 60_000) * 60_000
  return time
}

function isDigit(value: number): boolean {
  return value >= 0 && value <= 9
}

/** Valid UTF-8 stands as text; other bytes as base64, beside the text that a reader would see. */
export function rawText(raw: Uint8Array): { text: string; bytes?: string } {
  const buffer = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
  const text = buffer.toString('utf8')
  return isUtf8(buffer, text) ? { text } : { text, bytes: buffer.toString('base64') }
}

function isUtf8(buffer: Buffer, text: string): boolean {
  // Decoding puts U+FFFD where bytes are wrong; only then look closer.
  return !text.includes('\ufffd') || Buffer.from(text, 'utf8').equals(buffer)
}

export function hasLoneSurrogate(value: Json): boolean {
  if (typeof value === 'string') return !value.isWellFormed()
  if (value === null || typeof value !== 'object') return false
  return Object.values(value).some(hasLoneSurrogate)
}
