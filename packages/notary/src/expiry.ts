// Lets events go whose time is over: first the sealed record that names every one of them, then the store drops them.
import {
  chainName,
  countOfRuns,
  type EntryStreams,
  entryId,
  mergeRuns,
  offsetsOf,
  packRuns,
  type Run,
  runsOf,
} from '@varde/evidence'
import type { Clock, Logger } from '@varde/runtime'
import { type Digest, eventId, type Home, homeOf, type JsonObject, type Seal } from '@varde/schema'
import { collections, type Expired, type ExpiryContents, noteExpired, type Store } from '@varde/store'
import { lastSealOf } from './chains.ts'
import { forgetLeaves, type Going, keepLeaves } from './kept-leaves.ts'

export const retentionStream = '@retention'

type Chain = Omit<Home, 'offset'>

export interface ExpiryStatus {
  /** Retention class → days; a class that is not here is kept for ever. */
  keepDays: Record<string, number>
  /** Since the start of this process. */
  events: number
  deadLetters: number
  lastLook?: number
  /** Units that stay, in whole or in part, because cases hold events of them. */
  held: { unit: string; events: number; cases: string[] }[]
  /** Why nothing goes for now. */
  waiting?: string
  problem?: string
}

export interface Expiry {
  /** Looks once, and resolves with what went. */
  run(): Promise<Expired[]>
  status(): ExpiryStatus
  /** Looks now and every hour. */
  start(): void
  stop(): Promise<void>
}

export interface ExpiryOptions {
  store: Store
  streams: EntryStreams
  clock: Clock
  log: Logger
  keepDays: Readonly<Record<string, number>>
  /** The leaves of a seal from what is stored. */
  leavesOf(seal: Seal): Promise<(Digest | undefined)[]>
  /** Of these events, the ones that a legal hold keeps, each with its case. */
  heldBy(ids: readonly string[]): Promise<Map<string, string>>
  /** Where many processes share the store: the name of this one. They look in turn. */
  holder?: string
}

interface Unit {
  name: string
  retention: string
  arrived: { from: number; to: number }
  going: Going[]
  sources: ExpiryContents['sources']
  drop(): Promise<void>
}

const dayMs = 86_400_000
const lookMs = 3_600_000
const deadLettersMax = 5_000
/** A clock that jumps further than this between two looks may be wrong: what it says is believed only after a day. */
const clockJumpMs = 2 * dayMs
const clockStateId = 'retention.clock'
const turnStateId = 'retention.turn'
/** Whoever died while looking is stood in for after this. */
const turnMs = 15 * 60_000
/** Ids at a time, so that a day of many millions needs no more memory than others. */
const idsMax = 100_000

