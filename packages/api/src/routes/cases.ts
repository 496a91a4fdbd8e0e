// Cases over HTTP: opened, listed, changed, and what their history says.
import { can } from '@varde/auth'
import { VardeError } from '@varde/runtime'
import type { AskedChange, Case } from '@varde/schema'
import type { Scope } from '@varde/store'
import { onlyAdds, severityRank, unknownCase } from '@varde/triage'
import type { Audit } from '../audit.ts'
import type { CaseDetail, CaseRow } from '../contract/cases.ts'
import type { ApiDeps } from '../deps.ts'
import type { Call, Handlers } from '../register.ts'

type Names = 'cases' | 'createCase' | 'case' | 'changeCase' | 'caseHistory'

export async function caseOf(desk: ApiDeps['desk'], id: string, scope: Scope): Promise<Case> {
  const found = await desk.cases.get(id, scope)
  if (found === undefined) throw unknownCase(id)
  return found
}

export async function caseDetail(desk: ApiDeps['desk'], of: Case, notary: ApiDeps['notary']): Promise<CaseDetail> {
  const proofs = { pending: 0, sealed: 0, signed: 0 }
  for (const { state, offsets, seal } of await desk.evidence.chunks(of)) {
    const isSigned = seal !== undefined && (await notary.signatures.covers(seal))
    proofs[isSigned ? 'signed' : state] += offsets.length
  }
  return { case: of, clocks: desk.breach.clocks(of), proofs }
}

function rowOf(desk: ApiDeps['desk'], of: Case): CaseRow {
  const { id, revision, title, status, severity, tags, assignee, tenants, createdAt, updatedAt, eventCount } = of
  const clock = desk.breach.clocks(of).find(({ state }) => state === 'missed' || state === 'running')
  return {
    id,
    revision,
    title,
    status,
    severity,
    tags,
    ...(assignee === undefined ? {} : { assignee }),
    tenants,
    createdAt,
    updatedAt,
    events: eventCount,
    tasksOpen: of.tasks.filter((task) => task.status === 'open').length,
    held: of.hold !== undefined,
    breach: of.breach !== undefined,
    ...(clock === undefined ? {} : { clock }),
  }
}

const breachChanges = new Set<AskedChange['kind']>([
  'breach',
  'anchor',
  'facts',
  'controller',
  'remove-controller',
  'filing',
  'decision',
])

/** Some changes need more than `cases:write`. */
function checkGrants({ person, body }: Call<'changeCase'>): void {
  for (const { kind } of body.changes) {
    const needs =
      kind === 'hold' || kind === 'release-hold'
        ? 'cases:hold'
        : breachChanges.has(kind)
          ? 'breach:write'
          : 'cases:write'
    if (!can(person, needs))
      throw new VardeError('FORBIDDEN', `your role (${person.role}) does not include ${needs}`, {
        hint: 'Ask an investigator or an administrator.',
      })
  }
  if (body.revision === undefined && !onlyAdds(body.changes))
    throw new VardeError('REQUEST_INVALID', 'these changes need the revision that you saw', {
      hint: 'Send `revision` with them.',
    })
}

function matches(of: Case, status: string | undefined, text: string | undefined): boolean {
  if (status !== undefined && of.status !== status) return false
  if (text === undefined || text.trim() === '') return true
  const all = `${of.id} ${of.title} ${of.tags.join(' ')}`.toLowerCase()
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word))
}

export function caseRoutes(deps: ApiDeps, audit: Audit): Handlers<Names> {
  const { desk, notary, alerts } = deps
  return {
    async cases({ query, scope }) {
      const all = (await desk.cases.list(scope)).filter((of) => matches(of, query.status, query.text))
      const from = query.cursor === undefined ? 0 : all.findIndex(({ id }) => id === query.cursor) + 1
      const page = all.slice(from, from + query.limit)
      const last = page.at(-1)
      const more = last !== undefined && from + query.limit < all.length
      return { cases: page.map((of) => rowOf(desk, of)), total: all.length, ...(more ? { next: last.id } : {}) }
    },
    async createCase({ body, person, scope }) {
      const found = await Promise.all(body.alerts.map((id) => alerts.get(id, scope)))
      const first = found.find((alert) => alert !== undefined)
      if (body.alerts.length > 0 && found.some((alert) => alert === undefined))
        throw new VardeError('NOT_FOUND', 'one of these alerts is not there', { hint: 'It may have been retracted.' })
      const title = body.title ?? first?.title
      if (title === undefined)
        throw new VardeError('REQUEST_INVALID', 'a case needs a title', { hint: 'Give one, or an alert.' })
      const worst = found
        .flatMap((alert) => (alert === undefined ? [] : [alert.severity]))
        .sort((a, b) => severityRank(b) - severityRank(a))[0]
      const tenants = [...new Set(found.flatMap((alert) => (alert === undefined ? [] : [alert.tenant])))].sort()
      const own = scope.tenants === 'all' ? ['house'] : scope.tenants.slice(0, 1)
      const opened = await desk.cases.open(
        {
          title,
          summary: body.summary,
          severity: body.severity ?? worst ?? 'medium',
          zone: body.zone,
          tags: body.tags,
          tenants: tenants.length === 0 ? own : tenants,
        },
        person.name,
      )
      if (body.assignee !== undefined)
        await desk.cases.change(opened.id, opened.revision, [{ kind: 'edit', assignee: body.assignee }], person.name)
      for (const alert of body.alerts) await desk.evidence.pin(opened.id, { alert }, body.why, person.name, scope)
      await audit(person, { action: 'case.open', subject: opened.id, detail: { alerts: body.alerts } })
      return caseDetail(desk, await caseOf(desk, opened.id, scope), notary)
    },
    async case({ params, scope }) {
      return caseDetail(desk, await caseOf(desk, params.id, scope), notary)
    },
    async changeCase(call) {
      const { params, body, person, scope } = call
      checkGrants(call)
      await caseOf(desk, params.id, scope)
      const after = await desk.cases.change(params.id, body.revision, body.changes, person.name)
      for (const change of body.changes) {
        if (change.kind === 'withdraw') {
          const item = `event:${change.eventId}`
          await desk.custody.add({ case: after.id, by: person.name, action: 'withdrawn', item, why: change.reason })
        }
      }
      const kinds = body.changes.map(({ kind }) => kind)
      await audit(person, { action: 'case.change', subject: after.id, detail: { revision: after.revision, kinds } })
      return caseDetail(desk, after, notary)
    },
    async caseHistory({ params, query, scope }) {
      await caseOf(desk, params.id, scope)
      const { before, limit } = query
      const revisions = await desk.cases.history(params.id, { limit, ...(before === undefined ? {} : { before }) })
      const last = revisions.at(-1)
      return { revisions, ...(last !== undefined && last.revision > 1 ? { next: last.revision } : {}) }
    },
  }
}
