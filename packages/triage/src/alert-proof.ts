// Which seals an alert's events stand under: the way from an alert to its proof.
import { type Alert, type AlertMember, homeOf } from '@varde/schema'
import { collections, type DocumentStore } from '@varde/store'

export const pendingProof: Alert['proof'] = { state: 'pending', seals: [] }

/** Seal ids in the order of the members; pending while one of them is not sealed yet. */
export async function proofOf(members: AlertMember[], documents: DocumentStore): Promise<Alert['proof']> {
  const seals = new Set<string>()
  const known: { chain: string; from: number; to: number }[] = []
  for (const { eventId } of members) {
    const home = homeOf(eventId)
    if (home === undefined) return pendingProof
    const { stream, generation, partition, offset } = home
    const chain = `${stream}.${generation}.${partition}`
    if (known.some((seal) => seal.chain === chain && seal.from <= offset && offset < seal.to)) continue
    const { docs } = await documents.list(collections.seals.name, {
      where: { stream, generation, partition, from: { lt: offset + 1 } },
      sort: { by: 'from', order: 'desc' },
      limit: 1,
    })
    const [seal] = docs
    if (seal === undefined || Number(seal.doc['to']) <= offset) return pendingProof
    known.push({ chain, from: Number(seal.doc['from']), to: Number(seal.doc['to']) })
    seals.add(seal.id)
  }
  return { state: 'sealed', seals: [...seals] }
}
