// The way back: a document, as Elasticsearch keeps it, to the stored event it was made of.
import { VardeError } from '@varde/runtime'
import { type EcsEvent, homeOf, type Json, type JsonObject, type SenderIdentity, type StoredEvent } from '@varde/schema'

export interface EventSource extends EcsEvent {
  _varde: JsonObject
}

export interface EventHit {
  _id: string
  _index: string
  _source: EventSource
  sort?: (number | string | null)[]
}

export function isErased(source: EventSource): boolean {
  return source._varde['erased'] === true
}

export function storedEvent({
  _id: id,
  _index: index,
  _source: source,
}: Pick<EventHit, '_id' | '_index' | '_source'>): StoredEvent {
  const { _varde: own, ...event } = source
  const home = homeOf(id)
  if (home === undefined || own === undefined) {
    throw new VardeError('STORE_DAMAGED', `the document ${id} of ${index} is no event of ours`, {
      facts: { id, index },
    })
  }
  const whole: EcsEvent = { ...event, '@timestamp': source['@timestamp'] }
  const { odd, bytes, lateness } = own
  if (typeof odd === 'string') putBack(whole, JSON.parse(odd))
  const sender = senderOf(own)
  return {
    id,
    home,
    tenant: text(own['tenant']),
    source: text(own['source']),
    retention: text(own['retention']),
    arrival: number(own['arrival']),
    raw: typeof bytes === 'string' ? exact(bytes) : new TextEncoder().encode(text(own['line'])),
    seed: exact(text(own['seed'])),
    event: whole,
    ingested: number(own['ingested']),
    ...(sender === undefined ? {} : { sender }),
    ...(lateness === 'late' || lateness === 'future' || lateness === 'imported' ? { lateness } : {}),
  }
}

function putBack(event: JsonObject, odd: JsonObject): void {
  for (const [path, value] of Object.entries(odd)) {
    const parts = path.split('.')
    let owner = event
    for (const part of parts.slice(0, -1)) {
      const next = owner[part]
      if (typeof next === 'object' && next !== null && !Array.isArray(next)) owner = next
      else {
        const made: JsonObject = {}
        owner[part] = made
        owner = made
      }
    }
    owner[parts.at(-1) ?? ''] = value
  }
}

function senderOf(own: JsonObject): SenderIdentity | undefined {
  const { key, producer, sequence } = own
  if (typeof key === 'string') return { key }
  if (typeof producer === 'string' && typeof sequence === 'number') return { producer, sequence }
  return undefined
}

/** Buffers share a pool; what leaves the store owns its bytes. */
function exact(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'))
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

function number(value: Json | undefined): number {
  return typeof value === 'number' ? value : 0
}
