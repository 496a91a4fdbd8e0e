// All chains there are, and where each of them ends now.
import {
  type ChainTip,
  chainName,
  type EntryStreams,
  type SealHead,
  sealHead,
  tipOf,
  tipOfEntry,
} from '@varde/evidence'
import { type JsonObject, type Seal, sealId } from '@varde/schema'
import { collections, type DocumentStore } from '@varde/store'

type Chain = Pick<Seal, 'stream' | 'generation' | 'partition'>

/** More chains than this are no longer one house's. */
const chainsMax = 10_000

/** Seals are written by ingest alone; as documents they are plain JSON, and the verifier trusts none of them. */
export function sealOf(doc: JsonObject): Seal {
  const seal: Seal = JSON.parse(JSON.stringify(doc))
  return seal
}

export async function sealChains(documents: DocumentStore): Promise<Chain[]> {
  const { docs } = await documents.list(collections.seals.name, { where: { seq: 0 }, limit: chainsMax })
  return docs.map(({ doc }) => {
    const { stream, generation, partition } = sealOf(doc)
    return { stream, generation, partition }
  })
}

/** By realtime get of seq + 1; a list is only a hint. */
export async function lastSealOf(documents: DocumentStore, chain: Chain): Promise<Seal | undefined> {
  const { docs } = await documents.list(collections.seals.name, {
    where: { ...chain },
    sort: { by: 'seq', order: 'desc' },
    limit: 1,
  })
  let last = docs[0] === undefined ? undefined : sealOf(docs[0].doc)
  for (;;) {
    const next = await sealAt(documents, { ...chain, seq: last === undefined ? 0 : last.seq + 1 })
    if (next === undefined) return last
    last = next
  }
}

export async function sealAt(documents: DocumentStore, place: Chain & { seq: number }): Promise<Seal | undefined> {
  const found = await documents.get(collections.seals.name, sealId(place))
  return found === undefined ? undefined : sealOf(found.doc)
}

/** The heads of seals behind `seal`, up to `seq`. */
export async function linksTo(
  documents: DocumentStore,
  seal: Chain & { seq: number },
  seq: number,
): Promise<SealHead[]> {
  const { stream, generation, partition } = seal
  const links: SealHead[] = []
  for (let next = seal.seq + 1; next <= seq; next += 1) {
    const found = await sealAt(documents, { stream, generation, partition, seq: next })
    if (found === undefined) throw new RangeError(`seal ${next} of ${chainName(seal)} is missing`)
    links.push(sealHead(found))
  }
  return links
}

export async function tipsNow(documents: DocumentStore, streams: EntryStreams): Promise<ChainTip[]> {
  const tips: ChainTip[] = []
  for (const chain of await sealChains(documents)) {
    const last = await lastSealOf(documents, chain)
    if (last !== undefined) tips.push(tipOf(last))
  }
  for (const name of await streams.names()) {
    const last = await streams.last(name)
    if (last !== undefined) tips.push(tipOfEntry(last.link))
  }
  return tips
}
