// The proof of one event: what leads from its bytes to its seal, to be checked by anybody without the store.
import { canonicalJson, type Digest, type EcsEvent, type Seal, type StoredEvent, sealId } from '@varde/schema'
import { hashEvent, leafOf, type Place, rawHalfOf, saltOf, textHalfOf } from './leaf.ts'
import { merklePath, rootOfPath } from './merkle.ts'
import { type SealHead, sealHash, sealHead } from './seal.ts'

/** JSON through and through. A half is shown with its salt, or withheld: then only its hash is there. */
export interface EventProof {
  version: 1
  place: Place
  /** The raw record in base64, and its arrival in UTC milliseconds. */
  raw: { salt: string; base64: string; arrival: number } | { withheld: Digest }
  event: { salt: string; event: EcsEvent } | { withheld: Digest }
  path: Digest[]
  seal: SealHead
}

export type Half = 'raw' | 'event'

/** `leaves` are those of the seal, in offset order. Throws a RangeError where the event is not of this seal. */
export function provable(
  stored: StoredEvent,
  seal: Seal,
  leaves: readonly Digest[],
  options: { withhold?: readonly Half[] } = {},
): EventProof {
  const { home, tenant, source, lateness, raw, arrival, seed, event } = stored
  const index = home.offset - seal.from
  if (leaves[index] !== hashEvent(stored).leaf)
    throw new RangeError(`${stored.id} is not under the seal ${sealId(seal)}`)
  const rawShown = { salt: saltOf(seed, 1), base64: Buffer.from(raw).toString('base64'), arrival }
  const eventShown = { salt: saltOf(seed, 2), event }
  const withhold = options.withhold ?? []
  return {
    version: 1,
    place: { home, tenant, source, ...(lateness === undefined ? {} : { lateness }) },
    raw: withhold.includes('raw') ? { withheld: rawHalfOf(rawShown.salt, raw, arrival) } : rawShown,
    event: withhold.includes('event') ? { withheld: textHalfOf(eventShown.salt, canonicalJson(event)) } : eventShown,
    path: merklePath(leaves, index),
    seal: sealHead(seal),
  }
}

export type ProofCheck = { ok: true; leaf: Digest; seal: string; sealHash: Digest } | { ok: false; problem: string }

/**
 * Whether the event belongs to the seal. That the seal belongs to its chain, and the chain to a signed head, are the
 * next two steps: `verifyChain` and `verifyHead` with the hash that this gives.
 */
export function verifyEventProof(proof: EventProof): ProofCheck {
  const { place, seal } = proof
  if (proof.version !== 1) return { ok: false, problem: `version ${proof.version} is not known to this verifier` }
  const { stream, generation, partition, offset } = place.home
  if (
    stream !== seal.stream ||
    generation !== seal.generation ||
    partition !== seal.partition ||
    offset < seal.from ||
    offset >= seal.to
  ) {
    return { ok: false, problem: `the event's home is outside of the seal ${sealId(seal)}` }
  }
  try {
    const first =
      'withheld' in proof.raw
        ? proof.raw.withheld
        : rawHalfOf(proof.raw.salt, bytesOfBase64(proof.raw.base64), proof.raw.arrival)
    const second =
      'withheld' in proof.event ? proof.event.withheld : textHalfOf(proof.event.salt, canonicalJson(proof.event.event))
    const { leaf } = leafOf('event', place, first, second)
    const root = rootOfPath(leaf, offset - seal.from, seal.count, proof.path)
    if (root !== seal.root)
      return {
        ok: false,
        problem: `the event does not lead to the root of the seal ${sealId(seal)}: it, its path or the seal was changed`,
      }
    return { ok: true, leaf, seal: sealId(seal), sealHash: sealHash(seal) }
  } catch (error) {
    return { ok: false, problem: error instanceof Error ? error.message : String(error) }
  }
}

/** Base64 has many spellings of the same bytes: only ours counts, so that no character of a proof may change. */
function bytesOfBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64') !== text) throw new RangeError('the raw record is spelt otherwise than it was')
  return bytes
}
