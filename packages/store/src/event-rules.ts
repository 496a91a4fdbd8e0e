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

/** The day of the event before, and its text up to the hour: parsing a time costs more than all else of a line. */
let dayText = ''
let day = 0

export function timeOf(timestamp: string): number | undefined {
  if (typeof timestamp !== 'string' || timestamp.length !== 24) return undefined
  if (dayText !== '' && timestamp.startsWith(dayText)) {
    const hour = twoDigits(timestamp, 11)
    const minute = twoDigits(timestamp, 14)
    const second = twoDigits(timestamp, 17)
    const millisecond = twoDigits(timestamp, 20) * 10 + digit(timestamp, 22)
    const isPlain = timestamp[13] === ':' && timestamp[16] === ':' && timestamp[19] === '.' && timestamp[23] === 'Z'
    // Whatever is no digit makes NaN, which is not less than anything.
    if (isPlain && hour < 24 && minute < 60 && second < 60 && millisecond < 1_000) {
      return day + ((hour * 60 + minute) * 60 + second) * 1_000 + millisecond
    }
  }
  const time = Date.parse(timestamp)
  if (Number.isNaN(time) || new Date(time).toISOString() !== timestamp) return undefined
  dayText = timestamp.slice(0, 11)
  day = Math.floor(time / 86_400_000) * 86_400_000
  return time
}

function twoDigits(text: string, at: number): number {
  return digit(text, at) * 10 + digit(text, at + 1)
}

function digit(text: string, at: number): number {
  const value = text.charCodeAt(at) - 48
  return value >= 0 && value <= 9 ? value : Number.NaN
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
