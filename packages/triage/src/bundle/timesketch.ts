// A row of the timeline as CSV and as a line of Timesketch's JSONL (`message`, `datetime` and `timestamp_desc` are what it asks for).
import type { JsonObject } from '@varde/schema'
import type { TimelineRow } from '../cases/timeline.ts'
import { inZone } from '../cases/zone.ts'
import { csvRow } from './csv.ts'
import type { Observables } from './observables.ts'

export type SpooledRow = TimelineRow & { see?: Observables }

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
    new Date(row.time).toISOString(),
    inZone(row.time, zone),
    new Date(row.discoveredAt).toISOString(),
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

export function timesketchLine(row: SpooledRow, caseId: string): string {
  const line: JsonObject = {
    message:
      row.words === undefined || row.words === ''
        ? row.fact
        : row.fact === ''
          ? row.words
          : `${row.fact} | ${row.words}`,
    datetime: new Date(row.time).toISOString().replace('Z', '+00:00'),
    timestamp: row.time * 1000,
    timestamp_desc:
      row.kind === 'event' ? 'Event Logged' : row.kind === 'alert' ? 'Alert Anchor' : 'Investigator Entry',
    discovered: new Date(row.discoveredAt).toISOString().replace('Z', '+00:00'),
    data_type: `varde:case:${row.kind}`,
    varde_case: caseId,
    varde_id: row.id,
    source: row.source,
    entity: row.entity,
    tag: [...(row.important ? ['important'] : []), ...(row.phase === undefined ? [] : [row.phase])],
  }
  if (row.tenant !== undefined) line['customer'] = row.tenant
  if (row.phase !== undefined) line['attack_tactic'] = row.phase
  if (row.see?.user !== undefined) line['username'] = row.see.user
  if (row.see?.host !== undefined) line['hostname'] = row.see.host
  if (row.see !== undefined && row.see.addresses.length > 0) line['ip'] = row.see.addresses.join(' ')
  return `${JSON.stringify(line)}\n`
}
