// Reads the ledger that ingest keeps; sums it, and recomputes nothing.
import { addToLedger, emptyLedgerSums, type JsonObject, type LedgerEntry } from '@varde/schema'
import { collections, type DocumentStore, type Scope } from '@varde/store'

export function numberAt(doc: JsonObject, name: string): number {
  const value = doc[name]
  return typeof value === 'number' ? value : 0
}

export function textAt(doc: JsonObject, name: string): string {
  const value = doc[name]
  return typeof value === 'string' ? value : ''
}

const page = 10_000

/** The minutes of arrival in a range, summed over partitions, oldest first. */
export async function ledgerRows(
  documents: DocumentStore,
  scope: Scope,
  range: { from: number; to: number; source?: string },
): Promise<LedgerEntry[]> {
  const rows = new Map<string, LedgerEntry>()
  const where = {
    minute: { gte: range.from, lt: range.to },
    ...(range.source === undefined ? {} : { source: range.source }),
    ...(scope.tenants === 'all' ? {} : { tenant: { in: scope.tenants } }),
  }
  for (let cursor: string | undefined; ; ) {
    const found = await documents.list(collections.ledger.name, {
      where,
      sort: { by: 'minute', order: 'asc' },
      limit: page,
      ...(cursor === undefined ? {} : { cursor }),
    })
    for (const { doc } of found.docs) {
      const [tenant, source, minute] = [textAt(doc, 'tenant'), textAt(doc, 'source'), numberAt(doc, 'minute')]
      const key = `${minute}/${tenant}/${source}`
      const row = rows.get(key) ?? { tenant, source, minute, ...emptyLedgerSums() }
      addToLedger(row, doc)
      rows.set(key, row)
    }
    cursor = found.next
    if (cursor === undefined) return [...rows.values()]
  }
}
