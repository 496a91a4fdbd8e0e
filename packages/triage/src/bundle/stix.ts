// The case as a STIX 2.1 bundle: an incident, its report, what was observed, and the ATT&CK techniques. Ids follow from what they name.
import { createHash } from 'node:crypto'
import { isIPv4 } from 'node:net'
import { attackEntry, type Case, canonicalJson, type JsonObject } from '@varde/schema'
import type { PinnedAlert } from '../cases/pinned-alert.ts'
import type { SpooledRow } from './timesketch.ts'

/** STIX 2.1 §2.9: the namespace of deterministic identifiers of cyber-observables. */
const observableNamespace = '00abedb4-aa42-466c-9c01-fed23315a9b7'
/** Ours, for everything else: drawn once. */
const ownNamespace = '6f0b54f3-3e0e-4f0b-9a52-0c7bfb1a4c51'

/** UUID version 5 (RFC 9562 §5.5). */
export function uuid5(namespace: string, name: string): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
    .subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

const iso = (time: number) => new Date(time).toISOString()

export interface StixInput {
  case: Case
  house: string
  alerts: readonly PinnedAlert[]
  rows: readonly SpooledRow[]
  /** Rows that are not among `rows`. */
  left: number
}

export function stixBundle(input: StixInput): JsonObject {
  const { case: of, rows, alerts, left } = input
  const own = (type: string, name: string) => `${type}--${uuid5(ownNamespace, `${of.id}/${name}`)}`
  const times = { created: iso(of.createdAt), modified: iso(of.updatedAt) }
  const identity = {
    type: 'identity',
    spec_version: '2.1',
    id: `identity--${uuid5(ownNamespace, input.house)}`,
    created: iso(of.createdAt),
    modified: iso(of.createdAt),
    name: input.house,
    identity_class: 'organization',
  }
  const common = { spec_version: '2.1', ...times, created_by_ref: identity.id }
  const objects = new Map<string, JsonObject>([[identity.id, identity]])
  const put = (object: JsonObject & { id: string }): string => {
    objects.set(object.id, object)
    return object.id
  }
  const incident = put({
    ...common,
    type: 'incident',
    id: own('incident', 'incident'),
    name: of.title,
    ...(of.summary === '' ? {} : { description: of.summary }),
  })
  for (const id of new Set(alerts.flatMap(({ alert }) => alert.rule.attack))) {
    const entry = attackEntry(id)
    if (entry === undefined || entry.tactics.length === 0) continue
    const reference = { source_name: 'mitre-attack', external_id: entry.id }
    const pattern = put({
      ...common,
      type: 'attack-pattern',
      id: own('attack-pattern', entry.id),
      name: entry.name,
      external_references: [reference],
      kill_chain_phases: entry.tactics.map((phase) => ({ kill_chain_name: 'mitre-attack', phase_name: phase })),
    })
    put({
      ...common,
      type: 'relationship',
      id: own('relationship', `uses ${entry.id}`),
      relationship_type: 'related-to',
      source_ref: incident,
      target_ref: pattern,
    })
  }
  for (const row of rows) observe(row, put, own, common)
  const references = [...objects.keys()]
  const rest = left > 0 ? ` ${left} further rows stand in timeline.csv.` : ''
  put({
    ...common,
    type: 'report',
    id: own('report', 'report'),
    name: of.title,
    description: `Case ${of.id}, revision ${of.revision}.${rest}`,
    published: iso(of.updatedAt),
    report_types: ['observed-data'],
    object_refs: references,
  })
  return {
    type: 'bundle',
    id: `bundle--${uuid5(ownNamespace, `${of.id}/${of.revision}`)}`,
    objects: [...objects.values()],
  }
}

type Put = (object: JsonObject & { id: string }) => string

function observe(row: SpooledRow, put: Put, own: (type: string, name: string) => string, common: JsonObject): void {
  if (row.kind === 'entry') {
    put({
      ...common,
      type: 'note',
      id: own('note', row.id),
      content: row.words ?? '',
      ...(row.by === undefined ? {} : { authors: [row.by] }),
      object_refs: [own('incident', 'incident')],
    })
    return
  }
  if (row.kind === 'alert') return
  const references = observablesOfRow(row).map(put)
  const at = iso(row.time)
  const observed = put({
    ...common,
    type: 'observed-data',
    id: own('observed-data', row.id),
    first_observed: at,
    last_observed: at,
    number_observed: 1,
    object_refs: references,
    external_references: [{ source_name: 'varde', external_id: row.id, description: row.fact }],
  })
  if (row.words === undefined || row.words === '') return
  const authors = row.by === undefined ? {} : { authors: [row.by] }
  put({ ...common, type: 'note', id: own('note', row.id), content: row.words, ...authors, object_refs: [observed] })
}

/** At least one: STIX knows no observation of nothing. */
function observablesOfRow({ see, fact, id }: SpooledRow): (JsonObject & { id: string })[] {
  const found: (JsonObject & { id: string })[] = []
  const add = (type: string, contributing: JsonObject, more: JsonObject = {}) =>
    found.push({
      type,
      spec_version: '2.1',
      id: `${type}--${uuid5(observableNamespace, canonicalJson(contributing))}`,
      ...contributing,
      ...more,
    })
  for (const value of see?.addresses ?? []) add(isIPv4(value) ? 'ipv4-addr' : 'ipv6-addr', { value })
  if (see?.user !== undefined) add('user-account', { account_login: see.user })
  if (see?.host !== undefined) add('domain-name', { value: see.host })
  if (see?.file !== undefined)
    add('file', { name: see.file.split(/[\\/]/).findLast((part) => part !== '') ?? see.file })
  if (see?.process !== undefined) {
    // A process has no contributing properties (§6.13): its id follows from the event.
    const name = `process--${uuid5(ownNamespace, id)}`
    found.push({ type: 'process', spec_version: '2.1', id: name, command_line: see.process })
  }
  if (found.length === 0)
    add('artifact', { payload_bin: Buffer.from(fact).toString('base64') }, { mime_type: 'text/plain' })
  return found
}
