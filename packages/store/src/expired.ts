// What retention has let go, unit by unit: written by whoever expires, quoted by whatever tells what a range could not see.
import type { JsonObject } from '@varde/schema'
import { collections } from './collections.ts'
import type { DocumentStore, ExpiryContents } from './port.ts'

/** A document of the collection `expired`. The sealed entry `by` says the same, with every offset. */
export interface Expired {
  unit: string
  retention: string
  keepDays: number
  /** UTC milliseconds of arrival of the oldest and the newest. */
  arrived: { from: number; to: number }
  events: number
  /** Offsets that are gone, both ends included; between them may be what another class or a hold keeps. */
  chains: { chain: string; from: number; to: number; events: number }[]
  sources: ExpiryContents['sources']
  by: string
  at: number
}

const page = 1_000

/** Notes what went, under the id of the sealed entry that says so (`by`): the same again changes nothing. */
export async function noteExpired(documents: DocumentStore, expired: Expired): Promise<void> {
  const doc: JsonObject = JSON.parse(JSON.stringify(expired))
  await documents.create(collections.expired.name, expired.by, doc)
}

/** Oldest first; those alone of which something arrived in the range, where one is given. */
export async function* expiredUnits(
  documents: DocumentStore,
  range: { from: number; to: number } = { from: 0, to: Number.MAX_SAFE_INTEGER },
): AsyncGenerator<Expired> {
  for (let cursor: string | undefined; ; ) {
    const found = await documents.list(collections.expired.name, {
      where: { 'arrived.to': { gte: range.from } },
      sort: { by: 'arrived.to', order: 'asc' },
      limit: page,
      ...(cursor === undefined ? {} : { cursor }),
    })
    for (const { doc } of found.docs) {
      // Written above alone, so its shape is trusted here.
      const expired: Expired = JSON.parse(JSON.stringify(doc))
      if (expired.arrived.from < range.to) yield expired
    }
    cursor = found.next
    if (cursor === undefined) return
  }
}

/** Per source, how many records are gone of the units that touch the range: at most so many of the range itself. */
export async function expiredBySource(
  documents: DocumentStore,
  range: { from: number; to: number },
  tenants: 'all' | readonly string[],
): Promise<ExpiryContents['sources']> {
  const sums = new Map<string, ExpiryContents['sources'][number]>()
  for await (const { sources } of expiredUnits(documents, range)) {
    for (const { tenant, source, events } of sources) {
      if (tenants !== 'all' && !tenants.includes(tenant)) continue
      const sum = sums.get(`${tenant}\n${source}`) ?? { tenant, source, events: 0 }
      sum.events += events
      sums.set(`${tenant}\n${source}`, sum)
    }
  }
  return [...sums.values()].filter(({ events }) => events > 0)
}