export function createExpiry(options: ExpiryOptions): Expiry {
  const { store, streams, clock, log, keepDays, holder } = options
  const { documents } = store
  const status: ExpiryStatus = { keepDays: { ...keepDays }, events: 0, deadLetters: 0, held: [] }
  let timer: NodeJS.Timeout | undefined
  let running: Promise<unknown> = Promise.resolve()
  let stopped = false

  const leavesDeps = {
    documents,
    leavesOf: options.leavesOf,
    tombstonesIn: async (chain: Chain, from: number, to: number) =>
      (await store.erasure?.tombstones(chain, from, to))?.length ?? 0,
  }

  /** What is not sealed yet stays: no chain says that it was ever there. */
  const isSealed = async (going: readonly Going[]): Promise<boolean> => {
    for (const { chain, runs } of going)
      if (((await lastSealOf(documents, chain))?.to ?? 0) < (runs.at(-1)?.to ?? 0)) return false
    return true
  }

  /** Sealed first: a crash in between leaves a record of what was not done yet, and the next look does it. */
  const letGo = async (unit: Unit): Promise<Expired | undefined> => {
    if (!(await isSealed(unit.going))) return undefined
    const emptied = await keepLeaves(leavesDeps, unit.going)
    const days = keepDays[unit.retention] ?? 0
    const chains = unit.going.map(({ chain, runs }) => ({
      chain: chainName(chain),
      from: runs[0]?.from ?? 0,
      to: (runs.at(-1)?.to ?? 1) - 1,
      events: countOfRuns(runs),
      offsets: packRuns(runs),
    }))
    const events = chains.reduce((sum, one) => sum + one.events, 0)
    const facts = { retention: unit.retention, keepDays: days, arrived: unit.arrived, events, sources: unit.sources }
    const body: JsonObject = { action: 'expired', subject: unit.name, ...facts, chains }
    const before = await lastOf(streams, unit.name)
    const isNoted = JSON.stringify(before?.body?.['chains']) === JSON.stringify(chains)
    const entry = before !== undefined && isNoted ? before : await streams.append(retentionStream, body)
    await unit.drop()
    await forgetLeaves(documents, emptied)
    const expired: Expired = {
      unit: unit.name,
      ...facts,
      chains: chains.map(({ offsets: _, ...chain }) => chain),
      by: entryId(entry.link),
      at: entry.link.at,
    }
    await noteExpired(documents, expired)
    log.info({ unit: unit.name, retention: unit.retention, events }, 'retention: events are over their time and went')
    return expired
  }

  const heldAmong = async (all: readonly Going[]): Promise<Map<string, string>> => {
    const held = new Map<string, string>()
    for (const { chain, runs } of all)
      for (const ids of idsOf(chain, runs)) for (const [id, of] of await options.heldBy(ids)) held.set(id, of)
    return held
  }

  const eventUnit = async (found: Omit<Unit, 'going' | 'drop' | 'sources'>): Promise<Unit | undefined> => {
    const { chains, sources } = await store.expiry.contents(found.name)
    const all = chains.map(({ runs, ...chain }) => ({ chain, runs: mergeRuns(runs) }))
    const held = await heldAmong(all)
    if (held.size > 0)
      status.held.push({ unit: found.name, events: held.size, cases: [...new Set(held.values())].sort() })
    const going = held.size === 0 ? all : withoutHeld(all, held)
    if (going.length === 0) return undefined
    for (const id of held.keys()) {
      const stays = await store.events.get(id, { tenants: 'all' })
      const of = sources.find(({ tenant, source }) => tenant === stays?.tenant && source === stays.source)
      if (of !== undefined) of.events -= 1
    }
    return { ...found, going, sources, drop: () => store.expiry.expire(found.name, [...held.keys()]) }
  }

  /** Raw records that no parser could read have their class too. */
  const letterUnit = async (retention: string, before: number): Promise<Unit | undefined> => {
    const { docs } = await documents.list(collections.deadLetters.name, {
      where: { 'record.retention': retention, 'record.arrival': { lt: before } },
      sort: { by: 'record.arrival', order: 'asc' },
      limit: deadLettersMax,
    })
    const held = docs.length === 0 ? new Map() : await options.heldBy(docs.map(({ id }) => id))
    const going = docs.filter(({ id }) => !held.has(id))
    const [first, last] = [going[0], going.at(-1)]
    if (first === undefined || last === undefined) return undefined
    const offsets = new Map<string, { chain: Chain; offsets: number[] }>()
    const sources = new Map<string, ExpiryContents['sources'][number]>()
    for (const { id, doc } of going) {
      const home = homeOf(id)
      if (home === undefined) continue
      const { offset, ...chain } = home
      const known = offsets.get(chainName(chain)) ?? { chain, offsets: [] }
      known.offsets.push(offset)
      offsets.set(chainName(chain), known)
      const { tenant, source } = Object(doc['record'])
      const of = sources.get(`${tenant}/${source}`) ?? { tenant: String(tenant), source: String(source), events: 0 }
      of.events += 1
      sources.set(`${tenant}/${source}`, of)
    }
    return {
      name: `dead-letters.${retention}.${first.id}`,
      retention,
      arrived: { from: arrivalOf(first.doc), to: arrivalOf(last.doc) },
      going: [...offsets.values()].map((one) => ({
        chain: one.chain,
        runs: runsOf(one.offsets.sort((a, b) => a - b)),
      })),
      sources: [...sources.values()],
      async drop() {
        for (const { id, version } of going) await documents.delete(collections.deadLetters.name, id, version)
      },
    }
  }

  /** Why the clock is not to be believed yet, or undefined. */
  const doubtful = async (): Promise<string | undefined> => {
    const now = clock.now()
    const found = await documents.get<JsonObject>(collections.state.name, clockStateId)
    const [at, from] = [Number(found?.doc['at'] ?? now), Number(found?.doc['believedFrom'] ?? 0)]
    const jumped = Math.abs(now - at) > clockJumpMs
    const believedFrom = jumped ? now + dayMs : Math.min(from, now + dayMs)
    const doc: JsonObject = { at: now, believedFrom }
    if (found === undefined) await documents.create(collections.state.name, clockStateId, doc)
    else await documents.update(collections.state.name, clockStateId, doc, found.version)
    if (now >= believedFrom) return undefined
    return `the clock has jumped since the last look: nothing goes before ${new Date(believedFrom).toISOString()}`
  }

  /** Who else looks now, or undefined: then the turn is ours for a while. */
  const others = async (): Promise<string | undefined> => {
    if (holder === undefined) return undefined
    const now = clock.now()
    const { name } = collections.state
    const found = await documents.get<{ holder: string; until: number }>(name, turnStateId)
    if (found !== undefined && found.doc.holder !== holder && found.doc.until > now) return found.doc.holder
    const doc = { holder, until: now + turnMs }
    const written =
      found === undefined
        ? await documents.create(name, turnStateId, doc)
        : await documents.update(name, turnStateId, doc, found.version)
    return written.ok ? undefined : 'another process'
  }

  const giveTurn = async (): Promise<void> => {
    const { name } = collections.state
    const found = await documents.get<{ holder: string; until: number }>(name, turnStateId)
    if (found === undefined || found.doc.holder !== holder) return
    await documents.update(name, turnStateId, { ...found.doc, until: 0 }, found.version)
  }

  const look = async (): Promise<Expired[]> => {
    const other = await others()
    if (other !== undefined) {
      status.waiting = `${other} looks now`
      return []
    }
    try {
      return await lookInTurn()
    } finally {
      if (holder !== undefined) await giveTurn()
    }
  }

  const lookInTurn = async (): Promise<Expired[]> => {
    const now = clock.now()
    const waiting = await doubtful()
    status.lastLook = now
    delete status.waiting
    if (waiting !== undefined) {
      if (Object.keys(keepDays).length > 0) log.warn({}, `retention: ${waiting}`)
      status.waiting = waiting
      return []
    }
    status.held = []
    const went: Expired[] = []
    const note = (expired: Expired | undefined, what: 'events' | 'deadLetters') => {
      if (expired === undefined) return
      status[what] += expired.events
      went.push(expired)
    }
    for (const [retention, days] of Object.entries(keepDays)) {
      const before = now - days * dayMs
      for (const { name, arrived } of await store.expiry.due(retention, { before, closeBefore: now - dayMs })) {
        if (stopped || (await others()) !== undefined) return went
        const unit = await eventUnit({ name, retention, arrived })
        if (unit !== undefined) note(await letGo(unit), 'events')
      }
      for (;;) {
        if (stopped || (await others()) !== undefined) return went
        const unit = await letterUnit(retention, before)
        const expired = unit === undefined ? undefined : await letGo(unit)
        note(expired, 'deadLetters')
        if (expired === undefined) break
      }
    }
    return went
  }

  const run = (): Promise<Expired[]> => {
    const mine = running.then(look)
    running = mine.catch(() => undefined)
    return mine
  }

  const safely = () =>
    void run().then(
      () => delete status.problem,
      (error: unknown) => {
        status.problem = error instanceof Error ? error.message : String(error)
        log.warn({ err: error }, 'retention: could not let events go; the next look tries again')
      },
    )

  return {
    run,
    status: () => structuredClone(status),
    start() {
      if (timer !== undefined) return
      safely()
      timer = setInterval(safely, lookMs)
      timer.unref()
    },
    async stop() {
      stopped = true
      clearInterval(timer)
      timer = undefined
      await running
    },
  }
}

function arrivalOf(letter: JsonObject): number {
  return Number(Object(letter['record']).arrival)
}

async function lastOf(streams: EntryStreams, unit: string) {
  let last: Awaited<ReturnType<EntryStreams['last']>>
  for await (const entry of streams.read(retentionStream, { subject: unit })) last = entry
  return last
}

function* idsOf(chain: Chain, runs: readonly Run[]): Generator<string[]> {
  let ids: string[] = []
  for (const offset of offsetsOf(runs)) {
    ids.push(eventId({ ...chain, offset }))
    if (ids.length < idsMax) continue
    yield ids
    ids = []
  }
  if (ids.length > 0) yield ids
}

function withoutHeld(all: readonly Going[], held: ReadonlyMap<string, string>): Going[] {
  return all.flatMap(({ chain, runs }) => {
    const left: number[] = []
    for (const offset of offsetsOf(runs)) if (!held.has(eventId({ ...chain, offset }))) left.push(offset)
    return left.length === 0 ? [] : [{ chain, runs: runsOf(left) }]
  })
}
