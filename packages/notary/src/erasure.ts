// Erases events: first the sealed record that says what and on whose authority, then the store's tombstones.
import { type EntryStreams, entryId, hashEvent } from '@varde/evidence'
import { type Clock, VardeError } from '@varde/runtime'
import type { JsonObject, Query, StoredEvent } from '@varde/schema'
import { collections, type Store, type Tombstone, type Versioned, type WriteOutcome } from '@varde/store'

export const erasuresStream = '@erasures'

export interface ErasureOrder {
  query: Query
  /** Event time in UTC milliseconds: from inclusive, to exclusive. */
  from?: number
  to?: number
  tenant?: string
  by: string
  /** On whose authority and why: a person's request, a court, a regulation. */
  authority: string
}

export interface ErasureResult {
  events: number
  /** Alerts whose copies of fields of these events were emptied. */
  alerts: number
  /** Ids of the sealed entries. */
  entries: string[]
  /** Where copies may still be, each with its deadline. */
  left: string[]
}

export interface Erasure {
  /** How many events the order would erase. */
  count(order: Omit<ErasureOrder, 'by' | 'authority'>): Promise<number>
  /** Hidden when it resolves. Throws ERASURE_UNSUPPORTED, ERASURE_ALL, ERASURE_HELD. */
  erase(order: ErasureOrder): Promise<ErasureResult>
  /** Resolves when the bytes are gone from the store. */
  purged(): Promise<void>
}

/** One sealed entry names so many events: some hundred kilobytes. */
const entryEventsMax = 1_000

export function createErasure({
  store,
  streams,
  clock,
  heldBy = async () => new Map(),
}: {
  store: Store
  streams: EntryStreams
  clock: Clock
  /** Of these events, the ones that a legal hold keeps, each with its case: an order that meets one does nothing at all. */
  heldBy?: (ids: readonly string[]) => Promise<Map<string, string>>
}): Erasure {
  const filterOf = ({ query, from, to, tenant }: Omit<ErasureOrder, 'by' | 'authority'>) => ({
    scope: { tenants: tenant === undefined ? ('all' as const) : [tenant] },
    query,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  })

  const eraseSome = async (events: StoredEvent[], order: ErasureOrder): Promise<string> => {
    const erased = events.map((event) => ({ id: event.id, leaf: hashEvent(event).leaf }))
    const body: JsonObject = { action: 'erased', by: order.by, authority: order.authority, events: erased }
    // Sealed first: a crash in between leaves a record of what was not done yet, never a hole that nothing explains.
    const entry = await streams.append(erasuresStream, body)
    const by = entryId(entry.link)
    const tombstones: Tombstone[] = erased.map(({ id, leaf }) => ({ id, leaf, at: clock.now(), by }))
    await store.erasure?.erase(tombstones)
    return by
  }

  const refuseHeld = async (order: ErasureOrder): Promise<void> => {
    const held = new Map<string, string>()
    for await (const batch of store.events.scan(filterOf(order)))
      for (const [id, by] of await heldBy(batch.map(({ id }) => id))) held.set(id, by)
    if (held.size === 0) return
    const cases = [...new Set(held.values())].sort().join(', ')
    throw new VardeError(
      'ERASURE_HELD',
      `${held.size} of these events are under the legal hold of ${cases}: nothing was erased`,
      {
        hint: 'Release the hold of the case first, or narrow the query.',
        facts: { events: held.size },
      },
    )
  }

  return {
    count: (order) => store.events.count(filterOf(order)),
    async erase(order) {
      if (store.erasure === undefined)
        throw new VardeError('ERASURE_UNSUPPORTED', 'this store can not erase events', {
          hint: 'Use the embedded store.',
        })
      if (
        order.query.kind === 'all' &&
        order.from === undefined &&
        order.to === undefined &&
        order.tenant === undefined
      )
        throw new VardeError('ERASURE_ALL', 'this would erase every event', {
          hint: 'Name a subject by a query, or a range.',
        })
      await refuseHeld(order)
      const entries: string[] = []
      const ids = new Set<string>()
      let waiting: StoredEvent[] = []
      for await (const batch of store.events.scan(filterOf(order))) {
        for (const event of batch) {
          waiting.push(event)
          ids.add(event.id)
          if (waiting.length < entryEventsMax) continue
          entries.push(await eraseSome(waiting, order))
          waiting = []
        }
      }
      if (waiting.length > 0) entries.push(await eraseSome(waiting, order))
      const alerts = ids.size === 0 ? 0 : await emptyAlerts(store, ids)
      return { events: ids.size, alerts, entries, left: copies }
    },
    purged: async () => store.erasure?.purged(),
  }
}

const copies = [
  'the raw topic of the bus: a day, or until its segment file of 64 MiB is full (cluster: the retention of raw and hits)',
  'titles, groups and collected values of alerts, and what people wrote: they are the house’s own record',
  'pins of cases: until the legal hold of the case ends',
  'dead letters: erased one by one',
  'backups: until they expire',
]

/** Alerts keep that there was an event, its id, time and digest, and lose the fields that they copied. */
async function emptyAlerts({ documents }: Store, ids: ReadonlySet<string>): Promise<number> {
  const { name } = collections.alerts
  let changed = 0
  for (let cursor: string | undefined; ; ) {
    const page = await documents.list<JsonObject>(name, { limit: 500, ...(cursor === undefined ? {} : { cursor }) })
    for (const found of page.docs) {
      let current: Versioned<JsonObject> | undefined = found
      while (current !== undefined) {
        const emptied = withoutFields(current.doc, ids)
        if (emptied === undefined) break
        const written: WriteOutcome<JsonObject> = await documents.update<JsonObject>(
          name,
          current.id,
          emptied,
          current.version,
        )
        if (written.ok) {
          changed += 1
          break
        }
        // A person or the correlator wrote meanwhile: once more over what is there now.
        current = written.current
      }
    }
    cursor = page.next
    if (cursor === undefined) return changed
  }
}

/** The alert without the fields of these events; undefined where it copied none. */
function withoutFields(doc: JsonObject, ids: ReadonlySet<string>): JsonObject | undefined {
  const members = doc['members']
  if (!Array.isArray(members)) return undefined
  let touched = false
  const emptied = members.map((member) => {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member
    if (!ids.has(String(member['eventId'])) || Object.keys(Object(member['fields'])).length === 0) return member
    touched = true
    return { ...member, fields: {} }
  })
  return touched ? { ...doc, members: emptied } : undefined
}
