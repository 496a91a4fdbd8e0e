// The raw input of a data folder as its seals recorded it, laid into a fresh folder: the same records, arrivals and ticks at the same offsets.
import { openEmbeddedBus } from '@varde/bus/embedded'
import { verifyChain } from '@varde/evidence'
import { encodeRecord, encodeTick, type Origin, rawTopic } from '@varde/ingest'
import type { Alert, OtherLeaf, Seal, StoredEvent } from '@varde/schema'
import { collections, type Store } from '@varde/store'
import { openEmbeddedStore } from '@varde/store/embedded'

export interface RecordedInput {
  records: number
  /** Records that arrived twice, because their sender never saw the first reply. */
  duplicates: number
  seals: number
}

interface Recording {
  partitions: number
  latenessMs: number
}

async function documentsOf<T>(store: Store, collection: string, query: { where?: { partition: number }; by: string }) {
  const found: T[] = []
  let cursor: string | undefined
  do {
    const page = await store.documents.list<T & Record<string, never>>(collection, {
      ...(query.where && { where: query.where }),
      sort: { by: query.by, order: 'asc' },
      limit: 1_000,
      ...(cursor !== undefined && { cursor }),
    })
    found.push(...page.docs.map(({ doc }) => doc))
    cursor = page.next
  } while (cursor !== undefined)
  return found
}

/** The store of a stopped node. */
export type OpenStore = () => Promise<Store>

export function storeIn(folder: string): OpenStore {
  return () => openEmbeddedStore({ dir: `${folder}/store` })
}

/** Every alert that a stopped node holds. */
export async function alertsOf(open: OpenStore): Promise<Alert[]> {
  const store = await open()
  try {
    return await documentsOf<Alert>(store, collections.alerts.name, { by: 'raisedAt' })
  } finally {
    await store.close()
  }
}

function originOf(event: StoredEvent, latenessMs: number): Origin {
  const { tenant, source, retention } = event
  return { tenant, source, retention, collector: 'embedded', transport: 'http', latenessMs }
}

/** Throws where a chain does not verify or an offset is neither an event nor told by its seal. */
export async function copyRawInput(from: OpenStore, to: string, recording: Recording): Promise<RecordedInput> {
  const store = await from()
  const bus = await openEmbeddedBus({ dir: `${to}/bus` })
  const seen: RecordedInput = { records: 0, duplicates: 0, seals: 0 }
  try {
    await bus.ensureTopic(rawTopic('main'), { partitions: recording.partitions })
    for (let partition = 0; partition < recording.partitions; partition += 1) {
      const seals = await documentsOf<Seal>(store, collections.seals.name, { where: { partition }, by: 'seq' })
      const verified = verifyChain(seals)
      if (!verified.ok) throw new Error(`partition ${partition}: ${JSON.stringify(verified)}`)
      seen.seals += seals.length
      for (const seal of seals) {
        const events = new Map<number, StoredEvent>()
        for await (const page of store.events.range({ stream: 'main', generation: 0, partition }, seal.from, seal.to))
          for (const event of page) events.set(event.home.offset, event)
        const others = new Map(seal.others.map((other) => [other.offset, other]))
        const records = Array.from({ length: seal.to - seal.from }, (_, at) =>
          recordAt(seal.from + at, events, others, recording, seen),
        )
        await bus.append(rawTopic('main'), partition, records)
      }
    }
    return seen
  } finally {
    await bus.close()
    await store.close()
  }
}

function recordAt(
  offset: number,
  events: Map<number, StoredEvent>,
  others: Map<number, OtherLeaf>,
  recording: Recording,
  seen: RecordedInput,
) {
  const event = events.get(offset)
  if (event !== undefined) {
    seen.records += 1
    const { raw, sender, arrival } = event
    return encodeRecord({ origin: originOf(event, recording.latenessMs), raw, ...(sender && { sender }) }, arrival)
  }
  const other = others.get(offset)
  if (other?.kind === 'tick')
    return encodeTick({
      collector: other.collector,
      arrival: other.arrival,
      state: other.state,
      latenessMs: recording.latenessMs,
    })
  if (other?.kind !== 'duplicate') throw new Error(`offset ${offset} is ${other?.kind ?? 'nothing'}`)
  seen.duplicates += 1
  // No rule ever saw the second copy: a tick at its arrival holds its place.
  return encodeTick({
    collector: 'embedded',
    arrival: other.arrival,
    state: 'live',
    latenessMs: recording.latenessMs,
  })
}
