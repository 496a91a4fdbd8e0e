// Puts the sample into a node, through the stream, sealed, and detected by the clock of its events; and takes it out again.
import { encodeRecord, rawTopic } from '@varde/ingest'
import type { Alert, JsonObject, Query } from '@varde/schema'
import { collections } from '@varde/store'
import { detectHistory, type HistoryStep } from '../history.ts'
import { nodeName } from '../kafka-settings.ts'
import type { Node } from '../wiring.ts'
import { stream } from '../wiring.ts'
import { sampleWeek } from './week.ts'

const stateId = 'sample'
const seed = 20_261_123
const producerStart = `sample-${seed}-`
const tenant = 'house'
const batchRecords = 2_000

export interface SampleLoaded {
  events: number
  alerts: number
  already: boolean
}

export interface SampleRemoved {
  events: number
  alerts: number
}

/** What is remembered of the sample, also after it was taken out. */
interface SampleState extends JsonObject {
  loadedAt: number
  end: number
  /** How often it was taken out: the next loading is another one, whose records nobody has seen. */
  removals: number
  /** Ids of its alerts, while it is being taken out. */
  removing: string[] | null
  isIn: boolean
}

async function sampleState({ store }: Pick<Node, 'store'>): Promise<SampleState | undefined> {
  const found = await store.documents.get<JsonObject>(collections.state.name, stateId)
  // Of before it could be taken out.
  return found === undefined
    ? undefined
    : { loadedAt: 0, end: 0, removals: 0, removing: null, isIn: true, ...found.doc }
}

async function setSampleState({ store }: Pick<Node, 'store'>, state: SampleState): Promise<void> {
  const { documents } = store
  for (;;) {
    const found = await documents.get(collections.state.name, stateId)
    const written =
      found === undefined
        ? await documents.create(collections.state.name, stateId, state)
        : await documents.update(collections.state.name, stateId, state, found.version)
    if (written.ok) return
  }
}

export async function hasSample(node: Pick<Node, 'store'>): Promise<boolean> {
  return (await sampleState(node))?.isIn === true
}

/** The week ends at the last midnight UTC. Loading it again, after a break too, doubles nothing. */
export async function loadSample(node: Node, tell: (step: HistoryStep) => void): Promise<SampleLoaded> {
  const before = await sampleState(node)
  if (before?.isIn === true) {
    return {
      events: (await node.store.events.stats()).events,
      alerts: node.alerts.counts({}, { tenants: 'all' }).total,
      already: true,
    }
  }
  const end = Math.floor(node.clock.now() / 86_400_000) * 86_400_000
  const removals = before?.removals ?? 0
  const producer = `${producerStart}${end}${removals === 0 ? '' : `-${removals}`}`
  const records = sampleWeek({ seed, end })
  const partitions = node.config.partitions
  const origins = new Map<string, Parameters<typeof encodeRecord>[0]['origin']>()
  const sequences = new Map<string, number>()
  const waiting = new Map<number, ReturnType<typeof encodeRecord>[]>()
  const flush = async (partition: number) => {
    const batch = waiting.get(partition) ?? []
    waiting.set(partition, [])
    if (batch.length > 0) await node.bus.append(rawTopic(stream), partition, batch)
  }
  let index = 0
  for (const { source, dataset, line } of records) {
    let origin = origins.get(source)
    if (origin === undefined) {
      origin = {
        tenant,
        source,
        retention: 'standard',
        collector: nodeName(node.config),
        transport: 'file',
        dataset,
        imported: true,
      }
      origins.set(source, origin)
    }
    // One partition a source keeps its lines in order.
    const partition = [...origins.keys()].indexOf(source) % partitions
    const sequence = sequences.get(source) ?? 0
    sequences.set(source, sequence + 1)
    const batch = waiting.get(partition) ?? []
    waiting.set(partition, batch)
    batch.push(
      encodeRecord(
        { origin, raw: Buffer.from(line), sender: { producer: `${producer}-${source}`, sequence } },
        node.clock.now(),
      ),
    )
    index += 1
    if (batch.length >= batchRecords) await flush(partition)
  }
  for (const partition of waiting.keys()) await flush(partition)
  tell({ step: 'seal' })
  await node.ingest.drained()
  const alerts = await detectHistory(node, tell)
  await setSampleState(node, { loadedAt: node.clock.now(), end, removals, removing: null, isIn: true })
  return { events: index, alerts, already: false }
}

const ofSample: Query = { kind: 'field', field: '_producer', value: { kind: 'wildcard', pattern: `${producerStart}*` } }

/**
 * Erases the sample's events, under a sealed record like any erasure, retracts the alerts that have no others, and forgets sources that
 * sent nothing else. Doing it again after a break ends it. Throws ERASURE_HELD.
 */
export async function removeSample(node: Node, by: string): Promise<SampleRemoved> {
  const state = await sampleState(node)
  if (state?.isIn !== true) return { events: 0, alerts: 0 }
  const { store, alerts } = node
  await store.settle()
  const ids = new Set<string>()
  const sources = new Set<string>()
  for await (const batch of store.events.scan({ scope: { tenants: [tenant] }, query: ofSample })) {
    for (const { id, source } of batch) {
      ids.add(id)
      sources.add(source)
    }
  }
  const removing = [...new Set([...(state.removing ?? []), ...(await alertsOfOnly(node, ids))])]
  // Written first: once the events are gone, nothing tells which alerts were theirs.
  await setSampleState(node, { ...state, removing })
  const authority = 'the sample, which is made up, is taken out'
  const { events } = await node.notary.erasure.erase({ query: ofSample, tenant, by, authority })
  for (const id of removing) await alerts.retract(id)
  await store.settle()
  for (const source of sources) await forgetSource(node, source)
  await setSampleState(node, { ...state, removals: state.removals + 1, removing: null, isIn: false })
  return { events, alerts: removing.length }
}

/** Alerts that nothing but these events made. */
async function alertsOfOnly({ store }: Node, ids: ReadonlySet<string>): Promise<string[]> {
  const found: string[] = []
  for (let cursor: string | undefined; ; ) {
    const page = await store.documents.list<JsonObject & Pick<Alert, 'members'>>(collections.alerts.name, {
      limit: 500,
      ...(cursor === undefined ? {} : { cursor }),
    })
    for (const { id, doc } of page.docs)
      if (doc.members.length > 0 && doc.members.every(({ eventId }) => ids.has(eventId))) found.push(id)
    cursor = page.next
    if (cursor === undefined) return found
  }
}

async function forgetSource({ store }: Node, source: string): Promise<void> {
  const query: Query = { kind: 'field', field: '_source', value: { kind: 'phrase', text: source } }
  if ((await store.events.count({ scope: { tenants: [tenant] }, query })) > 0) return
  const id = `${tenant}/${source}`
  const found = await store.documents.get(collections.sources.name, id)
  if (found !== undefined) await store.documents.delete(collections.sources.name, id, found.version)
}
