// The ledger and the sources page: a fold over seals into small documents, each saying up to which seal it has counted.
import type { Clock, Logger } from '@varde/runtime'
import { addToLedger, type Home, type JsonObject, type LedgerEntry, type Seal, sealId } from '@varde/schema'
import { collections, type DocumentStore, type Versioned } from '@varde/store'
import { sealOf } from './chain.ts'
import type { SourceFacts } from './open-seal.ts'

export interface Ledger {
  /** Takes a seal into account; `sources` only where it was made just now. */
  apply(seal: Seal, sources: SourceFacts[]): void
  /** Seals that an earlier process made and did not count: to be called before the chain's next `apply`. */
  catchUp(chain: Omit<Home, 'offset'>, last: Seal | undefined): Promise<void>
  /** Writes what is pending; safe to call at any time. */
  flush(): Promise<void>
}

interface PendingMinute {
  chain: string
  entry: Omit<LedgerEntry, 'tenant' | 'source' | 'minute'>[]
  seqs: number[]
  base: JsonObject
}

interface PendingSource {
  tenant: string
  source: string
  facts: SourceFacts | undefined
  parts: { chain: string; seq: number; entry: LedgerEntry }[]
}

function chainName(chain: Omit<Home, 'offset'>): string {
  return `${chain.stream}.${chain.generation}.${chain.partition}`
}

function number(doc: JsonObject, name: string): number {
  const value = doc[name]
  return typeof value === 'number' ? value : 0
}

/** Two minutes of half-life: quick enough to see a burst, slow enough not to flicker. */
const rateHalfLifeMs = 120_000

