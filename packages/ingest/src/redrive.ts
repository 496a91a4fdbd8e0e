// Dead letters sent through again, after a parser or a setting was mended.
import type { Bus } from '@varde/bus'
import { type Clock, systemClock } from '@varde/runtime'
import { eventId, type JsonObject } from '@varde/schema'
import { collections, type DocumentStore, type Store } from '@varde/store'
import { deadLetterOf } from './dead-letter-document.ts'
import { encodeRecord, encodeTick, type Origin, rawTopic } from './raw-topic.ts'

export interface RedriveDeps {
  bus: Bus
  store: Store
  clock?: Clock
}

export interface Redriven {
  id: string
  /** `redriven`: published again as `as`. `already`: it became the event `as` before. `unknown`: there is no such letter. */
  outcome: 'redriven' | 'already' | 'unknown'
  as?: string
}

/**
 * Publishes the records again, with the arrival of now, and marks the dead letters. Under their sender's key, or one made
 * from their id: a crash between the two makes no doubles. What fails again under its sender's key is a duplicate of its
 * first dead letter, which can be sent again; without a key it is a dead letter of its own.
 */
export async function redriveDeadLetters(ids: readonly string[], deps: RedriveDeps): Promise<Redriven[]> {
  const done: Redriven[] = []
  for (const id of ids) done.push(await redrive(id, deps))
  return done
}

async function redrive(id: string, { bus, store, clock = systemClock }: RedriveDeps): Promise<Redriven> {
  const { documents } = store
  const found = await documents.get<JsonObject>(collections.deadLetters.name, id)
  if (found === undefined) return { id, outcome: 'unknown' }
  const letter = deadLetterOf(found.doc)
  if (
    letter.redrivenAs !== undefined &&
    (await store.events.get(letter.redrivenAs, { tenants: 'all' })) !== undefined
  ) {
    return { id, outcome: 'already', as: letter.redrivenAs }
  }
  const { arrival: _arrival, sender, cutBytes: _cutBytes, ...rest } = letter.record
  const origin: Origin = { ...rest, collector: 'redrive' }
  const { stream, partition } = letter.home
  const now = clock.now()
  const record = encodeRecord({ origin, raw: letter.raw, sender: sender ?? { key: `redrive/${id}` } }, now)
  // It is no collector that goes on: the tick takes it out of the watermark again.
  const leave = encodeTick({ collector: 'redrive', arrival: now, state: 'leave' })
  const { offsets } = await bus.append(rawTopic(stream), partition, [record, leave])
  const as = eventId({
    stream,
    partition,
    generation: await generationOf(documents, stream, partition),
    offset: offsets[0] ?? 0,
  })
  let current = found
  for (;;) {
    const written = await documents.update<JsonObject>(
      collections.deadLetters.name,
      id,
      { ...current.doc, redrivenAs: as },
      current.version,
    )
    if (written.ok || written.current === undefined) return { id, outcome: 'redriven', as }
    current = written.current
  }
}

async function generationOf(documents: DocumentStore, stream: string, partition: number): Promise<number> {
  const state = await documents.get<JsonObject>(collections.state.name, `generations.${stream}.${partition}`)
  const incarnations = state?.doc['incarnations']
  return Array.isArray(incarnations) ? Math.max(0, incarnations.length - 1) : 0
}
