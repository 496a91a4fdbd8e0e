// A stored event as the pages show it.
import { parseRecord } from '@varde/parsers'
import type { StoredEvent } from '@varde/schema'
import type { RawBytes } from '../contract/common.ts'
import type { EventRow } from '../contract/events.ts'

const lineCharactersMax = 400
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function eventRow(stored: StoredEvent): EventRow {
  const text = new TextDecoder().decode(stored.raw.subarray(0, lineCharactersMax * 4))
  return {
    id: stored.id,
    time: Date.parse(stored.event['@timestamp']),
    arrival: stored.arrival,
    source: stored.source,
    tenant: stored.tenant,
    ...(stored.lateness === undefined ? {} : { lateness: stored.lateness }),
    event: stored.event,
    line: Array.from(text).slice(0, lineCharactersMax).join(''),
  }
}

/** Byte ranges of a raw line as ranges of its text; undefined where it is no text or does not parse. */
export function unexplainedOf(stored: StoredEvent): { from: number; to: number }[] | undefined {
  const dataset = stored.event['event']
  const hint =
    typeof dataset === 'object' && dataset !== null && !Array.isArray(dataset) ? dataset['dataset'] : undefined
  const parsed = parseRecord({
    raw: stored.raw,
    arrival: stored.arrival,
    ...(typeof hint === 'string' ? { dataset: hint } : {}),
  })
  if (!parsed.ok) return undefined
  try {
    const length = (to: number) => utf8.decode(stored.raw.subarray(0, to)).length
    return parsed.unexplained.map(({ from, to }) => ({ from: length(from), to: length(to) }))
  } catch {
    return undefined
  }
}

export function rawBytes(raw: Uint8Array, bytesMax = Number.POSITIVE_INFINITY): RawBytes {
  const shown = raw.subarray(0, bytesMax)
  try {
    return { encoding: 'utf8', text: utf8.decode(shown), bytes: raw.length }
  } catch {
    return { encoding: 'base64', text: Buffer.from(shown).toString('base64'), bytes: raw.length }
  }
}
