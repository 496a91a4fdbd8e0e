// The evidence of cases: pinning, looking at, proving and checking what is pinned.
import { rootOfLeaves } from '@varde/evidence'
import { type Clock, limits, VardeError } from '@varde/runtime'
import { type Case, type CaseChange, type JsonObject, parseQuery, type StoredEvent } from '@varde/schema'
import type { DocumentStore, EventStore, Scope } from '@varde/store'
import type { Alerts } from '../alerts.ts'
import { type Cases, unknownCase } from './cases.ts'
import { type CaseCompleteness, completenessOf, type PinnedSource } from './completeness.ts'
import type { Custody } from './custody.ts'
import { chainName, leavesOfCopies, type PinChunk } from './pin-chunk.ts'
import { alertDigest, alertsOfCase, keepAlert, type PinnedAlert, type RuleText } from './pinned-alert.ts'
import type { PinnedSum, Pins } from './pins.ts'
import { placesOf, type TimelinePlace } from './timeline.ts'

export type PinWhat = { events: string[] } | { alert: string } | { query: string; from: number; to: number }

export interface PinOutcome {
  revision: number
  batch?: string
  pinned: number
  already: number
  missing: string[]
}

export interface CaseVerification {
  ok: boolean
  checked: number
  pending: number
  wrong: { item: string; problem: string }[]
}

export interface Evidence {
  /** Throws CASE_UNKNOWN, QUERY_INVALID, CASE_FULL, NOT_FOUND (of the alert). */
  pin(id: string, what: PinWhat, why: string, by: string, scope: Scope): Promise<PinOutcome>
  chunks(of: Case): Promise<PinChunk[]>
  copies(chunk: PinChunk): Promise<StoredEvent[]>
  packed(chunk: PinChunk): Promise<JsonObject | undefined>
  alerts(of: Case): Promise<PinnedAlert[]>
  /** Pinned events, oldest first. */
  places(of: Case): Promise<TimelinePlace[]>
  /** One pinned event and its chunk. */
  find(of: Case, eventId: string): Promise<{ stored: StoredEvent; chunk: PinChunk } | undefined>
  /** Proves what was pinned before its seal came; a revision where that changed anything. */
  settle(of: Case, by: string): Promise<Case>
  /** Checks every copy against its seal's root; custody entries say what was found, one for each item that is wrong. */
  verify(of: Case, by: string, why: string): Promise<CaseVerification>
  check(chunk: PinChunk, copies: StoredEvent[]): string | undefined
  completeness(of: Case): Promise<CaseCompleteness>
}

export interface EvidenceOptions {
  documents: DocumentStore
  events: EventStore
  alerts: Alerts
  cases: Cases
  pins: Pins
  custody: Custody
  clock: Clock
  ruleText(alert: { id: string; digest: string }): Promise<RuleText | undefined>
}

const getSlice = 200
const wrongMax = 100

