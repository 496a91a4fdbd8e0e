// Every match as a download, oldest first, streamed batch by batch.
import { Readable } from 'node:stream'
import type { Json, JsonObject, StoredEvent } from '@varde/schema'
import type { EventStore } from '@varde/store'
import { csvCell } from '@varde/triage'
import type { Audit } from '../audit.ts'
import type { Handler } from '../register.ts'
import { filterOf } from './query.ts'

const columnsDefault = [
  '@timestamp',
  'event.dataset',
  'event.action',
  'event.outcome',
  'user.name',
  'source.ip',
  'destination.ip',
  'host.name',
  'message',
]

function cellOf(value: Json | undefined): string {
  return csvCell(typeof value === 'object' && value !== null ? JSON.stringify(value) : (value ?? undefined))
}

/** The value at a dotted path of a nested document. */
export function valueAt(document: JsonObject, path: string): Json | undefined {
  let at: Json | undefined = document
  for (const key of path.split('.')) {
    if (typeof at !== 'object' || at === null || Array.isArray(at)) return undefined
    at = at[key]
  }
  return at
}

function csvRow(stored: StoredEvent, columns: string[]): string {
  return `${[stored.id, ...columns.map((column) => valueAt(stored.event, column))].map(cellOf).join(',')}\r\n`
}

function jsonRow(stored: StoredEvent): string {
  const { id, source, tenant, arrival, event } = stored
  return `${JSON.stringify({ id, source, tenant, arrival: new Date(arrival).toISOString(), event, raw: Buffer.from(stored.raw).toString('utf8') })}\n`
}

export function exportHandler(events: EventStore, audit: Audit): Handler<'exportEvents'> {
  return async ({ query, scope, person, reply, signal }) => {
    const filter = filterOf(query, scope)
    const { query: asked, from, to, format } = query
    // Said before the first byte leaves.
    await audit(person, { action: 'events.export', subject: format, detail: { query: asked, from, to } })
    const columns = query.fields?.split(',').filter((field) => field !== '') ?? columnsDefault
    const csv = query.format === 'csv'
    async function* text() {
      if (csv) yield `${['id', ...columns].map(cellOf).join(',')}\r\n`
      for await (const batch of events.scan(filter, { signal }))
        yield batch.map((stored) => (csv ? csvRow(stored, columns) : jsonRow(stored))).join('')
    }
    reply.header('content-disposition', `attachment; filename="varde-events.${csv ? 'csv' : 'ndjson'}"`)
    reply.type(csv ? 'text/csv; charset=utf-8' : 'application/x-ndjson')
    await reply.send(Readable.from(text()))
    return undefined
  }
}
