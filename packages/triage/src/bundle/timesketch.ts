// A row of the timeline as CSV and as a line of Timesketch's JSONL (`message`, `datetime` and `timestamp_desc` are what it asks for).
import type { TimelineRow } from '../cases/timeline.ts'
import { createIsoSpeller, inZone } from '../cases/zone.ts'
import { csvRow } from './csv.ts'
import type { Observables } from './observables.ts'

export type SpooledRow = TimelineRow & { see?: Observables }

const happened = createIsoSpeller()
const discovered = createIsoSpeller()

export function timelineHead(zone: string): string {
  return csvRow([
    'time_utc',
    `time_${zone}`,
    'discovered_utc',
    'kind',
    'source',
    'customer',
    'entity',
    'attack_phase',
    'fact',
    'words',
    'important',
    'by',
    'id',
  ])
}

export function timelineLine(row: TimelineRow, zone: string): string {
  return csvRow([
    happened(row.time),
    inZone(row.time, zone),
    discovered(row.discoveredAt),
    row.kind,
    row.source,
    row.tenant,
    row.entity,
    row.phase,
    row.fact,
    row.words,
    row.important ? 'yes' : '',
    row.by,
    row.id,
  ])
}

/** Spelled here: an object for each line would cost as much as all else of it. */
export function timesketchLine(row: SpooledRow, caseId: string): string {
  const { kind, fact, words = '', phase, see } = row
  const message = words === '' ? fact : fact === '' ? words : `${fact} | ${words}`
  const what = kind === 'event' ? 'Event Logged' : kind === 'alert' ? 'Alert Anchor' : 'Investigator Entry'
  const tag = [...(row.important ? ['important'] : []), ...(phase === undefined ? [] : [phase])]
  const ip = see === undefined || see.addresses.length === 0 ? undefined : see.addresses.join(' ')
  return (
    `{"message":${JSON.stringify(message)},"datetime":"${zoned(happened(row.time))}","timestamp":${row.time * 1000}` +
    `,"timestamp_desc":"${what}","discovered":"${zoned(discovered(row.discoveredAt))}","data_type":"varde:case:${kind}"` +
    `${member('varde_case', caseId)}${member('varde_id', row.id)}${member('source', row.source)}${member('entity', row.entity)}` +
    `,"tag":${tag.length === 0 ? '[]' : JSON.stringify(tag)}${member('customer', row.tenant)}${member('attack_tactic', phase)}` +
    `${member('username', see?.user)}${member('hostname', see?.host)}${member('ip', ip)}}\n`
  )
}

function member(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":${JSON.stringify(value)}`
}

/** Timesketch reads no Z. */
function zoned(iso: string): string {
  return `${iso.slice(0, -1)}+00:00`
}
