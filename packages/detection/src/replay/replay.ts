// The same engine over history: the clock is the time of the events, so that the same events give the same alerts.
import { limits, VardeError } from '@varde/runtime'
import type { Hit, Query, StoredEvent } from '@varde/schema'
import type { EventFilter, Scope, Store } from '@varde/store'
import type { DetectedAlert } from '../correlate/alert.ts'
import { createCorrelator } from '../correlate/correlator.ts'
import { hitsOf } from '../rules/hit.ts'
import type { CompiledRule } from '../rules/rule.ts'
import type { RuleSet } from '../rules/rule-set.ts'
import { pushDown } from './push-down.ts'

export interface ReplayOptions {
  ruleSet: RuleSet
  /** UTC milliseconds of event time: alerts whose anchor lies in [from, to). */
  from: number
  to: number
  /** How far before `from` to read, in milliseconds; by default as far as the rules look back. */
  warmUpMs?: number
  scope?: Scope
  /** Also windows events that came late by their source's allowance. Live leaves them out, so the default does. */
  includeLate?: boolean
  /** Only events that came as history (true), only those that came live (false), or both (not given). */
  imported?: boolean
  signal?: AbortSignal
  progress?: (progress: ReplayProgress) => void
}

export interface ReplayProgress {
  /** Events read, and hits found among them. */
  events: number
  hits: number
  /** Event time reached, where events come in order. */
  reached?: number
  /** What must be read, where it is known. */
  total?: { count: number; exact: boolean }
}

export interface ReplayResult extends ReplayProgress {
  /** In order of their anchors. */
  alerts: DetectedAlert[]
  /** Event time read from; earlier than `from` by the warm-up. */
  readFrom: number
  /** Evaluations that failed, and what windows had to leave out: where not 0, the result may lack alerts. */
  failures: number
  truncated: number
  elapsedMs: number
}

export type ReplaySource = { store: Store } | { events: AsyncIterable<StoredEvent[]> | Iterable<StoredEvent[]> }

const partition = 'replay'
const attempt = 'replay'

/** Hits are few beside events: up to here they wait for the end and are sorted, which also puts events from the future in their place. */
const waitingHitsMax = 200_000

/** The longest look-back of the rules; an alert that is suppressed may have its first so long before. */
export function lookBackOf(rules: readonly CompiledRule[]): number {
  return rules.reduce((longest, rule) => Math.max(longest, rule.lookBackMs + (rule.suppress?.forMs ?? 0)), 0)
}

/**
 * Runs the rules over a store (read in time order, only what could match where the rules allow) or over events in any
 * order. Nothing is written. Throws REPLAY_CANCELLED when the signal aborts.
 */
export async function replay(source: ReplaySource, options: ReplayOptions): Promise<ReplayResult> {
  const started = performance.now()
  const { ruleSet, from, to } = options
  const readFrom = from - (options.warmUpMs ?? lookBackOf(ruleSet.rules))
  const correlator = createCorrelator({ ruleSet, partitions: [`${partition}.0`], trusted: true })
  const alerts = new Map<string, DetectedAlert>()
  const progress: ReplayProgress = { events: 0, hits: 0 }
  const settle = async (watermark: number): Promise<void> => {
    const marker = {
      stream: partition,
      generation: 0,
      partition: 0,
      seq: 0,
      attempt,
      ruleSet: ruleSet.digest,
      watermark,
    }
    for (const write of await correlator.advance([marker])) {
      if (write.change === 'retracted') alerts.delete(write.id)
      else alerts.set(write.alert.id, write.alert)
    }
  }
  // Absences of listed keys count from where the reading begins.
  await settle(readFrom)
  const inOrder = 'store' in source
  const batches = inOrder ? await storeBatches(source.store, readFrom, options, progress) : source.events
  let waiting: Hit[] = []
  const give = async (): Promise<void> => {
    await inTimeOrder(waiting, async (some, reached) => {
      correlator.apply(some)
      await settle(Math.min(to, reached))
    })
    waiting = []
  }
  for await (const batch of batches) {
    stopIfAborted(options.signal)
    const events = batch.filter((stored) => isWanted(stored, readFrom, options))
    const hits = await hitsOfBatch(events, ruleSet, options)
    progress.events += events.length
    progress.hits += hits.length
    // One by one: a batch may be larger than what a call takes as arguments.
    for (const hit of hits) waiting.push(hit)
    const last = batch.at(-1)
    if (inOrder && last !== undefined)
      progress.reached = Math.max(progress.reached ?? readFrom, Date.parse(last.event['@timestamp']))
    if (inOrder && waiting.length >= waitingHitsMax) await give()
    options.progress?.({ ...progress })
  }
  await give()
  stopIfAborted(options.signal)
  await settle(to)
  const failures = [...ruleSet.counts().values()].reduce((sum, counts) => sum + counts.errors, 0)
  const inRange = [...alerts.values()].filter((alert) => alert.anchor.time >= from && alert.anchor.time < to)
  inRange.sort((a, b) => a.anchor.time - b.anchor.time || (a.id < b.id ? -1 : 1))
  return {
    ...progress,
    alerts: inRange,
    readFrom,
    failures,
    truncated: correlator.stats().truncated + correlator.stats().evicted,
    elapsedMs: performance.now() - started,
  }
}

async function storeBatches(
  store: Store,
  readFrom: number,
  options: ReplayOptions,
  progress: ReplayProgress,
): Promise<AsyncIterable<StoredEvent[]>> {
  const query: Query = pushDown(options.ruleSet.rules)
  const filter: EventFilter = { scope: options.scope ?? { tenants: 'all' }, query, from: readFrom, to: options.to }
  const page = await store.events.search(filter, {
    limit: 1,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  })
  progress.total = page.total
  return store.events.scan(filter, {
    batch: limits.searchPageMax,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  })
}

function isWanted(stored: StoredEvent, readFrom: number, options: ReplayOptions): boolean {
  const time = Date.parse(stored.event['@timestamp'])
  if (time < readFrom || time >= options.to) return false
  return options.imported === undefined || options.imported === (stored.lateness === 'imported')
}

async function hitsOfBatch(events: readonly StoredEvent[], ruleSet: RuleSet, options: ReplayOptions): Promise<Hit[]> {
  const hits: Hit[] = []
  for (const stored of events) {
    const found = ruleSet.match(stored.event)
    for (const hit of hitsOf(stored, found instanceof Promise ? await found : found, { attempt })) {
      hits.push(options.includeLate === true && hit.late ? { ...hit, late: false } : hit)
    }
  }
  return hits
}

/** In pieces, so that windows settle as time goes on. */
async function inTimeOrder(hits: Hit[], take: (hits: Hit[], reached: number) => Promise<void>): Promise<void> {
  hits.sort((a, b) => a.time - b.time)
  const piece = Math.floor(limits.windowEntriesMax / 4)
  for (let start = 0; start < hits.length; start += piece) {
    const some = hits.slice(start, start + piece)
    // Those of one instant may be parted by the piece: the watermark stays at it, and the rest is not behind.
    await take(some, some.at(-1)?.time ?? 0)
  }
}

function stopIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true)
    throw new VardeError('REPLAY_CANCELLED', 'the replay was cancelled', { cause: signal.reason })
}
