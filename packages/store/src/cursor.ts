// Cursors: where a page ended, as an opaque text that survives restarts.
import { VardeError } from '@varde/runtime'

/** The total order of events: time, then home. */
export interface EventPosition {
  time: number
  stream: string
  generation: number
  partition: number
  offset: number
}

export function packCursor(kind: string, values: readonly (string | number | boolean | null)[]): string {
  return Buffer.from(JSON.stringify([kind, ...values])).toString('base64url')
}

export function unpackCursor(kind: string, text: string, length: number): unknown[] {
  try {
    const read: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    if (Array.isArray(read) && read[0] === kind && read.length === length + 1) return read.slice(1)
  } catch {
    // Said below, with what to do.
  }
  throw new VardeError('STORE_BAD_CURSOR', 'the cursor is none that this store gave out for such a request', {
    hint: 'Start again from the first page.',
  })
}

export function comparePositions(a: EventPosition, b: EventPosition): number {
  if (a.time !== b.time) return a.time - b.time
  if (a.stream !== b.stream) return a.stream < b.stream ? -1 : 1
  return a.generation - b.generation || a.partition - b.partition || a.offset - b.offset
}
