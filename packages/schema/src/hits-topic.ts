// The records of topic `hits`: one hit, or the marker of a seal, as UTF-8 JSON, and the key that spreads hits.
import type { Hit, Marker } from './hit.ts'

export const hitsTopic = 'hits'

export type HitsRecord = { kind: 'hit'; hit: Hit } | { kind: 'marker'; marker: Marker }

/** Hits of one window, and of windows that suppress one another, meet in one partition. Step and tenant are no part of a window's identity. */
export function hitKey(hit: Pick<Hit, 'rule' | 'group' | 'route'>): string {
  return `${hit.rule}/${hit.route ?? hit.group}`
}

const decoder = new TextDecoder()

/** The same objects again and again: who writes them knows them already. */
const headersOf = { hit: Object.freeze({ kind: 'hit' }), marker: Object.freeze({ kind: 'marker' }) }

/** The value and headers of a bus record. */
export function writeHitsRecord(record: HitsRecord): { value: Uint8Array; headers: Record<string, string> } {
  const body = record.kind === 'hit' ? record.hit : record.marker
  // Twice as fast as a TextEncoder for so short a text: it needs no memory of its own.
  return { value: Buffer.from(JSON.stringify(body)), headers: headersOf[record.kind] }
}

/** Throws a SyntaxError where the value is no JSON: only ingest writes here. */
export function readHitsRecord(record: { value: Uint8Array; headers: Record<string, string> }): HitsRecord {
  const text = decoder.decode(record.value)
  return record.headers['kind'] === 'marker'
    ? { kind: 'marker', marker: JSON.parse(text) }
    : { kind: 'hit', hit: JSON.parse(text) }
}
