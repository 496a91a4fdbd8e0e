// Late events judged again: the stretch in which they came is replayed with them, and the alerts are set right.
import type { Clock, Logger } from '@varde/runtime'
import type { Alert, Digest } from '@varde/schema'
import type { Store } from '@varde/store'
import { projectionOf } from '../replay/diff-alerts.ts'
import { alertsOf } from '../replay/replays.ts'
import type { CompiledRule } from '../rules/rule.ts'
import { type AlertWrite, type DetectedAlert, groupText } from './alert.ts'
import type { LateRange } from './state.ts'

export interface RevisionsDeps {
  store: Store
  clock: Clock
  log: Logger
  ruleOf(digest: Digest): CompiledRule | undefined
  /** Alerts of one rule, late events included; reads as far back as the rule looks. */
  replay(rule: CompiledRule, range: { from: number; to: number }, signal: AbortSignal): Promise<DetectedAlert[]>
  write(found: AlertWrite): Promise<void>
  /** Makes what waits durable; called whenever it changes for good. */
  save(waiting: LateRange[]): Promise<void>
  /** Late events seldom come alone: so long after the first. */
  delayMs: number
}

export interface RevisionCounts {
  waiting: number
  done: number
  /** Alerts raised, revised or retracted by them. */
  alerts: number
}

export interface Revisions {
  add(ranges: readonly LateRange[]): void
  /** Live windows know nothing of the late events: what they write where a revision has been is judged again. */
  written(write: AlertWrite): void
  /** What is not yet judged, for the snapshot. */
  waiting(): LateRange[]
  counts(): RevisionCounts
  /** Resolves when nothing waits. */
  settled(): Promise<void>
  stop(): Promise<void>
}

/** Ranges that a revision has set right, as long as live windows may still write there. */
interface Revised {
  range: LateRange
  until: number
}

const revisedMax = 1_000

export function createRevisions(deps: RevisionsDeps, waitingAtStart: readonly LateRange[] = []): Revisions {
  const stopping = new AbortController()
  const counts = { done: 0, alerts: 0 }
  const waiting: LateRange[] = [...waitingAtStart]
  let running: LateRange[] = []
  let revised: Revised[] = []
  let timer: NodeJS.Timeout | undefined
  let work: Promise<void> = Promise.resolve()

  function plan(): void {
    if (timer !== undefined || waiting.length === 0 || stopping.signal.aborted) return
    timer = setTimeout(() => {
      timer = undefined
      work = work.then(runAll).catch((error: unknown) => {
        // What failed waits for the next time; a store that is away comes back.
        waiting.push(...running.splice(0))
        if (stopping.signal.aborted) return
        deps.log.warn({ err: error }, 'correlate: late events could not be judged again; they wait')
        plan()
      })
    }, deps.delayMs)
    timer.unref()
  }

  async function runAll(): Promise<void> {
    running = waiting.splice(0)
    for (const [digest, ranges] of Map.groupBy(running, (range) => range.rule)) {
      stopping.signal.throwIfAborted()
      const rule = deps.ruleOf(digest)
      if (rule !== undefined) counts.alerts += await revise(deps, rule, ranges, stopping.signal)
      counts.done++
      const until = deps.clock.now() + (rule?.lookBackMs ?? 0)
      revised.push(...ranges.map((range) => ({ range, until })))
    }
    running = []
    revised = revised.filter((one) => one.until > deps.clock.now()).slice(-revisedMax)
    await deps.save(waiting)
    plan()
  }

  plan()
  return {
    add(ranges) {
      waiting.push(...ranges)
      plan()
    },
    written(write) {
      if (write.change === 'retracted' || revised.length === 0) return
      const { alert } = write
      const again = revised.find(({ range }) => concerns(range, alert, deps.ruleOf(alert.rule.digest)))
      if (again !== undefined && !waiting.includes(again.range)) this.add([again.range])
    },
    waiting: () => [...running, ...waiting],
    counts: () => ({ waiting: waiting.length + running.length, ...counts }),
    async settled() {
      while (waiting.length + running.length > 0 && !stopping.signal.aborted)
        await new Promise((resolve) => setTimeout(resolve, 20))
    },
    async stop() {
      stopping.abort()
      clearTimeout(timer)
      await work
    },
  }
}

function concerns(range: LateRange, alert: DetectedAlert | Alert, rule: CompiledRule | undefined): boolean {
  const reach = rule?.lookBackMs ?? 0
  return (
    range.rule === alert.rule.digest &&
    range.tenant === alert.tenant &&
    (range.group === '' || range.group === groupText(alert, rule)) &&
    alert.anchor.time >= range.from - reach &&
    alert.anchor.time <= range.to + reach
  )
}

/** Gives the number of alerts that changed. */
async function revise(
  deps: RevisionsDeps,
  rule: CompiledRule,
  ranges: readonly LateRange[],
  signal: AbortSignal,
): Promise<number> {
  const reach = rule.lookBackMs
  const from = Math.min(...ranges.map((range) => range.from)) - reach
  const to = Math.max(...ranges.map((range) => range.to)) + reach + 1
  // Alerts that begin near the end go on beyond it.
  const found = await deps.replay(rule, { from, to: to + reach }, signal)
  const meant = (alert: DetectedAlert | Alert): boolean =>
    alert.anchor.time < to && ranges.some((range) => concerns(range, alert, rule))
  const there = new Map<string, Alert>()
  for await (const alert of alertsOf(deps.store, rule.id, { from, to, scope: { tenants: 'all' } }))
    if (meant(alert) && alert.rule.digest === rule.digest) there.set(alert.id, alert)
  let changed = 0
  const write = async (one: AlertWrite): Promise<void> => {
    await deps.write(one)
    changed++
  }
  for (const alert of found.filter(meant)) {
    const before = there.get(alert.id)
    there.delete(alert.id)
    if (before === undefined || before.finality === 'retracted') await write({ change: 'raised', alert })
    else if (projectionOf(before) !== projectionOf(alert) && !isLess(alert, before))
      await write({ change: 'revised', alert })
  }
  for (const alert of there.values()) {
    if (alert.finality === 'retracted' || !(await hasItsEvents(deps.store, alert))) continue
    const { id, tenant } = alert
    await write({ change: 'retracted', id, rule: { id: rule.id, digest: rule.digest }, tenant, reason: 'undone' })
  }
  return changed
}

/** The replay's end cuts an alert that goes on; late events only ever add to it. */
function isLess(alert: DetectedAlert, before: Alert): boolean {
  return alert.memberCount <= before.memberCount && alert.rule.type !== 'absence'
}

/**
 * An alert whose events have been erased, or are older than their retention, or can't be found by a search yet, is not undone
 * by not being found again.
 */
async function hasItsEvents(store: Store, alert: Alert): Promise<boolean> {
  const scope = { tenants: 'all' as const }
  for (const { eventId, time } of alert.members) {
    if ((await store.events.get(eventId, scope)) === undefined) return false
    if ((await store.events.count({ scope, query: { kind: 'all' }, from: time, to: time + 1 })) === 0) return false
  }
  return true
}
