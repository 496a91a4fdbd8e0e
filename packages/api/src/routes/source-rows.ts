// Every source with its facts, from the documents that ingest keeps.
import { addToLedger, emptyLedgerSums, type JsonObject, type LedgerEntry } from '@varde/schema'
import { collections, type Scope } from '@varde/store'
import type { SourceRow } from '../contract/sources.ts'
import type { ApiDeps } from '../deps.ts'
import { ledgerRows, numberAt, textAt } from './ledger.ts'

const minuteMs = 60_000
const shownMinutes = 60
/** Without a rhythm of its own yet, a source that said nothing for this long is quiet, and for six times this long silent. */
const quietMs = 10 * minuteMs

function stateOf(doc: JsonObject, lastSeen: number, now: number): SourceRow['state'] {
  if (textAt(doc, 'transport') === 'file') return 'imported'
  const silentFor = now - lastSeen
  if (silentFor < quietMs) return 'live'
  return silentFor < 6 * quietMs ? 'quiet' : 'silent'
}

function perMinute(rows: LedgerEntry[], now: number): number[] {
  const end = Math.floor(now / minuteMs) * minuteMs
  const counts = new Array<number>(shownMinutes).fill(0)
  for (const row of rows) {
    const index = shownMinutes - 1 - Math.round((end - row.minute) / minuteMs)
    if (index >= 0 && index < shownMinutes) counts[index] = (counts[index] ?? 0) + row.received
  }
  return counts
}

function rowOf(doc: JsonObject, recent: LedgerEntry[], now: number): SourceRow {
  const sum = emptyLedgerSums()
  addToLedger(sum, doc)
  const dataset = textAt(doc, 'dataset')
  const lagEvents = recent.reduce((total, row) => total + row.events, 0)
  const lastSeen = numberAt(doc, 'lastSeen')
  return {
    source: textAt(doc, 'source'),
    tenant: textAt(doc, 'tenant'),
    datasets: dataset === '' ? [] : [dataset],
    transports: [textAt(doc, 'transport')].filter((transport) => transport !== ''),
    firstSeen: numberAt(doc, 'firstSeen'),
    lastSeen,
    state: stateOf(doc, lastSeen, now),
    events: sum.events,
    bytes: sum.bytes,
    perMinute: perMinute(recent, now),
    lagMsMean: lagEvents === 0 ? 0 : recent.reduce((total, row) => total + row.lagMsSum, 0) / lagEvents,
    lagMsMax: recent.reduce((most, row) => Math.max(most, row.lagMsMax), 0),
    deadLetters: sum.deadLetters,
    duplicates: sum.duplicates,
    late: sum.late,
    future: sum.future,
    missing: sum.missing,
    unexplainedShare: sum.bytes === 0 ? 0 : Math.min(1, sum.unexplainedBytes / sum.bytes),
  }
}

/** Sorted by name. */
export async function sourceRows(deps: Pick<ApiDeps, 'store' | 'clock'>, scope: Scope): Promise<SourceRow[]> {
  const now = deps.clock.now()
  const { documents } = deps.store
  const where = scope.tenants === 'all' ? {} : { where: { tenant: { in: scope.tenants } } }
  const [{ docs }, recent] = await Promise.all([
    documents.list(collections.sources.name, { ...where, limit: 10_000 }),
    ledgerRows(documents, scope, { from: now - shownMinutes * minuteMs, to: now + minuteMs }),
  ])
  const recentOf = Map.groupBy(recent, (row) => `${row.tenant}/${row.source}`)
  return docs
    .map(({ doc }) => rowOf(doc, recentOf.get(`${textAt(doc, 'tenant')}/${textAt(doc, 'source')}`) ?? [], now))
    .sort((a, b) => (a.source < b.source ? -1 : 1))
}
