// Replays as jobs: one runs at a time, the others wait; each is watched, cancelled, and compared with what is there.
import { randomUUID } from 'node:crypto'
import { type Clock, limits, VardeError } from '@varde/runtime'
import { Alert } from '@varde/schema'
import { collections, type Scope, type Store } from '@varde/store'
import type { DetectedAlert } from '../correlate/alert.ts'
import { compileRule } from '../rules/compile-rule.ts'
import { createLists, type Lists } from '../rules/lists.ts'
import type { CompiledRule } from '../rules/rule.ts'
import { createRuleSet } from '../rules/rule-set.ts'
import { diffAlerts, type ReplayDiff } from './diff-alerts.ts'
import { type ReplayProgress, type ReplayResult, replay } from './replay.ts'

export interface ReplayRequest {
  rules: readonly CompiledRule[]
  /** UTC milliseconds of event time: alerts whose anchor lies in [from, to). */
  from: number
  to: number
  includeLate: boolean
  /** Raises what was found and is not there. Ids are deterministic: again adds nothing. */
  backfill: boolean
  scope: Scope
  by: string
}

export interface RuleOutcome {
  rule: CompiledRule
  diff: ReplayDiff
}

export interface ReplayOutcome extends ReplayResult {
  rules: RuleOutcome[]
  /** CPU time of the thread that read and matched. */
  cpuMs: number
  raised: number
}

export interface ReplayJob {
  id: string
  state: 'queued' | 'running' | 'done' | 'cancelled' | 'failed'
  request: ReplayRequest
  createdAt: number
  finishedAt?: number
  progress: ReplayProgress
  problem?: string
  outcome?: ReplayOutcome
}

/** Plain data, so that another thread can run it. */
export interface ReplayWork {
  rules: { file: string; text: string }[]
  lists: Record<string, readonly (string | number | boolean)[]>
  from: number
  to: number
  includeLate: boolean
  scope: Scope
}

/** Reads and matches, in whichever thread. */
export type RunReplay = (
  work: ReplayWork,
  progress: (progress: ReplayProgress) => void,
  signal: AbortSignal,
) => Promise<ReplayResult & { cpuMs: number }>

export interface ReplaysDeps {
  store: Store
  clock: Clock
  /** In this thread without it. */
  run?: RunReplay
  /** Makes an alert of a backfill durable; what people did with it stays. */
  raise(alert: DetectedAlert): Promise<void>
}

export interface Replays {
  /** Throws REPLAY_BUSY where too many wait. */
  start(request: ReplayRequest): ReplayJob
  /** Newest first, as far as they are kept. */
  list(): ReplayJob[]
  get(id: string): ReplayJob | undefined
  /** False where it has ended already, or is not known. */
  cancel(id: string): boolean
  /** The job when it has ended, however. */
  done(id: string): Promise<ReplayJob | undefined>
  /** Cancels all. */
  close(): Promise<void>
}

/** Jobs run one after the other, in the order in which they were asked for; what has ended is kept for `list` in memory only. */
export function createReplays(deps: ReplaysDeps): Replays {
  const jobs = new Map<string, ReplayJob>()
  const stopping = new Map<string, AbortController>()
  const ended = new Map<string, Promise<ReplayJob>>()
  let last: Promise<unknown> = Promise.resolve()

  async function run(job: ReplayJob, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    job.state = 'running'
    const { request } = job
    const { rules, from, to, includeLate, scope } = request
    const texts = rules.map(({ file, text }) => ({ file, text }))
    const work = { rules: texts, lists: listValues(rules[0]?.lists), from, to, includeLate, scope }
    const found = await (deps.run ?? runHere(deps.store))(
      work,
      (progress) => {
        job.progress = progress
      },
      signal,
    )
    const outcomes = await compare(deps.store, request, found.alerts)
    signal.throwIfAborted()
    const raised = request.backfill ? await backfill(deps, outcomes) : 0
    const { events, hits, total, reached } = found
    job.progress = { events, hits, ...(total && { total }), ...(reached && { reached }) }
    job.outcome = { ...found, rules: outcomes, raised }
    job.state = 'done'
  }

  async function settle(job: ReplayJob, signal: AbortSignal): Promise<ReplayJob> {
    try {
      await run(job, signal)
    } catch (cause) {
      job.state = signal.aborted ? 'cancelled' : 'failed'
      if (!signal.aborted) job.problem = cause instanceof Error ? cause.message : String(cause)
    }
    job.finishedAt = deps.clock.now()
    stopping.delete(job.id)
    return job
  }

  function forget(): void {
    for (const [id, job] of jobs) {
      if (jobs.size <= limits.replaysKeptMax) return
      if (job.finishedAt === undefined) continue
      jobs.delete(id)
      ended.delete(id)
    }
  }

  return {
    start(request) {
      const waiting = [...jobs.values()].filter((job) => job.finishedAt === undefined).length
      if (waiting >= limits.replaysWaitingMax)
        throw new VardeError('REPLAY_BUSY', `${waiting} replays wait already`, {
          hint: 'Wait for them, or cancel some.',
        })
      const job: ReplayJob = {
        id: randomUUID(),
        state: 'queued',
        request,
        createdAt: deps.clock.now(),
        progress: { events: 0, hits: 0 },
      }
      const cancel = new AbortController()
      jobs.set(job.id, job)
      stopping.set(job.id, cancel)
      const end = last.then(() => settle(job, cancel.signal))
      last = end
      ended.set(job.id, end)
      forget()
      return job
    },
    list: () => [...jobs.values()].reverse(),
    get: (id) => jobs.get(id),
    cancel(id) {
      const controller = stopping.get(id)
      controller?.abort()
      return controller !== undefined
    },
    done: async (id) => ended.get(id),
    async close() {
      for (const controller of stopping.values()) controller.abort()
      await last
    },
  }
}

