// What a table shows of an event: who and when, and of its document the fields that were asked for.
import type { EcsEvent, Json, JsonObject, StoredEvent } from '@varde/schema'
import type { TableRow } from './port.ts'

export function tableRow(stored: StoredEvent, fields: readonly string[]): TableRow {
  const { id, tenant, source, arrival, lateness, event } = stored
  return {
    id,
    tenant,
    source,
    arrival,
    ...(lateness === undefined ? {} : { lateness }),
    event: onlyFields(event, fields),
  }
}

/** The document with these fields and its time alone. An array on the way to a field stays whole. */
export function onlyFields(event: EcsEvent, fields: readonly string[]): EcsEvent {
  const kept: EcsEvent = { '@timestamp': event['@timestamp'] }
  for (const field of fields) copyField(event, kept, field.split('.'))
  return kept
}

function copyField(from: JsonObject, to: JsonObject, path: readonly string[]): void {
  const [key = '', ...rest] = path
  if (!Object.hasOwn(from, key)) return
  const value: Json | undefined = from[key]
  if (value === undefined) return
  if (rest.length === 0 || Array.isArray(value)) to[key] = value
  else if (typeof value === 'object' && value !== null) {
    const there = to[key]
    const inner: JsonObject = typeof there === 'object' && there !== null && !Array.isArray(there) ? there : {}
    // The whole object was asked for too.
    if (inner === value) return
    copyField(value, inner, rest)
    if (Object.keys(inner).length > 0) to[key] = inner
  }
}
