// Pinned events: copied with their proof when they are pinned, so that neither retention nor erasure of others takes them away.
import { createHash } from 'node:crypto'
import { proveLeaves, rootOfLeaves, sealHead } from '@varde/evidence'
import { type Digest, type Home, type JsonObject, type Seal, type StoredEvent, sealId } from '@varde/schema'
import { collections, type DocumentStore } from '@varde/store'
import { chainName, chunkEventsMax, chunkId, leavesOfCopies, makeChunk, type PinChunk, unpack } from './pin-chunk.ts'

/** Where proofs come from while the events are still in the store. */
export interface Sealed {
  /** The seal over this place, if there is one yet. */
  sealOf(home: Home): Promise<Seal | undefined>
  /** Its leaves in offset order, recomputed from what is stored; undefined where a record can't be read. */
  leavesOf(seal: Seal): Promise<(Digest | undefined)[]>
}

export interface PinnedSum {
  count: number
  already: number
  first?: number
  last?: number
  tenants: string[]
  /** SHA-256 over the digests of the chunks, in the order of their names. */
  digest: Digest
}

export interface Pins {
  /** Copies what is not in the case yet. `batches`: those of the case so far. */
  add(
    target: { case: string; batch: string; batches: readonly string[]; at: number },
    events: AsyncIterable<StoredEvent[]>,
  ): Promise<PinnedSum>
  /** Chunks of these batches by chain, seal and first offset. */
  chunks(caseId: string, batches: readonly string[]): Promise<PinChunk[]>
  /** The copies of one chunk, ascending by offset. */
  copies(chunk: PinChunk): Promise<StoredEvent[]>
  /** The same, still packed: `unpack` makes events of it, in whichever thread. */
  packed(chunk: PinChunk): Promise<JsonObject | undefined>
  /** Proves what was pending and is sealed by now; gives the number of events that are proven now. */
  settle(caseId: string, batches: readonly string[]): Promise<number>
  /** Takes an event out of the case's copies for good. Gives whether there was one. */
  erase(caseId: string, batches: readonly string[], eventId: string): Promise<boolean>
}

/** Events held in memory until they are sorted into chunks. */
const flushEvents = 20_000
/** Leaves of as many seals stay at hand: 1 MB each at most. */
const knownSealsMax = 24
const page = 500

