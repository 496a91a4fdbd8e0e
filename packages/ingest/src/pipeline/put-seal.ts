// A seal into the documents, and its marker to those who wait for it.
import type { Bus } from '@varde/bus'
import { VardeError } from '@varde/runtime'
import { canonicalJson, hitsTopic, type JsonObject, type Seal, sealId, writeHitsRecord } from '@varde/schema'
import { collections, type DocumentStore } from '@varde/store'
import { sealDocument } from './chain.ts'

/** Rejects with INGEST_SEAL_TAKEN where another consumer has made another seal of this number; the same bytes are mine. */
export async function putSeal(documents: DocumentStore, seal: Seal): Promise<void> {
  const doc = sealDocument(seal)
  const written = await documents.create<JsonObject>(collections.seals.name, sealId(seal), doc)
  if (written.ok) return
  if (written.current !== undefined && canonicalJson(written.current.doc) === canonicalJson(doc)) return
  throw new VardeError('INGEST_SEAL_TAKEN', `another consumer has sealed ${sealId(seal)}`, {
    hint: 'Only one ingest should follow a partition.',
  })
}

/** To every `hits` partition: the hits of the named attempt count, up to the watermark. Saying it twice changes nothing. */
export async function publishMarker(bus: Bus, hitsPartitions: number, seal: Seal): Promise<void> {
  const { stream, generation, partition, seq, attempt, ruleSet, watermark } = seal
  const marker = { stream, generation, partition, seq, attempt, ruleSet, watermark }
  const record = writeHitsRecord({ kind: 'marker', marker })
  await Promise.all(Array.from({ length: hitsPartitions }, (_, to) => bus.append(hitsTopic, to, [record])))
}