export function createEvidence(options: EvidenceOptions): Evidence {
  const { documents, events, alerts, cases, pins, custody, clock, ruleText } = options
  const queues = new Map<string, Promise<unknown>>()
  const batchesOf = (of: Case) => of.pins.map(({ id }) => id)

  async function* byIds(ids: readonly string[], scope: Scope, missing: string[]): AsyncIterable<StoredEvent[]> {
    for (let from = 0; from < ids.length; from += getSlice) {
      const slice = ids.slice(from, from + getSlice)
      const found = await Promise.all(slice.map((id) => events.get(id, scope)))
      for (const [n, event] of found.entries()) if (event === undefined) missing.push(slice[n] ?? '')
      yield found.filter((event) => event !== undefined)
    }
  }

  async function pinNow(id: string, what: PinWhat, why: string, by: string, scope: Scope): Promise<PinOutcome> {
    const of = await cases.get(id, scope)
    if (of === undefined) throw unknownCase(id)
    const at = clock.now()
    const changes: CaseChange[] = []
    const missing: string[] = []
    const base = `${of.revision}-${at.toString(36)}`
    const alert = 'alert' in what ? await alerts.get(what.alert, scope) : undefined
    if ('alert' in what && alert === undefined)
      throw new VardeError('NOT_FOUND', `there is no alert ${what.alert}`, { hint: 'It may have been retracted.' })
    const chosen = chooseEvents(what, alert, { byIds: (ids) => byIds(ids, scope, missing), events, scope })
    await refuseTooMany(of, what, events, scope)
    const batch = `pin-${base}`
    const target = { case: id, batch, batches: batchesOf(of), at }
    const sum = await pins.add(target, chosen)
    const named = alert === undefined ? {} : { alert: { id: alert.id, title: alert.title, rule: alert.rule.id } }
    if (alert !== undefined && !of.pins.some((pin) => pin.kind === 'alert' && pin.alert?.id === alert.id)) {
      const copy = `alert-${base}`
      const rule = await ruleText(alert.rule)
      const digest = alertDigest(alert)
      await keepAlert(documents, {
        case: id,
        batch: copy,
        at,
        by,
        digest,
        alert,
        ...(rule === undefined ? {} : { rule }),
      })
      const pinned = { id: copy, kind: 'alert' as const, at, by, reason: why, ...named, count: 1, digest }
      changes.push({ kind: 'pin', batch: { ...pinned, tenants: [alert.tenant] }, tenants: [alert.tenant] })
    }
    if (sum.count > 0) changes.push(eventsPinned(batch, sum, what, { at, by, reason: why, ...named }))
    if (changes.length === 0) return { revision: of.revision, pinned: 0, already: sum.already, missing }
    const after = await cases.change(id, undefined, changes, by)
    for (const change of changes) {
      if (change.kind !== 'pin') continue
      const { kind, digest, count } = change.batch
      const item = kind === 'alert' ? `alert:${change.batch.alert?.id}` : `pin:${change.batch.id}`
      await custody.add({ case: id, by, action: 'acquired', item, why, digest, count })
    }
    return { revision: after.revision, batch, pinned: sum.count, already: sum.already, missing }
  }

  const chunks = (of: Case) => pins.chunks(of.id, batchesOf(of))

  return {
    chunks,
    copies: (chunk) => pins.copies(chunk),
    packed: (chunk) => pins.packed(chunk),
    check: checkChunk,
    pin(id, what, why, by, scope) {
      const mine = (queues.get(id) ?? Promise.resolve()).then(() => pinNow(id, what, why, by, scope))
      queues.set(
        id,
        mine.catch(() => undefined),
      )
      return mine
    },
    alerts: (of) => alertsOfCase(documents, of.id, batchesOf(of)),
    places: async (of) => placesOf(await chunks(of)),
    async find(of, eventId) {
      const place = placesOf(await chunks(of)).find(({ id }) => id === eventId)
      if (place === undefined) return undefined
      const stored = (await pins.copies(place.chunk))[place.at]
      return stored === undefined ? undefined : { stored, chunk: place.chunk }
    },
    async settle(of, by) {
      const proven = await pins.settle(of.id, batchesOf(of))
      return proven === 0 ? of : cases.change(of.id, undefined, [{ kind: 'prove', batch: 'all', proven }], by)
    },
    async verify(of, by, why) {
      const found: CaseVerification = { ok: true, checked: 0, pending: 0, wrong: [] }
      for (const chunk of await chunks(of)) {
        const copies = await pins.copies(chunk).catch(() => [])
        const problem = checkChunk(chunk, copies)
        found.checked += chunk.offsets.length
        if (chunk.state === 'pending') found.pending += chunk.offsets.length
        if (problem !== undefined && found.wrong.length < wrongMax)
          found.wrong.push({ item: `pin:${chunk.batch}`, problem: `${chainName(chunk)}: ${problem}` })
      }
      for (const { alert, digest } of await alertsOfCase(documents, of.id, batchesOf(of)))
        if (alertDigest(alert) !== digest) found.wrong.push({ item: `alert:${alert.id}`, problem: 'it was changed' })
      found.ok = found.wrong.length === 0
      const outcome = found.ok
        ? `${found.checked} hold, ${found.pending} not sealed yet`
        : `${found.wrong.length} wrong`
      await custody.add({ case: of.id, by, action: 'verified', item: 'case', why, outcome })
      for (const { item, problem } of found.wrong)
        await custody.add({ case: of.id, by, action: 'verified', item, why, outcome: problem })
      return found
    },
    async completeness(of) {
      const all = await chunks(of)
      const pinned = new Map<string, PinnedSource>()
      const note = (tenant: string, source: string, time: number) => {
        const key = `${tenant}\n${source}`
        const known = pinned.get(key) ?? { pinned: 0, first: time, last: time }
        known.pinned += 1
        known.first = Math.min(known.first, time)
        known.last = Math.max(known.last, time)
        pinned.set(key, known)
      }
      for (const chunk of all) {
        const { sources, sourceOf, tenants, tenantOf, times } = chunk
        // A chunk of an older Varde doesn't say its sources.
        if (sources === undefined || sourceOf === undefined)
          for (const { tenant, source, event } of await pins.copies(chunk))
            note(tenant, source, Date.parse(event['@timestamp']))
        else
          for (const [n, time] of times.entries())
            note(tenants[tenantOf[n] ?? 0] ?? '', sources[sourceOf[n] ?? 0] ?? '', time)
      }
      const copies = await alertsOfCase(documents, of.id, batchesOf(of))
      return completenessOf({ documents, case: of, chunks: all, alerts: copies, pinned, at: clock.now() })
    },
  }
}