export function openPins({ documents, sealed }: { documents: DocumentStore; sealed: Sealed }): Pins {
  const known = new Map<string, Promise<(Digest | undefined)[]>>()

  function leavesOf(seal: Seal): Promise<(Digest | undefined)[]> {
    const id = sealId(seal)
    const found = known.get(id)
    if (found !== undefined) return found
    const [oldest] = known.keys()
    if (known.size >= knownSealsMax && oldest !== undefined) known.delete(oldest)
    const leaves = sealed.leavesOf(seal)
    known.set(id, leaves)
    leaves.catch(() => known.delete(id))
    return leaves
  }

  async function chunks(caseId: string, batches: readonly string[]): Promise<PinChunk[]> {
    const wanted = new Set(batches)
    const found: PinChunk[] = []
    for (let cursor: string | undefined; ; ) {
      const { docs, next } = await documents.list(collections.casePins.name, {
        where: { case: caseId },
        sort: { by: 'order', order: 'asc' },
        limit: page,
        ...(cursor === undefined ? {} : { cursor }),
      })
      for (const { doc } of docs) {
        const chunk = chunkOf(doc)
        if (wanted.has(chunk.batch)) found.push(chunk)
      }
      cursor = next
      if (cursor === undefined) return found
    }
  }

  async function packed(chunk: PinChunk): Promise<JsonObject | undefined> {
    return (await documents.get(collections.casePinCopies.name, chunkId(chunk)))?.doc
  }

  async function copies(chunk: PinChunk): Promise<StoredEvent[]> {
    const found = await packed(chunk)
    return found === undefined ? [] : unpack(chunk, found)
  }

  /** Writes events of one chain, ascending, as chunks of one seal each. */
  async function write(
    target: { case: string; batch: string; at: number },
    events: StoredEvent[],
    onlySealed: boolean,
  ): Promise<PinChunk[]> {
    const written: PinChunk[] = []
    let rest = events
    while (rest.length > 0) {
      const [first] = rest
      if (first === undefined) break
      const seal = await sealed.sealOf(first.home)
      const inside = seal === undefined ? rest.length : rest.filter(({ home }) => home.offset < seal.to).length
      const part = rest.slice(0, Math.min(inside, chunkEventsMax))
      rest = rest.slice(part.length)
      const leaves = leavesOfCopies(part)
      const proof = seal === undefined ? undefined : prove(seal, await leavesOf(seal), part, leaves)
      if (proof === undefined && onlySealed) continue
      const { chunk, copies: packed } = makeChunk({
        case: target.case,
        batch: target.batch,
        events: part,
        leaves,
        seal: proof === undefined || seal === undefined ? undefined : sealHead(seal),
        hashes: proof ?? [],
        pinnedAt: target.at,
      })
      const id = chunkId(chunk)
      await documents.create(collections.casePinCopies.name, id, packed)
      await documents.create(collections.casePins.name, id, documentOf(chunk))
      written.push(chunk)
    }
    return written
  }

  async function remove(chunk: PinChunk): Promise<void> {
    for (const name of [collections.casePins.name, collections.casePinCopies.name]) {
      const found = await documents.get(name, chunkId(chunk))
      if (found !== undefined) await documents.delete(name, found.id, found.version)
    }
  }

  return {
    chunks,
    copies,
    packed,
    async add(target, events) {
      const there = offsetsOf(await chunks(target.case, target.batches))
      let already = 0
      let waiting: StoredEvent[] = []
      const written: PinChunk[] = []
      const flush = async () => {
        for (const [, of] of [...Map.groupBy(waiting, ({ home }) => chainName(home))].sort()) {
          const sorted = of.sort((a, b) => a.home.offset - b.home.offset)
          written.push(...(await write(target, sorted, false)))
        }
        waiting = []
      }
      for await (const batch of events) {
        for (const event of batch) {
          const name = chainName(event.home)
          const offsets = there.get(name) ?? new Set()
          there.set(name, offsets)
          if (offsets.has(event.home.offset)) {
            already += 1
            continue
          }
          offsets.add(event.home.offset)
          waiting.push(event)
        }
        if (waiting.length >= flushEvents) await flush()
      }
      await flush()
      return { ...sumOf(written), already }
    },
    async settle(caseId, batches) {
      let proven = 0
      for (const chunk of await chunks(caseId, batches)) {
        if (chunk.state === 'sealed') continue
        const events = await copies(chunk)
        const target = { case: caseId, batch: chunk.batch, at: chunk.pinnedAt }
        // The whole chunk or nothing of it: what stays pending is found again under its old name.
        const [last] = events.slice(-1)
        if (last === undefined || (await sealed.sealOf(last.home)) === undefined) continue
        const written = await write(target, events, true)
        const count = written.reduce((sum, one) => sum + one.offsets.length, 0)
        if (count === events.length) await remove(chunk)
        else for (const one of written) await remove(one)
        if (count === events.length) proven += count
      }
      return proven
    },
    async erase(caseId, batches, eventId) {
      for (const chunk of await chunks(caseId, batches)) {
        if (!eventId.startsWith(`${chainName(chunk)}.`)) continue
        const events = await copies(chunk)
        const left = events.filter(({ id }) => id !== eventId)
        if (left.length === events.length) continue
        await remove(chunk)
        if (left.length > 0) await write({ case: caseId, batch: chunk.batch, at: chunk.pinnedAt }, left, false)
        return true
      }
      return false
    },
  }
}

/** The hashes that lead from these events to the seal's root; undefined where the store's records no longer do. */
function prove(seal: Seal, all: (Digest | undefined)[], events: StoredEvent[], leaves: Digest[]): Digest[] | undefined {
  const whole = all.filter((leaf) => leaf !== undefined)
  if (whole.length < all.length) return undefined
  const wanted = events.map(({ home }) => home.offset - seal.from)
  const hashes = proveLeaves(whole, wanted)
  const mine = wanted.map((index, n) => ({ index, leaf: leaves[n] ?? '' }))
  return rootOfLeaves(seal.count, mine, hashes) === seal.root ? hashes : undefined
}

function offsetsOf(chunks: PinChunk[]): Map<string, Set<number>> {
  const found = new Map<string, Set<number>>()
  for (const chunk of chunks) {
    const offsets = found.get(chainName(chunk)) ?? new Set()
    for (const offset of chunk.offsets) offsets.add(offset)
    found.set(chainName(chunk), offsets)
  }
  return found
}

function sumOf(chunks: PinChunk[]): Omit<PinnedSum, 'already'> {
  const digest = createHash('sha256')
  const sorted = [...chunks].sort((a, b) => (a.order < b.order ? -1 : 1))
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  let count = 0
  for (const chunk of sorted) {
    digest.update(chunk.digest)
    count += chunk.offsets.length
    for (const time of chunk.times) {
      if (time < first) first = time
      if (time > last) last = time
    }
  }
  return {
    count,
    ...(count === 0 ? {} : { first, last }),
    tenants: [...new Set(chunks.flatMap(({ tenants }) => tenants))].sort(),
    digest: digest.digest('hex'),
  }
}

function documentOf(chunk: PinChunk): JsonObject {
  return JSON.parse(JSON.stringify(chunk))
}

/** Written by this file alone. */
function chunkOf(doc: JsonObject): PinChunk {
  return JSON.parse(JSON.stringify(doc))
}
