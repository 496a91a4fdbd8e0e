// Where events come from, what got stuck on the way, and what ingest would make of a line.

import { deadLetterOf } from '@varde/ingest'
import { datasets, parseRecord } from '@varde/parsers'
import { VardeError } from '@varde/runtime'
import type { JsonObject } from '@varde/schema'
import { deadLetterReasons } from '@varde/schema'
import { type Condition, collections, type Scope } from '@varde/store'
import type { Audit } from '../audit.ts'
import type { DeadLetterRow } from '../contract/sources.ts'
import type { ApiDeps } from '../deps.ts'
import { seesHouse, tenantCondition } from '../house-view.ts'
import type { Handlers } from '../register.ts'
import { rawBytes } from './event-row.ts'
import { ledgerRows } from './ledger.ts'
import { sourceRows } from './source-rows.ts'

const shownBytesMax = 4_096
const detailMs = 24 * 3_600_000

function deadLetterRow(doc: JsonObject): DeadLetterRow {
  const letter = deadLetterOf(doc)
  const { source, tenant, transport, peer, arrival } = letter.record
  return {
    id: letter.id,
    source,
    tenant,
    transport,
    ...(peer === undefined ? {} : { peer }),
    arrival,
    failedAt: letter.failedAt,
    reason: letter.reason,
    detail: letter.detail,
    raw: { ...rawBytes(letter.raw, shownBytesMax) },
    ...(letter.redrivenAs === undefined ? {} : { redrivenAs: letter.redrivenAs }),
  }
}

function checkHouse(scope: Scope): void {
  if (!seesHouse(scope))
    throw new VardeError('FORBIDDEN', 'the sample is there for every tenant', {
      hint: 'Ask somebody who sees all tenants.',
    })
}

const lettersOf = (scope: Scope) => tenantCondition(scope, 'record.tenant')

export function sourceRoutes(
  deps: ApiDeps,
  audit: Audit,
): Handlers<'sources' | 'source' | 'deadLetters' | 'redrive' | 'datasets' | 'parse' | 'loadSample' | 'removeSample'> {
  const { documents } = deps.store

  async function waiting(scope: Scope, chosen: Record<string, Condition>) {
    const where = { ...lettersOf(scope), ...chosen, redrivenAs: { exists: false } }
    const rows = await Promise.all(
      deadLetterReasons.map(async (reason) => {
        const counts = await documents.countBy(collections.deadLetters.name, 'record.source', { ...where, reason })
        return counts.map(({ value, count }) => ({ source: String(value), reason, count }))
      }),
    )
    return rows.flat()
  }

  /** Those that the scope sees; others are as unknown as any. */
  async function mine(ids: string[], { tenants }: Scope): Promise<string[]> {
    if (tenants === 'all') return ids
    const seen: string[] = []
    for (const id of ids) {
      const letter = await documents.get(collections.deadLetters.name, id)
      if (letter !== undefined && tenants.includes(deadLetterOf(letter.doc).record.tenant)) seen.push(id)
    }
    return seen
  }

  async function idsOf(where: Record<string, Condition>): Promise<string[]> {
    const ids: string[] = []
    for (let cursor: string | undefined; ; ) {
      const page = await documents.list(collections.deadLetters.name, {
        where,
        limit: 10_000,
        ...(cursor === undefined ? {} : { cursor }),
      })
      ids.push(...page.docs.map(({ id }) => id))
      cursor = page.next
      if (cursor === undefined) return ids
    }
  }

  return {
    loadSample({ scope }) {
      checkHouse(scope)
      return deps.loadSample()
    },
    async removeSample({ person, scope }) {
      checkHouse(scope)
      const removed = await deps.removeSample(person.name)
      await audit(person, { action: 'sample.remove', subject: 'sample', detail: { ...removed } })
      return removed
    },
    sources: async ({ scope }) => ({ sources: await sourceRows(deps, scope), listeners: deps.intake.listeners() }),
    async source({ params, scope }) {
      const row = (await sourceRows(deps, scope)).find((one) => one.source === params.source)
      if (row === undefined) throw new VardeError('NOT_FOUND', `there is no source ${params.source}`)
      const now = deps.clock.now()
      const rows = await ledgerRows(documents, scope, { from: now - detailMs, to: now + 60_000, source: params.source })
      const minutes = rows.map(({ minute, received, events, deadLetters, late, lagMsSum, lagMsMax }) => ({
        minute,
        received,
        events,
        deadLetters,
        late,
        lagMsMean: events === 0 ? 0 : lagMsSum / events,
        lagMsMax,
      }))
      return { source: row, minutes }
    },
    async deadLetters({ query, scope }) {
      const chosen: Record<string, Condition> = {
        ...(query.source === undefined ? {} : { 'record.source': query.source }),
        ...(query.reason === undefined ? {} : { reason: query.reason }),
      }
      const state: Record<string, Condition> =
        query.state === undefined ? {} : { redrivenAs: { exists: query.state === 'redriven' } }
      const page = await documents.list(collections.deadLetters.name, {
        where: { ...lettersOf(scope), ...chosen, ...state },
        sort: { by: 'failedAt', order: 'desc' },
        limit: query.limit,
        ...(query.cursor === undefined ? {} : { cursor: query.cursor }),
      })
      return {
        deadLetters: page.docs.map(({ doc }) => deadLetterRow(doc)),
        waiting: await waiting(scope, chosen),
        ...(page.next === undefined ? {} : { next: page.next }),
      }
    },
    async redrive({ body, scope, person }) {
      const where = { ...lettersOf(scope), redrivenAs: { exists: false } }
      const ids =
        'ids' in body
          ? await mine(body.ids, scope)
          : await idsOf({
              ...where,
              ...(body.source === undefined ? {} : { 'record.source': body.source }),
              ...(body.reason === undefined ? {} : { reason: body.reason }),
            })
      const { redriven, skipped } = await deps.intake.redrive(ids)
      const foreign = 'ids' in body ? body.ids.length - ids.length : 0
      const done = { redriven, skipped: skipped + foreign }
      await audit(person, { action: 'dead-letters.redrive', subject: 'dead-letters', detail: { ...done } })
      return done
    },
    async parse({ body }) {
      const rules = deps.rules.current()
      const results = await Promise.all(
        body.lines.map(async (line) => {
          const raw = Buffer.from(line)
          const parsed = parseRecord({
            raw,
            arrival: deps.clock.now(),
            ...(body.dataset === undefined ? {} : { dataset: body.dataset }),
            ...(body.timeZone === undefined ? {} : { timeZone: body.timeZone }),
          })
          if (!parsed.ok) return { ok: false as const, reason: parsed.reason, detail: parsed.detail }
          const hits = await rules.match(parsed.event)
          const unexplainedBytes = parsed.unexplained.reduce((sum, range) => sum + range.to - range.from, 0)
          const sure =
            parsed.confidence === 1 ? [] : [`recognised by its content, ${Math.round(parsed.confidence * 100)} % sure`]
          const left = parsed.unexplained
            .slice(0, 10)
            .map(({ from, to }) => `not explained: ${JSON.stringify(raw.subarray(from, to).toString().slice(0, 120))}`)
          return {
            ok: true as const,
            dataset: parsed.dataset,
            event: parsed.event,
            bytes: raw.length,
            unexplainedBytes,
            notes: [...sure, ...left],
            rules: hits.map(({ rule }) => ({ id: rule.id, name: rule.name, severity: rule.severity })),
          }
        }),
      )
      return { results }
    },
    async datasets() {
      return { datasets: [...datasets()].sort() }
    },
  }
}
