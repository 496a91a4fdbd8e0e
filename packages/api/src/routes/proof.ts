// The proof of one event, rebuilt from what is stored now: leaf, path and seal.
import { hashEvent, leavesOf as leavesFrom, merklePath, merkleRoot, provable, verifyEventProof } from '@varde/evidence'
import { deadLetterOf } from '@varde/ingest'
import { keptLeaves } from '@varde/notary'
import type { Digest, Seal, StoredEvent } from '@varde/schema'
import { eventId, homeOf, sealId } from '@varde/schema'
import { collections, type Store } from '@varde/store'
import type { EventProof } from '../contract/events.ts'

/** The seal whose range holds the event, if it is sealed already. */
export async function sealOf(
  stored: Pick<StoredEvent, 'home'>,
  store: Pick<Store, 'documents'>,
): Promise<Seal | undefined> {
  const { stream, generation, partition, offset } = stored.home
  const { docs } = await store.documents.list(collections.seals.name, {
    where: { stream, generation, partition, from: { lt: offset + 1 } },
    sort: { by: 'from', order: 'desc' },
    limit: 1,
  })
  const [found] = docs
  // Seals are written by ingest alone; as documents they are plain JSON.
  const seal: Seal | undefined = found === undefined ? undefined : JSON.parse(JSON.stringify(found.doc))
  return seal !== undefined && offset < seal.to ? seal : undefined
}

/** The leaves of a seal, recomputed from what is stored; absent ones are undefined. */
export async function leavesOf(seal: Seal, store: Store): Promise<(Digest | undefined)[]> {
  const leaves = await leavesFrom(seal, {
    events: (chain, from, to) => store.events.range(chain, from, to),
    async deadLetters(chain, offsets) {
      const found = await Promise.all(
        offsets.map((offset) => store.documents.get(collections.deadLetters.name, eventId({ ...chain, offset }))),
      )
      return found.flatMap((letter) => (letter === undefined ? [] : [deadLetterOf(letter.doc)]))
    },
    async erased(chain, from, to) {
      const tombstones = (await store.erasure?.tombstones(chain, from, to)) ?? []
      return new Map(tombstones.map(({ id, leaf }) => [homeOf(id)?.offset ?? -1, leaf]))
    },
    kept: (chain, from, to) => keptLeaves(store.documents, chain, from, to),
  })
  return leaves.map((one) => one?.leaf)
}

export async function proofOf(stored: StoredEvent, store: Store): Promise<EventProof> {
  const { leaf } = hashEvent(stored)
  const seal = await sealOf(stored, store)
  if (seal === undefined) return { state: 'unsealed', leaf, verified: false }
  const { seq, from, to, count, root, previous, ruleSet, sealedAt } = seal
  const facts = {
    state: 'sealed' as const,
    leaf,
    seal: { id: sealId(seal), seq, from, to, count, root, previous, ruleSet, sealedAt },
  }
  const known = await leavesOf(seal, store)
  const leaves = known.filter((one) => one !== undefined)
  if (leaves.length < known.length) {
    return {
      ...facts,
      verified: false,
      problem: `${known.length - leaves.length} record(s) of this seal can't be read: run varde verify`,
    }
  }
  if (merkleRoot(leaves) !== root)
    return {
      ...facts,
      verified: false,
      problem: 'the records of this seal do not give its root: run varde verify to find which one was changed',
    }
  const index = stored.home.offset - from
  const checked = verifyEventProof(provable(stored, seal, leaves))
  return {
    ...facts,
    index,
    path: sided(merklePath(leaves, index), index, count),
    verified: checked.ok,
    ...(checked.ok ? {} : { problem: checked.problem }),
  }
}

/** Which side each sibling stands on (RFC 9162, 2.1.3.2: the walk of the verifier). */
function sided(path: Digest[], index: number, count: number): { side: 'left' | 'right'; digest: Digest }[] {
  let node = index
  let last = count - 1
  return path.map((digest) => {
    const left = node % 2 === 1 || node === last
    while (left && node % 2 === 0 && node > 0) {
      node = Math.floor(node / 2)
      last = Math.floor(last / 2)
    }
    node = Math.floor(node / 2)
    last = Math.floor(last / 2)
    return { side: left ? 'left' : 'right', digest }
  })
}
