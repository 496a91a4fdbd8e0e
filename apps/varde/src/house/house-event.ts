// What Varde has to tell of itself, as events like any other: sealed, searched, and met by rules.
import type { Incoming, Origin } from '@varde/ingest'
import type { JsonObject } from '@varde/schema'

export interface HouseEvent {
  /** Told again after a restart it has the same key and bytes, so that it stays one event. */
  key: string
  /** UTC milliseconds of what happened, not of when we looked. */
  at: number
  /** Such as `source-silent`: what rules ask for. */
  action: string
  message: string
  category?: string[]
  fields: JsonObject
}

export function houseOrigin(collector: string): Origin {
  return { tenant: 'house', source: 'varde', retention: 'standard', collector, transport: 'http', dataset: 'varde' }
}

export function recordOf({ key, at, action, message, category, fields }: HouseEvent, origin: Origin): Incoming {
  const document = {
    '@timestamp': new Date(at).toISOString(),
    message,
    event: {
      kind: 'event',
      module: 'varde',
      provider: 'varde',
      dataset: 'varde',
      action,
      ...(category && { category }),
    },
    service: { type: 'varde' },
    ...fields,
  }
  return { origin, sender: { key }, raw: Buffer.from(JSON.stringify(document)) }
}
