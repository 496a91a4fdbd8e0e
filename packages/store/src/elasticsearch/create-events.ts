// Creating events: the sender's name first, then the event under its own id in the index of its arrival day.
import { VardeError } from '@varde/runtime'
import type { StoredEvent } from '@varde/schema'
import type { CreateOutcome } from '../port.ts'
import { type BulkItem, type BulkOptions, bulkCreate } from './bulk.ts'
import type { Connection } from './connection.ts'
import type { Erasure } from './erasure.ts'
import { eventDocument } from './event-document.ts'
import type { Names } from './names.ts'
import { type Identity, identify } from './senders.ts'
import { type EventHit, isErased, storedEvent } from './stored-event.ts'

export interface CreateDeps {
  connection: Connection
  names: Names
  bulk: BulkOptions
  /** Makes the index of a day where it is missing. */
  ensureIndex(index: string): Promise<void>
  erasure: Pick<Erasure, 'erasedAmong'>
}

export async function createEvents(deps: CreateDeps, events: readonly StoredEvent[]): Promise<CreateOutcome[]> {
  const { connection, names, bulk } = deps
  const outcomes: CreateOutcome[] = new Array(events.length)
  const erased = await deps.erasure.erasedAmong(events.map(({ id }) => id))
  const items: BulkItem[] = []
  const places: number[] = []
  for (const [place, event] of events.entries()) {
    if (erased.has(event.id)) {
      outcomes[place] = { outcome: 'erased' }
      continue
    }
    const document = eventDocument(event, names)
    if (!document.ok) outcomes[place] = { outcome: 'refused', reason: document.reason }
    else {
      items.push(document)
      places.push(place)
    }
  }
  for (const index of new Set(items.map((item) => item.index))) await deps.ensureIndex(index)
  const identities = await identify(
    connection,
    names,
    places.flatMap((place) => events[place] ?? []),
    bulk,
  )
  const sent: BulkItem[] = []
  const sentPlaces: number[] = []
  for (const [at, place] of places.entries()) {
    const event = events[place]
    const item = items[at]
    if (event === undefined || item === undefined) continue
    const identity = identities.get(event)
    if (identity !== undefined && !identity.own) outcomes[place] = { outcome: 'duplicate', of: identity.of }
    else {
      sent.push(item)
      sentPlaces.push(place)
    }
  }
  const results = await bulkCreate(connection, sent, bulk)
  const there: number[] = []
  for (const [at, place] of sentPlaces.entries()) {
    const result = results[at]
    const event = events[place]
    if (result === undefined || event === undefined) continue
    if (result === 'exists') there.push(at)
    else if (result === 'created') outcomes[place] = createdOutcome(identities.get(event))
    else outcomes[place] = { outcome: 'refused', reason: result.refused }
  }
  await readThere(deps, sent, there, (at, hit) => {
    const place = sentPlaces[at] ?? -1
    const event = events[place]
    if (event === undefined) return
    if (isErased(hit._source)) outcomes[place] = { outcome: 'erased' }
    // Also where an answer to this very call was lost on its way: what is stored is matched and sealed, as it must be.
    else outcomes[place] = { outcome: 'existing', stored: storedEvent(hit) }
  })
  return outcomes
}

function createdOutcome(identity: Identity | undefined): CreateOutcome {
  return identity?.own === true && identity.sameKeyAs !== undefined
    ? { outcome: 'created', sameKeyAs: identity.sameKeyAs }
    : { outcome: 'created' }
}

/** Documents of one read: at 1 KB each, some megabytes. */
const readMax = 5_000

/** By realtime get, in the index that the create went to: the same home leads to the same index. */
async function readThere(
  { connection }: CreateDeps,
  sent: readonly BulkItem[],
  there: readonly number[],
  take: (at: number, hit: EventHit) => void,
): Promise<void> {
  for (let from = 0; from < there.length; from += readMax) {
    const part = there.slice(from, from + readMax)
    const docs = part.map((at) => ({ _index: sent[at]?.index, _id: sent[at]?.id }))
    const { body } = await connection.ask<{ docs: (EventHit & { found?: boolean })[] }>('POST', '/_mget', {
      body: { docs },
    })
    for (const [place, at] of part.entries()) {
      const hit = body.docs[place]
      if (hit?.found !== true) {
        throw new VardeError('STORE_UNAVAILABLE', `the event ${sent[at]?.id} exists and cannot be read`, {
          hint: 'Its index is being deleted or restored: it is tried again.',
          facts: { passing: true, index: sent[at]?.index ?? '' },
        })
      }
      take(at, hit)
    }
  }
}
