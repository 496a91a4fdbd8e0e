// Follows the chains of seals as they grow: each new seal must be whole and follow the one before it.
import { chainName, verifyChain } from '@varde/evidence'
import { lastSealOf, sealAt, sealChains } from '@varde/notary'
import type { Seal } from '@varde/schema'
import type { DocumentStore } from '@varde/store'
import type { HouseEvent } from './house-event.ts'

/** One look reads so many seals of a chain; the next goes on. */
const sealsMax = 2_000

export interface ChainWatch {
  look(now: number): Promise<HouseEvent[]>
}

/** Begins with the seals that are there when it first looks: older ones are the business of `varde verify`. */
export function createChainWatch(documents: DocumentStore): ChainWatch {
  const known = new Map<string, Seal>()
  return {
    async look(now) {
      const found: HouseEvent[] = []
      for (const chain of await sealChains(documents)) {
        const name = chainName(chain)
        const before = known.get(name)
        const last = await lastSealOf(documents, chain)
        if (last === undefined) continue
        if (before === undefined) {
          known.set(name, last)
          continue
        }
        if (last.seq < before.seq) {
          found.push(brokenEvent(name, `${name} ended at seal ${before.seq} and now ends at ${last.seq}`, now))
          known.set(name, last)
          continue
        }
        const seals: Seal[] = []
        for (let seq = before.seq + 1; seq <= Math.min(last.seq, before.seq + sealsMax); seq++) {
          const seal = await sealAt(documents, { ...chain, seq })
          if (seal !== undefined) seals.push(seal)
        }
        const check = verifyChain(seals, before)
        if (!check.ok) found.push(brokenEvent(name, `${check.at}: ${check.problem}`, now))
        known.set(name, seals.at(-1) ?? before)
      }
      return found
    },
  }
}

function brokenEvent(chain: string, problem: string, at: number): HouseEvent {
  return {
    key: `chain-broken/${chain}/${problem}`,
    at,
    action: 'chain-broken',
    message: problem,
    fields: { varde: { chain: { name: chain, problem } } },
  }
}
