// Puts the sample into a node: through the stream, sealed, and detected by the clock of its events.
import { encodeRecord, rawTopic } from '@varde/ingest'
import { collections } from '@varde/store'
import { detectHistory, type HistoryStep } from '../history.ts'
import { nodeName } from '../kafka-settings.ts'
import type { Node } from '../wiring.ts'
import { stream } from '../wiring.ts'
import { sampleWeek } from './week.ts'

const stateId = 'sample'
const seed = 20_261_123
const batchRecords = 2_000

export interface SampleLoaded {
  events: number
  alerts: number
  already: boolean
}

export async function hasSample(node: Pick<Node, 'store'>): Promise<boolean> {
  return (await node.store.documents.get(collections.state.name, stateId)) !== undefined
}

/** The week ends at the last midnight UTC. Loading it again, after a break too, doubles nothing. */
export async function loadSample(node: Node, tell: (step: HistoryStep) => void): Promise<SampleLoaded> {
  if (await hasSample(node)) {
    return {
      events: (await node.store.events.stats()).events,
      alerts: node.alerts.counts({}, { tenants: 'all' }).total,
      already: true,
    }
  }
  const end = Math.floor(node.clock.now() / 86_400_000) * 86_400_000
  const producer = `sample-${seed}-${end}`
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
        tenant: 'house',
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
  await node.store.documents.create(collections.state.name, stateId, { loadedAt: node.clock.now(), end })
  return { events: index, alerts, already: false }
}
