// Rules over history: started, watched, cancelled.
import { can } from '@varde/auth'
import { type ReplayJob as Job, type ReplayRequest, summaryOf } from '@varde/detection'
import { VardeError } from '@varde/runtime'
import { createAudit } from '../audit.ts'
import type { ReplayJob } from '../contract/replays.ts'
import type { ApiDeps } from '../deps.ts'
import type { Handlers } from '../register.ts'
import { ruleOf } from '../rule-refs.ts'

export function replayRoutes(deps: ApiDeps): Handlers<'startReplay' | 'replays' | 'replay' | 'cancelReplay'> {
  const { replays, rules } = deps
  const audit = createAudit(deps)

  /** Results show alerts: whoever may see only some tenants sees only replays of no more. */
  function jobOf(id: string, scope: ReplayRequest['scope']): Job {
    const job = replays.get(id)
    if (job === undefined || !covers(scope, job.request.scope))
      throw new VardeError('REPLAY_UNKNOWN', 'there is no such replay', {
        hint: 'Replays are kept until the server stops, the latest 100 of them.',
      })
    return job
  }

  return {
    async startReplay({ body, person, scope }) {
      const compiled = body.rules.map((ref) => {
        const one = ruleOf(rules, ref)
        if (!one.ok) {
          const [error] = one.errors
          throw new VardeError(
            'RULE_REFUSED',
            `line ${error?.line ?? 1}: ${error?.message ?? 'the rule does not compile'}`,
          )
        }
        return one.rule
      })
      if (body.backfill) {
        if (!can(person, 'rules:write'))
          throw new VardeError('FORBIDDEN', `your role (${person.role}) does not include rules:write`, {
            hint: 'Without the backfill you may replay it.',
          })
        const other = compiled.find((rule) => rules.current().byDigest(rule.digest) === undefined)
        if (other !== undefined)
          throw new VardeError('RULE_REFUSED', `${other.id} does not run as it stands here`, {
            hint: 'Save and enable it first: alerts are raised by rules that run.',
          })
        await audit(person, {
          action: 'rules.backfill',
          subject: compiled.map((rule) => rule.id).join(' '),
          detail: { from: body.from, to: body.to },
        })
      }
      const { from, to, includeLate, backfill } = body
      return shown(replays.start({ rules: compiled, from, to, includeLate, backfill, scope, by: person.name }))
    },
    replays: async ({ scope }) => ({
      replays: replays
        .list()
        .filter((job) => covers(scope, job.request.scope))
        .map(shown),
    }),
    replay: async ({ params, scope }) => shown(jobOf(params.id, scope)),
    async cancelReplay({ params, scope }) {
      const job = jobOf(params.id, scope)
      if (replays.cancel(job.id)) await replays.done(job.id)
      return shown(job)
    },
  }
}

function covers(mine: ReplayRequest['scope'], other: ReplayRequest['scope']): boolean {
  const { tenants } = mine
  return tenants === 'all' || (other.tenants !== 'all' && other.tenants.every((tenant) => tenants.includes(tenant)))
}

function shown(job: Job): ReplayJob {
  const { id, state, request, createdAt, finishedAt, progress, problem, outcome } = job
  const { by, from, to, includeLate, backfill, rules } = request
  const { events, hits, reached, total } = progress
  return {
    id,
    state,
    by,
    from,
    to,
    includeLate,
    backfill,
    rules: rules.map((rule) => ({ id: rule.id, name: rule.name, digest: rule.digest })),
    createdAt,
    ...(finishedAt === undefined ? {} : { finishedAt }),
    progress: {
      events,
      hits,
      ...(reached === undefined ? {} : { reached }),
      ...(total === undefined ? {} : { total }),
    },
    ...(problem === undefined ? {} : { problem }),
    ...(outcome === undefined ? {} : { result: summaryOf(outcome) }),
  }
}