/** Undefined where all holds. */
function checkChunk(chunk: PinChunk, copies: StoredEvent[]): string | undefined {
  if (copies.length !== chunk.offsets.length) return 'its copies are missing or damaged'
  if (chunk.seal === undefined) return undefined
  const { from, count, root } = chunk.seal
  const leaves = leavesOfCopies(copies)
  const placed = copies.map(({ home }, n) => ({ index: home.offset - from, leaf: leaves[n] ?? '' }))
  return rootOfLeaves(count, placed, chunk.hashes) === root
    ? undefined
    : 'its copies do not lead to the root of their seal'
}

function chooseEvents(
  what: PinWhat,
  alert: { members: { eventId: string }[] } | undefined,
  from: { byIds(ids: string[]): AsyncIterable<StoredEvent[]>; events: EventStore; scope: Scope },
): AsyncIterable<StoredEvent[]> {
  if ('events' in what) return from.byIds([...new Set(what.events)])
  if (alert !== undefined) return from.byIds(alert.members.map(({ eventId }) => eventId))
  return from.events.scan(filterOf(what, from.scope))
}

function filterOf(what: PinWhat, scope: Scope) {
  if (!('query' in what)) throw new RangeError('only a query has a filter')
  const parsed = parseQuery(what.query)
  if (!parsed.ok)
    throw new VardeError('QUERY_INVALID', parsed.error.message, { hint: 'Check the query in the search.' })
  return { scope, query: parsed.query, from: what.from, to: what.to }
}

async function refuseTooMany(of: Case, what: PinWhat, events: EventStore, scope: Scope): Promise<void> {
  const more = 'events' in what ? what.events.length : 'query' in what ? await events.count(filterOf(what, scope)) : 0
  if (of.eventCount + more > limits.caseEventsMax)
    throw new VardeError(
      'CASE_FULL',
      `${more} more events would be over the ${limits.caseEventsMax} that a case may hold`,
      {
        hint: 'Narrow the query or its time, or open a second case.',
        facts: { limit: limits.caseEventsMax, asked: more },
      },
    )
}

function eventsPinned(
  batch: string,
  sum: PinnedSum,
  what: PinWhat,
  facts: { at: number; by: string; reason: string; alert?: { id: string; title: string; rule: string } },
): CaseChange {
  const { count, first, last, tenants, digest } = sum
  return {
    kind: 'pin',
    tenants,
    batch: {
      id: batch,
      kind: 'events',
      ...facts,
      ...('query' in what ? { query: { text: what.query, from: what.from, to: what.to } } : {}),
      count,
      ...(first === undefined ? {} : { first }),
      ...(last === undefined ? {} : { last }),
      tenants,
      digest,
    },
  }
}
