// What the evidence of a case could not see: the ledger of its range, in sentences that a reader without Varde understands.

import { addToLedger, type Case, emptyLedgerSums, type JsonObject, type LedgerSums } from '@varde/schema'
import { collections, type DocumentStore, expiredBySource } from '@varde/store'
import { counted } from './event-words.ts'
import type { PinChunk } from './pin-chunk.ts'
import type { PinnedAlert } from './pinned-alert.ts'

export const findingKinds = [
  'silent',
  'dead-letters',
  'missing',
  'gap',
  'expired',
  'late',
  'delayed',
  'future',
  'unsealed',
  'unexplained',
  'cut-off',
] as const

export interface CompletenessFinding {
  kind: (typeof findingKinds)[number]
  tenant?: string
  source?: string
  /** Records, events, bytes, or milliseconds of silence or delay. */
  count: number
  from?: number
  to?: number
  /** Of a cut-off: the alert's title. */
  about?: string
  words: string
}

export interface CaseCompleteness {
  /** Range of arrival in UTC milliseconds, from inclusive, to exclusive: whole minutes around the pinned events. */
  from: number
  to: number
  at: number
  received: number
  events: number
  sources: {
    tenant: string
    source: string
    pinned: number
    first?: number
    last?: number
    received: number
    silent: { from: number; to: number }[]
  }[]
  findings: CompletenessFinding[]
}

const minuteMs = 60_000
/** The ledger is read this far around the pinned events: what fell silent just before is part of the story. */
const aroundMs = 60 * minuteMs
/** A source is silent when it misses this many of its own usual pauses, and this long at least. */
const pausesMin = 10
const silentMsMin = 10 * minuteMs
const page = 10_000

interface Sum extends LedgerSums {
  /** Minutes with records, in order. */
  minutes: number[]
}

export interface PinnedSource {
  pinned: number
  first: number
  last: number
}

/** `sources`: what is pinned of each, by `tenant/source`. Only the customers of the case are read. */
export async function completenessOf(input: {
  documents: DocumentStore
  case: Case
  chunks: readonly PinChunk[]
  alerts: readonly PinnedAlert[]
  pinned: ReadonlyMap<string, PinnedSource>
  at: number
}): Promise<CaseCompleteness> {
  const { documents, chunks, at } = input
  const from = floor(Math.min(...chunks.map(({ arrivals }) => arrivals.from), at) - aroundMs)
  const last = chunks.length === 0 ? at : Math.max(...chunks.map(({ arrivals }) => arrivals.to))
  const to = floor(Math.min(last + aroundMs, at)) + minuteMs
  const sums = await readLedger(documents, input.case.tenants, from, to)
  const findings: CompletenessFinding[] = []
  const sources: CaseCompleteness['sources'] = []
  const names = [...new Set([...sums.keys(), ...input.pinned.keys()])].sort()
  for (const name of names) {
    const [tenant = '', source = ''] = name.split('\n')
    const sum = sums.get(name)
    const pinned = input.pinned.get(name)
    const silent = sum === undefined ? [] : silences(sum.minutes, to)
    if (sum !== undefined) findings.push(...findingsOf(tenant, source, sum, silent))
    sources.push({
      tenant,
      source,
      pinned: pinned?.pinned ?? 0,
      ...(pinned === undefined ? {} : { first: pinned.first, last: pinned.last }),
      received: sum?.received ?? 0,
      silent,
    })
  }
  findings.push(...(await gapsOf(documents, from, to)))
  for (const { tenant, source, events } of await expiredBySource(documents, { from, to }, input.case.tenants))
    findings.push({
      kind: 'expired',
      tenant,
      source,
      count: events,
      words: `Up to ${events} record(s) of ${source} were over the time for which they are kept, and are gone.`,
    })
  findings.push(...cutOffs(input.alerts, chunks))
  const total = (of: 'received' | 'events') => [...sums.values()].reduce((all, sum) => all + sum[of], 0)
  return { from, to, at, received: total('received'), events: total('events'), sources, findings }
}

function floor(time: number): number {
  return Math.floor(time / minuteMs) * minuteMs
}

function numberAt(doc: JsonObject, name: string): number {
  const value = doc[name]
  return typeof value === 'number' ? value : 0
}

