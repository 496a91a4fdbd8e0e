// From a seal or an entry to the first head that signs it: what makes a proof whole for a stranger.
import {
  type ChainTip,
  chainName,
  type EntryLink,
  type EntrySignature,
  type EntryStreams,
  type SealHead,
  type SignatureProof,
  type SignedHead,
  signatureProof,
  signedPlace,
} from '@varde/evidence'
import type { Seal } from '@varde/schema'
import type { DocumentStore } from '@varde/store'
import { linksTo } from './chains.ts'
import { headAt, lastHead } from './heads.ts'

export interface Signatures {
  /** Undefined while no head covers it yet. */
  ofSeal(seal: Seal | SealHead): Promise<SignatureProof | undefined>
  ofEntry(link: EntryLink): Promise<EntrySignature | undefined>
}

type Place = Pick<ChainTip, 'stream' | 'generation' | 'partition' | 'seq'>

export function createSignatures({
  documents,
  streams,
}: {
  documents: DocumentStore
  streams: EntryStreams
}): Signatures {
  const tipIn = ({ tips }: SignedHead, place: Place) => tips.find((tip) => chainName(tip) === chainName(place))

  /** Tips only ever grow from head to head: the first one that reaches the place is found by halving. */
  const firstOver = async (place: Place): Promise<{ head: SignedHead; tip: ChainTip } | undefined> => {
    const last = await lastHead(documents)
    const reaches = (head: SignedHead | undefined) =>
      (head === undefined ? -1 : (tipIn(head, place)?.seq ?? -1)) >= place.seq
    if (last === undefined || !reaches(last)) return undefined
    let low = 0
    let high = last.head.number
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      if (reaches(await headAt(documents, middle))) high = middle
      else low = middle + 1
    }
    const head = low === last.head.number ? last : await headAt(documents, low)
    const tip = head === undefined ? undefined : tipIn(head, place)
    return head === undefined || tip === undefined ? undefined : { head, tip }
  }

  return {
    async ofSeal(seal) {
      const found = await firstOver(seal)
      return found === undefined
        ? undefined
        : signatureProof(found.head, seal, await linksTo(documents, seal, found.tip.seq))
    },
    async ofEntry(link) {
      const found = await firstOver({ ...link, generation: 0, partition: 0 })
      if (found === undefined) return undefined
      const links: EntryLink[] = []
      for await (const entry of streams.read(link.stream, { from: link.seq + 1, to: found.tip.seq + 1 }))
        links.push(entry.link)
      return { links, ...signedPlace(found.head, found.tip) }
    },
  }
}
