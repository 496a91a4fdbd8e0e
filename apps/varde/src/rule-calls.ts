// What rule commands ask of a node: replays over its store, why, history.
import {
  type CompiledRule,
  compileRule,
  createLists,
  createRuleSet,
  diffText,
  explain,
  explainWindow,
  hitsOf,
  type ReplayJob,
  summaryOf,
  suppressorOf,
} from '@varde/detection'
import { VardeError } from '@varde/runtime'
import type { JsonObject } from '@varde/schema'
import { z } from 'zod'
import type { Node } from './wiring.ts'

const house = { tenants: 'all' } as const
const progressMs = 250

const RuleRef = z.union([z.object({ id: z.string() }), z.object({ file: z.string(), text: z.string() })])
const ListValues = z.record(z.string(), z.array(z.union([z.string(), z.number(), z.boolean()])))
const Replay = z.object({
  rules: z.array(RuleRef).min(1),
  /** Of the folder that texts come from; the running ones without it. */
  lists: ListValues.optional(),
  /** Only rules that decide otherwise than the running ones. */
  changedOnly: z.boolean().default(false),
  from: z.number(),
  to: z.number(),
  includeLate: z.boolean().default(false),
  backfill: z.boolean().default(false),
})
const Why = z.object({ rule: z.string(), event: z.string() })
const Rule = z.object({ rule: z.string() })
const Diff = z.object({ rule: z.string(), from: z.string().optional(), to: z.string().optional() })

function plain(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value))
}

function ruleOf(node: Node, id: string): CompiledRule {
  const rule = node.rules.all().find((one) => one.id === id)
  if (rule === undefined)
    throw new VardeError('RULE_UNKNOWN', `no running rule has the id "${id}"`, {
      hint: 'The id stands in the first line of the rule file. A file or folder may be named by its path.',
    })
  return rule
}

function compiled(node: Node, { rules, lists }: z.infer<typeof Replay>): CompiledRule[] {
  const own = lists === undefined ? node.rules.lists() : createLists(lists)
  return rules.map((ref) => {
    if ('id' in ref) return ruleOf(node, ref.id)
    const one = compileRule(ref.text, ref.file, { lists: own })
    if (one.ok) return one.rule
    const [error] = one.errors
    throw new VardeError(
      'RULE_REFUSED',
      `${ref.file}:${error?.line ?? 1}:${error?.column ?? 1}: ${error?.message ?? 'does not compile'}`,
      { hint: '`varde rules lint` shows all errors.' },
    )
  })
}

/** Runs to its end; whoever goes away cancels it. */
export async function* replayCall(
  node: Node,
  args: JsonObject,
  tell: (progress: JsonObject) => void,
): AsyncIterable<JsonObject> {
  const request = Replay.parse(args)
  const running = node.rules.current()
  const rules = compiled(node, request).filter(
    (rule) => !request.changedOnly || running.byDigest(rule.digest) === undefined,
  )
  if (rules.length === 0) return
  const { from, to, includeLate, backfill } = request
  if (backfill && rules.some((rule) => running.byDigest(rule.digest) === undefined))
    throw new VardeError('RULE_REFUSED', 'only rules that run as they stand can raise alerts', {
      hint: 'Leave --backfill out, or put the rule into the rules folder first.',
    })
  const job = node.replays.start({ rules, from, to, includeLate, backfill, scope: house, by: 'local' })
  const timer = setInterval(() => tell(plain({ state: job.state, ...job.progress })), progressMs)
  try {
    await node.replays.done(job.id)
  } finally {
    clearInterval(timer)
    node.replays.cancel(job.id)
  }
  yield plain(outcomeOf(job))
}

function outcomeOf(job: ReplayJob): object {
  if (job.outcome === undefined)
    throw new VardeError('REPLAY_FAILED', job.problem ?? `the replay was ${job.state}`, {
      hint: 'The log of the server has the cause.',
    })
  return summaryOf(job.outcome)
}

export async function* whyCall(node: Node, args: JsonObject): AsyncIterable<JsonObject> {
  const { rule: id, event } = Why.parse(args)
  const rule = ruleOf(node, id)
  const stored = await node.store.events.get(event, house)
  if (stored === undefined)
    throw new VardeError('EVENT_UNKNOWN', `there is no event ${event}`, {
      hint: '`varde search --json` tells ids; an id looks like main.0.2.4711.',
    })
  const explanation = await explain(rule, stored.event)
  const window = await explainWindow(node.store, rule, stored, house)
  const [hit] = hitsOf(stored, await createRuleSet([{ ...rule, enabled: true }]).match(stored.event), { attempt: '' })
  const eaten = hit === undefined ? undefined : await suppressorOf(node.store, rule, hit, house)
  const alerts = await node.alerts.withEvent(stored.id, Date.parse(stored.event['@timestamp']), house)
  const mine = alerts.filter((alert) => alert.rule.id === rule.id).map(({ id: alert, title }) => ({ id: alert, title }))
  yield plain({
    ...explanation,
    ...(window === undefined ? {} : { window }),
    alerts: mine,
    ...(eaten === undefined || mine.length > 0
      ? {}
      : { suppressedBy: { id: eaten.alert.id, title: eaten.alert.title, until: eaten.until } }),
  })
}

export async function* ruleHistoryCall(node: Node, args: JsonObject): AsyncIterable<JsonObject> {
  const { rule } = Rule.parse(args)
  const running = node.rules.all().find((one) => one.id === rule)
  for (const { text: _, ...version } of await node.ruleVersions.of(rule)) {
    const isRunning = running?.fileDigest === version.fileDigest && running.digest === version.digest
    yield plain({ ...version, running: isRunning })
  }
}

/** Two versions by the beginnings of their digests; the last two without them. */
export async function* ruleDiffCall(node: Node, args: JsonObject): AsyncIterable<JsonObject> {
  const { rule, from, to } = Diff.parse(args)
  const versions = await node.ruleVersions.of(rule)
  const find = (wanted: string | undefined, otherwise: number) => {
    const found = wanted === undefined ? versions[otherwise] : versions.find((one) => one.fileDigest.startsWith(wanted))
    if (found !== undefined) return found
    throw new VardeError('VERSION_UNKNOWN', `${rule} has no ${wanted === undefined ? 'second' : 'such'} version here`, {
      hint: '`varde rules history` lists the versions that have run.',
    })
  }
  const [after, before] = [find(to, 0), find(from, 1)]
  yield plain({
    from: before.fileDigest,
    to: after.fileDigest,
    decides: before.digest !== after.digest,
    lines: diffText(before.text, after.text),
  })
}
