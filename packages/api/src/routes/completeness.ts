// What a time range could not see: the ledger's findings for it.
import { addToLedger, emptyLedgerSums, type LedgerSums } from '@varde/schema'
import { collections, expiredBySource, type Scope } from '@varde/store'
import type { Completeness } from '../contract/events.ts'
import type { ApiDeps } from '../deps.ts'
import { seesHouse } from '../house-view.ts'
import { ledgerRows } from './ledger.ts'
import { sourceRows } from './source-rows.ts'

type Finding = Completeness['findings'][number]

/** Below this share of its bytes, what a parser leaves over of a source is punctuation. */
const unexplainedShareMin = 0.2

function findingsOf(source: string, sum: LedgerSums): Finding[] {
  const found: Finding[] = []
  const say = (kind: Finding['kind'], count: number) => {
    if (count > 0) found.push({ kind, source, count })
  }
  say('dead-letters', sum.deadLetters)
  say('missing', sum.missing)
  say('late', sum.late)
  say('future', sum.future)
  if (sum.unexplainedBytes > sum.bytes * unexplainedShareMin) say('unexplained', sum.unexplainedBytes)
  return found
}

/** Judged by the minutes of arrival that lie in the range; what fell silent is judged by now. */
export async function completenessOf(
  range: { from: number; to: number },
  scope: Scope,
  deps: ApiDeps,
): Promise<Completeness> {
  const rows = await ledgerRows(deps.store.documents, scope, range)
  const sums = new Map<string, LedgerSums>()
  const total = emptyLedgerSums()
  for (const row of rows) {
    const sum = sums.get(row.source) ?? emptyLedgerSums()
    addToLedger(sum, row)
    addToLedger(total, row)
    sums.set(row.source, sum)
  }
  const findings = [...sums].flatMap(([source, sum]) => findingsOf(source, sum))
  for (const row of await sourceRows(deps, scope)) {
    if (row.state === 'silent' && row.lastSeen < range.to)
      findings.push({ kind: 'silent', source: row.source, count: deps.clock.now() - row.lastSeen, since: row.lastSeen })
  }
  const ofHouse = seesHouse(scope)
  const { unsealed } = deps.intake.rates()
  if (ofHouse && unsealed > 0 && range.to >= deps.clock.now()) findings.push({ kind: 'unsealed', count: unsealed })
  const gaps = await deps.store.documents.list(collections.seals.name, {
    where: { sealedAt: { gte: range.from, lt: range.to }, attempt: 'gap' },
    limit: 1_000,
  })
  // Nobody knows whose records a gap held: a customer hears that there is one, not how much of everybody's is lost.
  if (!ofHouse && gaps.docs.length > 0) findings.push({ kind: 'gap' })
  else for (const { doc } of gaps.docs) findings.push({ kind: 'gap', count: Number(doc['to']) - Number(doc['from']) })
  for (const { source, events } of await expiredBySource(deps.store.documents, range, scope.tenants))
    findings.push({ kind: 'expired', source, count: events })
  return { ...range, received: total.received, events: total.events, findings }
}
