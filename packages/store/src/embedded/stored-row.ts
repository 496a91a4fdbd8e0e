// The way back: a row, as DuckDB spells it in JSON, to the stored event it was made of.
import {
  type EcsEvent,
  eventId,
  type Home,
  type Json,
  type JsonObject,
  type SenderIdentity,
  type StoredEvent,
} from '@varde/schema'
import type { TableRow } from '../port.ts'
import { onlyFields } from '../table-row.ts'
import { columnOf, columns, ownNames } from './columns.ts'
import { type FieldCatalogue, seen } from './field-catalogue.ts'
import { identifier, literal } from './sql.ts'

type Row = (Json | undefined)[]

/** Where each own column stands in a row; the retention class comes first, the field columns last. */
const at = new Map(ownNames.map((name, index) => [name, index + 1]))
const firstField = ownNames.length + 1

/** SQL for one JSON array with all of an event: shorter than an object with its sixty nulls. */
export function rowSql(retention: string): string {
  const names = [...ownNames, ...columns.map((column) => column.field)].map(identifier)
  return `CAST(json_array(${literal(retention)}, ${names.join(', ')}) AS VARCHAR)`
}

/** What a table's row is made of, beside the fields. `_odd` is rare, and short where it is. */
const tableNames = [
  '_t',
  '_stream',
  '_generation',
  '_partition',
  '_offset',
  '_tenant',
  '_source',
  '_arrival',
  '_lateness',
  '_odd',
] as const

/** Whether the columns (and `_odd`) tell all of these fields. */
export function lieInColumns(fields: readonly string[], catalogue: FieldCatalogue): boolean {
  if (catalogue.overflowed) return false
  return fields.every((field) => {
    const flags = catalogue.get(field)?.flags ?? 0
    return (flags & (seen.inExtra | seen.inExtraArray)) === 0 && catalogue.below(field).length === 0
  })
}

/** SQL for one JSON array with what a table of the fields shows. */
export function tableSql(fields: readonly string[]): string {
  const names = [...tableNames, ...fields.filter((field) => columnOf.has(field))].map(identifier)
  return `CAST(json_array(${names.join(', ')}) AS VARCHAR)`
}

export function readTableRow(text: string, fields: readonly string[]): TableRow {
  const row: Row = JSON.parse(text)
  const [time, stream, generation, partition, offset, tenant, source, arrival, lateness, odd] = row
  const event: EcsEvent = { '@timestamp': new Date(number(time)).toISOString() }
  const values = row.slice(tableNames.length)
  for (const [index, field] of fields.filter((name) => columnOf.has(name)).entries()) {
    const value = values[index]
    if (value !== null && value !== undefined) put(event, field, value)
  }
  const roots: JsonObject = typeof odd === 'string' ? JSON.parse(odd) : {}
  for (const [root, value] of Object.entries(roots)) put(event, root, value)
  const home = {
    stream: string(stream),
    generation: number(generation),
    partition: number(partition),
    offset: number(offset),
  }
  return {
    id: eventId(home),
    tenant: string(tenant),
    source: string(source),
    arrival: number(arrival),
    ...latenessOf(lateness),
    event: onlyFields(event, fields),
  }
}

/** The same array from a line that is in the log but not yet in DuckDB. */
export function rowOfLine(line: string, retention: string): string {
  const fields: JsonObject = JSON.parse(line)
  const names = [...ownNames, ...columns.map((column) => column.field)]
  return JSON.stringify([retention, ...names.map((name) => fields[name] ?? null)])
}

const splits = new Map<string, string[]>()

function partsOf(field: string): string[] {
  const known = splits.get(field)
  if (known !== undefined) return known
  const parts = field.split('.')
  if (splits.size < 50_000) splits.set(field, parts)
  return parts
}

function put(event: JsonObject, field: string, value: Json): void {
  const parts = partsOf(field)
  let owner = event
  for (let depth = 0; depth < parts.length - 1; depth += 1) {
    const key = parts[depth] ?? ''
    const next = owner[key]
    if (typeof next === 'object' && next !== null && !Array.isArray(next)) owner = next
    else {
      const made: JsonObject = {}
      owner[key] = made
      owner = made
    }
  }
  owner[parts[parts.length - 1] ?? ''] = value
}

export function readRow(text: string): StoredEvent {
  const row: Row = JSON.parse(text)
  const own = (name: string) => row[at.get(name) ?? -1]
  const home: Home = {
    stream: string(own('_stream')),
    generation: number(own('_generation')),
    partition: number(own('_partition')),
    offset: number(own('_offset')),
  }
  const bytes = own('_bytes')
  const sender = senderOf(own('_key'), own('_producer'), own('_sequence'))
  return {
    id: eventId(home),
    home,
    tenant: string(own('_tenant')),
    source: string(own('_source')),
    retention: string(row[0]),
    arrival: number(own('_arrival')),
    raw:
      typeof bytes === 'string' ? exact(Buffer.from(bytes, 'base64')) : new TextEncoder().encode(string(own('_raw'))),
    seed: exact(Buffer.from(string(own('_seed')).replaceAll('-', ''), 'hex')),
    event: eventOf(row, number(own('_t')), own('_x'), own('_odd')),
    ingested: number(own('_ingested')),
    ...(sender === undefined ? {} : { sender }),
    ...latenessOf(own('_lateness')),
  }
}

function eventOf(row: Row, time: number, extra: Json | undefined, oddText: Json | undefined): EcsEvent {
  const event: EcsEvent = { '@timestamp': new Date(time).toISOString() }
  for (let index = 0; index < columns.length; index += 1) {
    const value = row[firstField + index]
    const column = columns[index]
    if (value !== null && value !== undefined && column !== undefined) put(event, column.field, value)
  }
  const odd: JsonObject = typeof oddText === 'string' ? JSON.parse(oddText) : {}
  const roots = Object.keys(odd)
  if (typeof extra === 'object' && extra !== null && !Array.isArray(extra)) {
    for (const [field, value] of Object.entries(extra)) {
      // Scalars from inside an odd array stand in `_x` for search only.
      if (!roots.some((root) => field === root || field.startsWith(`${root}.`))) put(event, field, value)
    }
  }
  for (const root of roots) put(event, root, odd[root] ?? null)
  return event
}

function senderOf(
  key: Json | undefined,
  producer: Json | undefined,
  sequence: Json | undefined,
): SenderIdentity | undefined {
  if (typeof key === 'string') return { key }
  if (typeof producer === 'string' && typeof sequence === 'number') return { producer, sequence }
  return undefined
}

function latenessOf(value: Json | undefined): Pick<StoredEvent, 'lateness'> {
  return value === 'late' || value === 'future' || value === 'imported' ? { lateness: value } : {}
}

/** Buffers share a pool; what leaves the store owns its bytes. */
function exact(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer)
}

function string(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

function number(value: Json | undefined): number {
  return typeof value === 'number' ? value : 0
}