/** The same values by the same names: rules compiled with them have the same digests. */
export function listValues(lists: Lists | undefined): ReplayWork['lists'] {
  return Object.fromEntries((lists?.names() ?? []).map((name) => [name, lists?.get(name)?.values ?? []]))
}

function runHere(store: Store): RunReplay {
  return async (work, progress, signal) => runReplayWork(store, work, progress, signal)
}

/** What the thread does: compiles the texts, reads the store, runs the windows. Throws RULES_EMPTY where none compiles. */
export async function runReplayWork(
  store: Store,
  work: ReplayWork,
  progress: (progress: ReplayProgress) => void,
  signal: AbortSignal,
): Promise<ReplayResult & { cpuMs: number }> {
  const lists = createLists(work.lists)
  const rules = work.rules.map(({ text, file }) => {
    const compiled = compileRule(text, file, { lists })
    if (!compiled.ok)
      throw new VardeError('RULE_REFUSED', `${file}: ${compiled.errors[0]?.message ?? 'does not compile'}`)
    return { ...compiled.rule, enabled: true }
  })
  const before = process.threadCpuUsage()
  const { from, to, includeLate, scope } = work
  const result = await replay(
    { store },
    { ruleSet: createRuleSet(rules), from, to, includeLate, scope, progress, signal },
  )
  const used = process.threadCpuUsage(before)
  return { ...result, cpuMs: (used.user + used.system) / 1_000 }
}

async function compare(store: Store, request: ReplayRequest, found: readonly DetectedAlert[]): Promise<RuleOutcome[]> {
  const outcomes: RuleOutcome[] = []
  const byRule = Map.groupBy(found, (alert) => alert.rule.id)
  for (const rule of request.rules) {
    const existing: Alert[] = []
    for await (const alert of alertsOf(store, rule.id, request)) existing.push(alert)
    outcomes.push({ rule, diff: diffAlerts(byRule.get(rule.id) ?? [], existing, request) })
  }
  return outcomes
}

/** Alerts of a rule whose anchor lies in the range, as the scope sees them. */
export async function* alertsOf(
  store: Store,
  rule: string,
  { from, to, scope }: { from: number; to: number; scope: Scope },
): AsyncIterable<Alert> {
  const where = { 'rule.id': rule, 'anchor.time': { gte: from, lt: to } }
  for (let cursor: string | undefined; ; ) {
    const page = await store.documents.list(collections.alerts.name, {
      where,
      limit: 1_000,
      ...(cursor === undefined ? {} : { cursor }),
    })
    for (const { doc } of page.docs) {
      const alert = Alert.parse(doc)
      if (scope.tenants === 'all' || scope.tenants.includes(alert.tenant)) yield alert
    }
    cursor = page.next
    if (cursor === undefined) return
  }
}

/** What is there stays as it is: only what is new is raised. */
async function backfill(deps: ReplaysDeps, outcomes: readonly RuleOutcome[]): Promise<number> {
  let raised = 0
  for (const { diff } of outcomes) {
    for (const alert of diff.added) {
      await deps.raise(alert)
      raised++
    }
  }
  return raised
}