export function createLedger(deps: { documents: DocumentStore; clock: Clock; log: Logger }): Ledger {
  const { documents, clock, log } = deps
  let minutes = new Map<string, PendingMinute>()
  let sources = new Map<string, PendingSource>()
  let applied = new Map<string, number>()
  const versions = new Map<string, Versioned<JsonObject>>()
  let writing: Promise<void> = Promise.resolve()

  const apply = (seal: Seal, made: SourceFacts[]) => {
    const chain = chainName(seal)
    applied.set(chain, seal.seq)
    const factsOf = new Map(made.map((facts) => [`${facts.tenant}/${facts.source}`, facts]))
    for (const entry of seal.ledger) {
      const { tenant, source, minute, ...counts } = entry
      const id = `${minute}.${chain}.${tenant}/${source}`
      const pending = minutes.get(id) ?? { chain, entry: [], seqs: [], base: { tenant, source, minute, chain } }
      pending.entry.push(counts)
      pending.seqs.push(seal.seq)
      minutes.set(id, pending)
      const key = `${tenant}/${source}`
      const mine = sources.get(key) ?? { tenant, source, facts: undefined, parts: [] }
      mine.facts = factsOf.get(key) ?? mine.facts
      mine.parts.push({ chain, seq: seal.seq, entry })
      sources.set(key, mine)
    }
  }

  /** Changes a document until nobody was faster; `change` returns undefined where there is nothing to do. */
  const write = async (
    collection: string,
    id: string,
    change: (doc: JsonObject | undefined) => JsonObject | undefined,
  ) => {
    const key = `${collection}/${id}`
    let current = versions.get(key) ?? (await documents.get<JsonObject>(collection, id))
    for (;;) {
      const next = change(current?.doc)
      if (next === undefined) return
      const written =
        current === undefined
          ? await documents.create(collection, id, next)
          : await documents.update(collection, id, next, current.version)
      if (written.ok) {
        // The minutes being counted are few; all others are never asked for again.
        if (versions.size > 20_000) versions.clear()
        versions.set(key, { id, version: written.version, doc: next })
        return
      }
      current = written.current
    }
  }

  const writeMinute = (id: string, pending: PendingMinute) =>
    write(collections.ledger.name, id, (before) => {
      const doc: JsonObject = { ...(before ?? pending.base) }
      const done = typeof doc['appliedSeq'] === 'number' ? doc['appliedSeq'] : -1
      let changed = false
      for (const [index, entry] of pending.entry.entries()) {
        const seq = pending.seqs[index] ?? -1
        if (seq <= done) continue
        addToLedger(doc, entry)
        doc['appliedSeq'] = seq
        changed = true
      }
      return changed ? doc : undefined
    })

  const writeSource = (id: string, pending: PendingSource) =>
    write(collections.sources.name, id, (before) => {
      const doc: JsonObject = {
        ...(before ?? {
          tenant: pending.tenant,
          source: pending.source,
          firstSeen: pending.parts[0]?.entry.minute ?? clock.now(),
        }),
      }
      const marks: JsonObject = {
        ...(typeof doc['applied'] === 'object' && doc['applied'] !== null && !Array.isArray(doc['applied'])
          ? doc['applied']
          : {}),
      }
      let fresh = 0
      let changed = false
      // `done` is read once: a seal may hold several minutes of one source, all under one seq.
      const done = new Map(Object.entries(marks).map(([chain, seq]) => [chain, Number(seq)]))
      for (const { chain, seq, entry } of pending.parts) {
        if (seq <= (done.get(chain) ?? -1)) continue
        addToLedger(doc, entry)
        fresh += entry.received
        marks[chain] = seq
        doc['lastSeen'] = Math.max(number(doc, 'lastSeen'), entry.minute)
        changed = true
      }
      if (!changed) return undefined
      doc['applied'] = marks
      noteFacts(doc, pending.facts, fresh)
      return doc
    })

  const noteFacts = (doc: JsonObject, facts: SourceFacts | undefined, fresh: number) => {
    const now = clock.now()
    const elapsedMs = Math.max(1_000, now - (number(doc, 'countedAt') || now - 2_000))
    const weight = 1 - 0.5 ** (elapsedMs / rateHalfLifeMs)
    doc['ratePerSecond'] =
      Math.round((number(doc, 'ratePerSecond') * (1 - weight) + (fresh / elapsedMs) * 1_000 * weight) * 1_000) / 1_000
    doc['countedAt'] = now
    if (facts === undefined) return
    doc['retention'] = facts.retention
    doc['transport'] = facts.transport
    doc['lastSeen'] = Math.max(number(doc, 'lastSeen'), facts.lastArrival)
    if (facts.peer !== undefined) doc['peer'] = facts.peer
    if (facts.dataset !== undefined) doc['dataset'] = facts.dataset
    if (facts.lagMsMin !== undefined) doc['lagMsMin'] = facts.lagMsMin
  }

  const flushNow = async () => {
    if (applied.size === 0) return
    const [theseMinutes, theseSources, theseApplied] = [minutes, sources, applied]
    minutes = new Map()
    sources = new Map()
    applied = new Map()
    try {
      await Promise.all([
        ...[...theseMinutes].map(([id, pending]) => writeMinute(id, pending)),
        ...[...theseSources].map(([id, pending]) => writeSource(id, pending)),
      ])
      // Only now: a crash before this counts the same seals again, and each document knows what it has.
      await Promise.all(
        [...theseApplied].map(([chain, seq]) =>
          write(collections.state.name, `ledger.${chain}`, (doc) =>
            number(doc ?? {}, 'appliedSeq') >= seq && doc !== undefined ? undefined : { appliedSeq: seq },
          ),
        ),
      )
    } catch (error) {
      log.warn({ error: String(error) }, 'ledger: not written, tried again')
      versions.clear()
      giveBack(theseMinutes, theseSources, theseApplied)
      throw error
    }
  }

  const giveBack = (
    oldMinutes: Map<string, PendingMinute>,
    oldSources: Map<string, PendingSource>,
    oldApplied: Map<string, number>,
  ) => {
    for (const [id, old] of oldMinutes) {
      const young = minutes.get(id)
      minutes.set(
        id,
        young === undefined
          ? old
          : { ...old, entry: [...old.entry, ...young.entry], seqs: [...old.seqs, ...young.seqs] },
      )
    }
    for (const [id, old] of oldSources) {
      const young = sources.get(id)
      sources.set(
        id,
        young === undefined ? old : { ...old, facts: young.facts ?? old.facts, parts: [...old.parts, ...young.parts] },
      )
    }
    applied = new Map([...oldApplied, ...applied])
  }

  return {
    apply,
    async catchUp(chain, last) {
      if (last === undefined) return
      const state = await documents.get<JsonObject>(collections.state.name, `ledger.${chainName(chain)}`)
      for (let seq = state === undefined ? 0 : number(state.doc, 'appliedSeq') + 1; seq <= last.seq; seq += 1) {
        const found = await documents.get<JsonObject>(collections.seals.name, sealId({ ...chain, seq }))
        if (found !== undefined) apply(sealOf(found.doc), [])
      }
    },
    flush() {
      writing = writing.catch(() => undefined).then(flushNow)
      return writing
    },
  }
}
