// Which seals an alert's events stand under: the way from an alert to its proof.
import { type Alert, type AlertMember, type Home, homeOf } from '@varde/schema'
import { collections, type DocumentStore } from '@varde/store'

export const pendingProof: Alert['proof'] = { state: 'pending', seals: [] }

/** A seal never changes; those looked at last are kept, for alerts that come together share them. */
const keptMax = 1_000

interface KnownSeal {
  id: string
  chain: string
  from: number
  to: number
}

/** Gives seal ids in the order of the members; pending while one of them is not sealed yet. */
export function createProofs(documents: DocumentStore): (members: readonly AlertMember[]) => Promise<Alert['proof']> {
  const kept: KnownSeal[] = []

  async function sealOf({ stream, generation, partition, offset }: Home): Promise<string | undefined> {
    const chain = `${stream}.${generation}.${partition}`
    const known = kept.find((seal) => seal.chain === chain && seal.from <= offset && offset < seal.to)
    if (known !== undefined) return known.id
    const { docs } = await documents.list(collections.seals.name, {
      where: { stream, generation, partition, from: { lt: offset + 1 } },
      sort: { by: 'from', order: 'desc' },
      limit: 1,
    })
    const [seal] = docs
    if (seal === undefined || Number(seal.doc['to']) <= offset) return undefined
    kept.unshift({ id: seal.id, chain, from: Number(seal.doc['from']), to: Number(seal.doc['to']) })
    kept.length = Math.min(kept.length, keptMax)
    return seal.id
  }

  return async (members) => {
    const seals = new Set<string>()
    for (const { eventId } of members) {
      const home = homeOf(eventId)
      const seal = home === undefined ? undefined : await sealOf(home)
      if (seal === undefined) return pendingProof
      seals.add(seal)
    }
    return { state: 'sealed', seals: [...seals] }
  }
}
