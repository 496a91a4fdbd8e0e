// The chain of custody of every case: entries of the sealed stream `@custody`, listed by case.
import type { EntryStreams, SealedEntry } from '@varde/evidence'
import type { Clock } from '@varde/runtime'
import { CustodyEntry } from '@varde/schema'
import { given } from './fold.ts'

export const custodyStream = '@custody'

export type CustodyRecord = Omit<CustodyEntry, 'number' | 'at'>

export interface Custody {
  /** Durable and chained when it resolves. */
  add(record: CustodyRecord): Promise<CustodyEntry & { seq: number }>
  /** In their order. `below`: only those of the stream before this one. */
  list(caseId: string, options?: { below?: number }): Promise<(CustodyEntry & { seq: number })[]>
}

/** A view within this time of the same person's last one of the same item is the same view. */
const sameViewMs = 15 * 60_000

export function openCustody({ entries, clock }: { entries: EntryStreams; clock: Clock }): Custody {
  const counts = new Map<string, number>()
  const views = new Map<string, CustodyEntry & { seq: number }>()

  async function list(caseId: string, { below }: { below?: number } = {}) {
    const found: (CustodyEntry & { seq: number })[] = []
    const options = { subject: caseId, ...(below === undefined ? {} : { to: below }) }
    for await (const entry of entries.read(custodyStream, options)) {
      const read = custodyOf(entry, found.length)
      if (read !== undefined) found.push(read)
    }
    return found
  }

  return {
    list,
    async add(record) {
      const key = `${record.case}\n${record.by}\n${record.item}`
      if (record.action === 'viewed') {
        const last = views.get(key)
        if (last !== undefined && clock.now() - last.at < sameViewMs) return last
      }
      const { case: subject, ...rest } = record
      const sealed = await entries.append(custodyStream, { subject, ...given(rest) })
      const number = counts.get(subject) ?? (await list(subject, { below: sealed.link.seq })).length
      counts.set(subject, number + 1)
      const added = { ...record, number, at: sealed.link.at, seq: sealed.link.seq }
      if (record.action === 'viewed') {
        if (views.size > 10_000) views.clear()
        views.set(key, added)
      }
      return added
    },
  }
}

/** What an entry of the stream says; undefined where it was withheld or erased. */
export function custodyOf(entry: SealedEntry, number: number): (CustodyEntry & { seq: number }) | undefined {
  if (entry.body === undefined) return undefined
  const { subject, ...rest } = entry.body
  const parsed = CustodyEntry.parse({ ...rest, case: subject, number, at: entry.link.at })
  return { ...parsed, seq: entry.link.seq }
}
