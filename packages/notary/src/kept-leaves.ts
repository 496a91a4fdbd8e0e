// Leaves of expired records: kept as long as other records of their seal are there, so that these can still be proven.
import { offsetsOf, packRuns, type Run, runsOf, runsWithin, unpackRuns } from '@varde/evidence'
import { type Digest, type Home, type JsonObject, type Seal, sealId } from '@varde/schema'
import { collections, type DocumentStore } from '@varde/store'
import { sealOf } from './chains.ts'

type Chain = Omit<Home, 'offset'>

export interface Going {
  chain: Chain
  /** Merged. */
  runs: readonly Run[]
}

const { name } = collections.keptLeaves
const digestBytes = 32
const page = 1_000

/** The leaves that were kept of a range of one chain, by offset. */
export async function keptLeaves(
  documents: DocumentStore,
  chain: Chain,
  from: number,
  to: number,
): Promise<Map<number, Digest>> {
  const found = new Map<number, Digest>()
  for await (const seal of sealsOver(documents, chain, from, to))
    for (const [offset, leaf] of (await read(documents, sealId(seal)))?.leaves ?? [])
      if (offset >= from && offset < to) found.set(offset, leaf)
  return found
}

/**
 * Keeps the leaves of what is going wherever something of their seal stays; gives the seals of which nothing will be left, whose
 * kept leaves may go once it is gone. `leavesOf` and `tombstonesIn` are asked while everything is still there.
 */
export async function keepLeaves(
  deps: {
    documents: DocumentStore
    leavesOf(seal: Seal): Promise<(Digest | undefined)[]>
    tombstonesIn(chain: Chain, from: number, to: number): Promise<number>
  },
  going: readonly Going[],
): Promise<string[]> {
  const { documents } = deps
  const emptied: string[] = []
  for (const { chain, runs } of going) {
    const [first, last] = [runs[0], runs.at(-1)]
    if (first === undefined || last === undefined) continue
    for await (const seal of sealsOver(documents, chain, first.from, last.to)) {
      const mine = runsWithin(runs, seal.from, seal.to)
      if (mine.length === 0) continue
      const id = sealId(seal)
      const kept = await read(documents, id)
      const leaves = new Map(kept?.leaves)
      for (const offset of offsetsOf(mine)) if (!leaves.has(offset)) leaves.set(offset, '')
      const erased = await deps.tombstonesIn(chain, seal.from, seal.to)
      if (leaves.size + erased >= seal.count - seal.others.length) {
        emptied.push(id)
        continue
      }
      const all = await deps.leavesOf(seal)
      for (const offset of offsetsOf(mine)) leaves.set(offset, all[offset - seal.from] ?? leaves.get(offset) ?? '')
      await write(documents, id, leaves)
    }
  }
  return emptied
}

export async function forgetLeaves(documents: DocumentStore, seals: readonly string[]): Promise<void> {
  for (const id of seals) {
    const found = await documents.get(name, id)
    if (found !== undefined) await documents.delete(name, id, found.version)
  }
}

async function* sealsOver(documents: DocumentStore, chain: Chain, from: number, to: number): AsyncGenerator<Seal> {
  const { stream, generation, partition } = chain
  const { docs } = await documents.list(collections.seals.name, {
    where: { stream, generation, partition, from: { lt: from + 1 } },
    sort: { by: 'from', order: 'desc' },
    limit: 1,
  })
  const begin = docs[0] === undefined ? 0 : sealOf(docs[0].doc).from
  for (let cursor: string | undefined; ; ) {
    const found = await documents.list(collections.seals.name, {
      where: { stream, generation, partition, from: { gte: begin, lt: to } },
      sort: { by: 'from', order: 'asc' },
      limit: page,
      ...(cursor === undefined ? {} : { cursor }),
    })
    for (const { doc } of found.docs) yield sealOf(doc)
    cursor = found.next
    if (cursor === undefined) return
  }
}

async function read(documents: DocumentStore, id: string): Promise<{ leaves: Map<number, Digest> } | undefined> {
  const found = await documents.get(name, id)
  if (found === undefined) return undefined
  const bytes = Buffer.from(String(found.doc['leaves']), 'base64')
  const leaves = new Map<number, Digest>()
  for (const offset of offsetsOf(unpackRuns(String(found.doc['offsets'])))) {
    const at = leaves.size * digestBytes
    leaves.set(offset, bytes.toString('hex', at, at + digestBytes))
  }
  return { leaves }
}

async function write(documents: DocumentStore, id: string, leaves: ReadonlyMap<number, Digest>): Promise<void> {
  const sorted = [...leaves].filter(([, leaf]) => leaf !== '').sort(([a], [b]) => a - b)
  const doc: JsonObject = {
    offsets: packRuns(runsOf(sorted.map(([offset]) => offset))),
    leaves: Buffer.from(sorted.map(([, leaf]) => leaf).join(''), 'hex').toString('base64'),
  }
  for (;;) {
    const found = await documents.get(name, id)
    const written =
      found === undefined ? await documents.create(name, id, doc) : await documents.update(name, id, doc, found.version)
    if (written.ok) return
  }
}
