// From a seal or an entry to the head that signs it for a stranger: one whose key is not revoked, and stamped where one is near.
import {
  type ChainTip,
  chainName,
  type EntryLink,
  type EntrySignature,
  type EntryStreams,
  type KeyRecord,
  revokedSince,
  type SealHead,
  type SignatureProof,
  type SignedHead,
  signatureProof,
  signedPlace,
} from '@varde/evidence'
import type { Seal } from '@varde/schema'
import { collections, type DocumentStore } from '@varde/store'
import { linksTo } from './chains.ts'
import { headAt, lastHead } from './heads.ts'

export interface Signatures {
  /** Undefined while no head covers it that proves anything. */
  ofSeal(seal: Seal | SealHead): Promise<SignatureProof | undefined>
  ofEntry(link: EntryLink): Promise<EntrySignature | undefined>
  /** Whether there is a proof, without making it. */
  covers(seal: Seal | SealHead): Promise<boolean>
}

type Place = Pick<ChainTip, 'stream' | 'generation' | 'partition' | 'seq'>

/** A stamped head is worth so many more links: an hour of seals of a busy partition, so that the timer's next stamp is in reach. */
const linksMax = 2_000

function tipIn({ tips }: SignedHead, place: Place): ChainTip | undefined {
  return tips.find((tip) => chainName(tip) === chainName(place))
}

function reaches(head: SignedHead | undefined, place: Place): boolean {
  return (head === undefined ? -1 : (tipIn(head, place)?.seq ?? -1)) >= place.seq
}

export function createSignatures({
  documents,
  streams,
  keys,
}: {
  documents: DocumentStore
  streams: EntryStreams
  keys(): Promise<KeyRecord[]>
}): Signatures {
  /** The first number from `low` to `high` whose head is so, where all heads behind one that is are so too. */
  const firstThat = async (low: number, high: number, is: (head: SignedHead | undefined) => boolean) => {
    let [from, to] = [low, high]
    while (from < to) {
      const middle = Math.floor((from + to) / 2)
      if (is(await headAt(documents, middle))) to = middle
      else from = middle + 1
    }
    return from
  }

  /** The head of that number or the first behind it that counts: what a revoked key signed proves nothing by itself. */
  const countingFrom = async (
    number: number,
    last: SignedHead,
    known: KeyRecord[],
  ): Promise<SignedHead | undefined> => {
    for (let at = number; ; ) {
      const head = at === last.head.number ? last : await headAt(documents, at)
      if (head === undefined || revokedSince(head.head, known) === undefined) return head
      const { key } = head.head
      if (key === last.head.key) return undefined
      at = await firstThat(at + 1, last.head.number, (one) => one?.head.key !== key)
    }
  }

  const stampedFrom = async (number: number): Promise<number | undefined> => {
    const { docs } = await documents.list(collections.stamps.name, {
      where: { head: { gte: number } },
      sort: { by: 'head', order: 'asc' },
      limit: 1,
    })
    return docs[0] === undefined ? undefined : Number(docs[0].doc['head'])
  }

  /** The first stamped head that counts, if it is not too far; else the first that counts. */
  const headOver = async (place: Place): Promise<{ head: SignedHead; tip: ChainTip } | undefined> => {
    const last = await lastHead(documents)
    if (last === undefined || !reaches(last, place)) return undefined
    const known = await keys()
    // Tips only ever grow from head to head.
    const first = await countingFrom(await firstThat(0, last.head.number, (head) => reaches(head, place)), last, known)
    if (first === undefined) return undefined
    const found = (head: SignedHead) => {
      const tip = tipIn(head, place)
      return tip === undefined ? undefined : { head, tip }
    }
    for (let from = first.head.number; ; ) {
      const stamped = await stampedFrom(from)
      const head = stamped === undefined ? undefined : await countingFrom(stamped, last, known)
      if (head === undefined || (tipIn(head, place)?.seq ?? place.seq) - place.seq > linksMax) return found(first)
      if (head.head.number === stamped) return found(head)
      from = head.head.number
    }
  }

  return {
    async covers(seal) {
      const last = await lastHead(documents)
      return last !== undefined && reaches(last, seal) && revokedSince(last.head, await keys()) === undefined
    },
    async ofSeal(seal) {
      const found = await headOver(seal)
      return found === undefined
        ? undefined
        : signatureProof(found.head, seal, await linksTo(documents, seal, found.tip.seq))
    },
    async ofEntry(link) {
      const found = await headOver({ ...link, generation: 0, partition: 0 })
      if (found === undefined) return undefined
      const links: EntryLink[] = []
      for await (const entry of streams.read(link.stream, { from: link.seq + 1, to: found.tip.seq + 1 }))
        links.push(entry.link)
      return { links, ...signedPlace(found.head, found.tip) }
    },
  }
}
