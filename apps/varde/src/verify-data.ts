// Checks a data folder whole: every file of bus and store, then every seal against what is stored.
import { type Chain, chainName, type StampAuthority, verifyFolderSeals } from '@varde/evidence'
import { deadLetterOf } from '@varde/ingest'
import { keptLeaves } from '@varde/notary'
import { type DeadLetter, eventId, type JsonObject, type Seal, sealId } from '@varde/schema'
import { collections, type Store } from '@varde/store'
import { type OutsideHead, verifyStoredHeads, verifyStreams } from './verify-heads.ts'
import type { Stores } from './wiring.ts'

function plain(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value))
}

/** Findings as they are met, then one line `{ok, seals, records, …}`. */
export async function* verifyData(
  { bus, store }: Pick<Stores, 'bus' | 'store'>,
  tell: (progress: JsonObject) => void,
  {
    outside = [],
    authorities = [],
  }: { outside?: readonly OutsideHead[]; authorities?: readonly StampAuthority[] } = {},
): AsyncIterable<JsonObject> {
  let wrong = 0
  let rebuilt = 0
  // A cluster's log is checked by its brokers.
  for (const finding of 'check' in bus ? await bus.check() : []) {
    if (finding.rebuilt) rebuilt += 1
    else wrong += 1
    yield { finding: plain(finding), part: 'bus' }
  }
  for (const finding of await store.check((done, total) => tell({ step: 'files', done, total }))) {
    if (finding.rebuilt) rebuilt += 1
    else wrong += 1
    yield { finding: plain(finding), part: 'store' }
  }
  const streams = await verifyStreams(store)
  const heads = await verifyStoredHeads(store, streams.keys, { outside, authorities, tell })
  for (const finding of [...streams.findings, ...heads.findings]) {
    wrong += 1
    yield { finding: { seal: finding.item, problem: finding.problem }, part: 'heads' }
  }
  let seals = 0
  let records = 0
  let expired = 0
  const sources = {
    seals: allSeals(store),
    events: store.events.range,
    deadLetters: (chain: Chain, offsets: number[]) => deadLetters(store, chain, offsets),
    erased: async (chain: Chain) => streams.erased.get(chainName(chain)) ?? new Map<number, string>(),
    kept: (chain: Chain, from: number, to: number) => keptLeaves(store.documents, chain, from, to),
    expired: (chain: Chain) => streams.expired.get(chainName(chain)) ?? [],
  }
  for await (const step of verifyFolderSeals(sources)) {
    if (step.kind === 'finding') {
      wrong += 1
      yield { finding: plain(step.finding), part: 'seals' }
    } else {
      seals = step.seals
      records = step.records
      expired = step.expired
      tell({ step: 'seals', seals, records })
    }
  }
  const { provenUpTo, unproven } = heads
  yield plain({
    ok: wrong === 0,
    wrong,
    rebuilt,
    seals,
    records,
    expired,
    entries: streams.entries,
    heads: heads.heads,
    stamps: heads.stamps,
    firstKey: streams.keys[0]?.id,
    provenUpTo,
    unproven,
    notCovered,
  })
}

/** Said with every result: what a green answer does not mean. */
const notCovered = [
  'what was made after the last head (unproven)',
  'indexes and the ledger collection: derived, rebuilt and compared',
  'alerts, cases and settings beside their sealed entries',
  'whether the first key is the house’s own: compare its id with one kept elsewhere',
]

/** Every seal, chain by chain, by its numbers: a hole ends the chain there, and the seal behind it says that one is missing. */
async function* allSeals(store: Store): AsyncIterable<Seal> {
  const { documents } = store
  const firsts = await documents.list(collections.seals.name, { where: { seq: 0 }, limit: 10_000 })
  for (const { doc } of firsts.docs) {
    const { stream, generation, partition } = sealOf(doc)
    const newest = await documents.list(collections.seals.name, {
      where: { stream, generation, partition },
      sort: { by: 'seq', order: 'desc' },
      limit: 1,
    })
    const last = Number(newest.docs[0]?.doc['seq'] ?? 0)
    for (let seq = 0; seq <= last; seq += 1) {
      const found = await documents.get(collections.seals.name, sealId({ stream, generation, partition, seq }))
      if (found !== undefined) yield sealOf(found.doc)
    }
  }
}

/** Seals are written by ingest alone; the verifier trusts none of their values. */
function sealOf(doc: JsonObject): Seal {
  const seal: Seal = JSON.parse(JSON.stringify(doc))
  return seal
}

async function deadLetters(store: Store, chain: Chain, offsets: number[]): Promise<DeadLetter[]> {
  const found = []
  for (const offset of offsets) {
    const letter = await store.documents.get(collections.deadLetters.name, eventId({ ...chain, offset }))
    if (letter !== undefined) found.push(deadLetterOf(letter.doc))
  }
  return found
}