async function readLedger(
  documents: DocumentStore,
  tenants: string[],
  from: number,
  to: number,
): Promise<Map<string, Sum>> {
  const sums = new Map<string, Sum>()
  for (let cursor: string | undefined; ; ) {
    const { docs, next } = await documents.list(collections.ledger.name, {
      where: { minute: { gte: from, lt: to }, tenant: { in: tenants } },
      sort: { by: 'minute', order: 'asc' },
      limit: page,
      ...(cursor === undefined ? {} : { cursor }),
    })
    for (const { doc } of docs) {
      const key = `${doc['tenant']}\n${doc['source']}`
      const sum = sums.get(key) ?? { ...emptyLedgerSums(), minutes: [] }
      addToLedger(sum, doc)
      const minute = numberAt(doc, 'minute')
      if (numberAt(doc, 'received') > 0 && sum.minutes.at(-1) !== minute) sum.minutes.push(minute)
      sums.set(key, sum)
    }
    cursor = next
    if (cursor === undefined) return sums
  }
}

/** Spans between two minutes with records, or behind the last one, that are far longer than this source's usual pause. */
function silences(minutes: number[], to: number): { from: number; to: number }[] {
  if (minutes.length < 3) return []
  const pauses = minutes.slice(1).map((minute, n) => minute - (minutes[n] ?? minute))
  const usual = [...pauses].sort((a, b) => a - b)[Math.floor(pauses.length / 2)] ?? minuteMs
  const longest = Math.max(silentMsMin, pausesMin * usual)
  const ends = [...minutes.slice(1), to]
  return minutes.flatMap((minute, n) => {
    const end = ends[n] ?? to
    return end - minute - minuteMs > longest ? [{ from: minute + minuteMs, to: end }] : []
  })
}

/** Arrived this long after it happened, a record says nothing of the minutes in which its source was heard. */
const delayedMsMin = 24 * 60 * minuteMs

/** Below this share of its bytes, what a parser leaves over of a source is punctuation. */
const unexplainedShareMin = 0.2

function findingsOf(
  tenant: string,
  source: string,
  sum: Sum,
  silent: { from: number; to: number }[],
): CompletenessFinding[] {
  const found: CompletenessFinding[] = []
  const say = (kind: CompletenessFinding['kind'], count: number, words: string) => {
    if (count > 0) found.push({ kind, tenant, source, count, words })
  }
  for (const { from, to } of silent) {
    const minutes = Math.round((to - from) / minuteMs)
    found.push({
      kind: 'silent',
      tenant,
      source,
      count: to - from,
      from,
      to,
      words: `${source} sent nothing for ${minutes} minutes, far longer than it usually pauses.`,
    })
  }
  say(
    'dead-letters',
    sum.deadLetters,
    `${counted(sum.deadLetters, 'record')} of ${source} could not be read, and kept whole.`,
  )
  say('missing', sum.missing, `By the numbers that ${source} gives its own records, ${sum.missing} never arrived.`)
  say('late', sum.late, `${counted(sum.late, 'event')} of ${source} came later than its allowance.`)
  if (sum.lagMsMax >= delayedMsMin)
    say(
      'delayed',
      sum.lagMsMax,
      `Events of ${source} came up to ${Math.round(sum.lagMsMax / (24 * 60 * minuteMs))} day(s) after they happened, or were read from files: when it was silent in that time can not be told.`,
    )
  say(
    'future',
    sum.future,
    `${counted(sum.future, 'event')} of ${source} with a time in the future: its clock was wrong.`,
  )
  if (sum.unexplainedBytes > sum.bytes * unexplainedShareMin)
    say(
      'unexplained',
      sum.unexplainedBytes,
      `Of ${source}, ${sum.unexplainedBytes} bytes were kept but not understood.`,
    )
  return found
}

async function gapsOf(documents: DocumentStore, from: number, to: number): Promise<CompletenessFinding[]> {
  const { docs } = await documents.list(collections.seals.name, {
    where: { sealedAt: { gte: from, lt: to }, attempt: 'gap' },
    limit: 1_000,
  })
  return docs.map(({ doc }) => {
    const count = numberAt(doc, 'to') - numberAt(doc, 'from')
    const at = numberAt(doc, 'sealedAt')
    return { kind: 'gap', count, from: at, to: at, words: `${counted(count, 'record')} lost before the seal.` }
  })
}

function cutOffs(alerts: readonly PinnedAlert[], chunks: readonly PinChunk[]): CompletenessFinding[] {
  const found: CompletenessFinding[] = alerts.flatMap(({ alert }) => {
    const left = alert.memberCount - alert.members.length
    const words = `The alert "${alert.title}" stands for ${alert.memberCount} events and lists the first ${alert.members.length}.`
    return left > 0 ? [{ kind: 'cut-off' as const, tenant: alert.tenant, count: left, about: alert.title, words }] : []
  })
  const unsealed = chunks.reduce((sum, { state, offsets }) => sum + (state === 'pending' ? offsets.length : 0), 0)
  if (unsealed > 0)
    found.push({ kind: 'unsealed', count: unsealed, words: `${counted(unsealed, 'pinned event')} without a seal yet.` })
  return found
}
