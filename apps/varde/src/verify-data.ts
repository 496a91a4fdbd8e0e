// Checks a data folder whole: every file of bus and store, then every seal against what is stored.
import type { EmbeddedBus } from '@varde/bus/embedded'
import { verifyFolderSeals } from '@varde/evidence'
import { deadLetterOf } from '@varde/ingest'
import { type JsonObject, type Seal, sealId } from '@varde/schema'
import { collections } from '@varde/store'
import type { EmbeddedStore } from '@varde/store/embedded'

function plain(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value))
}

/** Findings as they are met, then one line `{ok, seals, records, …}`. */
export async function* verifyData(
  { bus, store }: { bus: EmbeddedBus; store: EmbeddedStore },
  tell: (progress: JsonObject) => void,
): AsyncIterable<JsonObject> {
  let wrong = 0
  let rebuilt = 0
  for (const finding of await bus.check()) {
    wrong += 1
    yield { finding: plain(finding), part: 'bus' }
  }
  for (const finding of await store.check((done, total) => tell({ step: 'files', done, total }))) {
    if (finding.rebuilt) rebuilt += 1
    else wrong += 1
    yield { finding: plain(finding), part: 'store' }
  }
  let seals = 0
  let records = 0
  for await (const step of verifyFolderSeals({
    seals: allSeals(store),
    events: (home, from, to) => store.events.range(home, from, to),
    deadLetters: async (home, from, to) => deadLetters(store, home, from, to),
  })) {
    if (step.kind === 'finding') {
      wrong += 1
      yield { finding: plain(step.finding), part: 'seals' }
    } else {
      seals = step.seals
      records = step.records
      tell({ step: 'seals', seals, records })
    }
  }
  yield { ok: wrong === 0, wrong, rebuilt, seals, records }
}

/** Every seal, chain by chain, in order. */
async function* allSeals(store: EmbeddedStore): AsyncIterable<Seal> {
  for (let cursor: string | undefined; ; ) {
    const page = await store.documents.list(collections.seals.name, {
      limit: 1_000,
      ...(cursor === undefined ? {} : { cursor }),
    })
    for (const { doc } of page.docs) {
      const seal: Seal = JSON.parse(JSON.stringify(doc))
      yield seal
    }
    cursor = page.next
    if (cursor === undefined) return
  }
}

async function deadLetters(
  store: EmbeddedStore,
  home: { stream: string; generation: number; partition: number },
  from: number,
  to: number,
) {
  const found = []
  for (let offset = from; offset < to; offset += 1) {
    const letter = await store.documents.get(collections.deadLetters.name, sealId({ ...home, seq: offset }))
    if (letter !== undefined) found.push(deadLetterOf(letter.doc))
  }
  return found
}
