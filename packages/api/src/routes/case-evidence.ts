// The evidence of a case over HTTP: pins, timeline, completeness, custody, verification.
import { hashEvent } from '@varde/evidence'
import { VardeError } from '@varde/runtime'
import { type Case, type StoredEvent, sealId } from '@varde/schema'
import { alertRows, byTime, entryRows, eventTimelineRow, timelineContext } from '@varde/triage'
import type { Audit } from '../audit.ts'
import type { PinnedEvent, TimelineRow } from '../contract/cases.ts'
import type { ApiDeps } from '../deps.ts'
import type { Handlers } from '../register.ts'
import { caseOf } from './cases.ts'
import { eventRow, rawBytes } from './event-row.ts'

type Names =
  | 'pinToCase'
  | 'casePins'
  | 'casePin'
  | 'verifyCase'
  | 'caseTimeline'
  | 'caseCompleteness'
  | 'caseCustody'
  | 'addCustody'

type Chunk = Awaited<ReturnType<ApiDeps['desk']['evidence']['chunks']>>[number]

export function caseEvidenceRoutes(deps: ApiDeps, audit: Audit): Handlers<Names> {
  const { desk, notary } = deps
  const { evidence, custody } = desk

  async function stateOf(chunk: Chunk): Promise<PinnedEvent['proof']> {
    if (chunk.seal === undefined) return 'pending'
    return (await notary.signatures.covers(chunk.seal)) ? 'signed' : 'sealed'
  }

  async function pinnedRow(stored: StoredEvent, chunk: Chunk): Promise<PinnedEvent> {
    return { ...eventRow(stored), batch: chunk.batch, pinnedAt: chunk.pinnedAt, proof: await stateOf(chunk) }
  }

  /** A page of places with their copies; each chunk is unpacked once. */
  async function copiesAt(places: { chunk: Chunk; at: number }[]) {
    const unpacked = new Map<Chunk, StoredEvent[]>()
    const found: { stored: StoredEvent; chunk: Chunk }[] = []
    for (const { chunk, at } of places) {
      const events = unpacked.get(chunk) ?? (await evidence.copies(chunk))
      unpacked.set(chunk, events)
      const stored = events[at]
      if (stored !== undefined) found.push({ stored, chunk })
    }
    return found
  }

  async function timelineOf(of: Case, query: { phase?: string | undefined; important?: string | undefined }) {
    const alerts = await evidence.alerts(of)
    const context = timelineContext(of, alerts)
    const places = await evidence.places(of)
    const shown = places.filter(({ id }) => {
      const mark = context.marks.get(id)
      if (mark?.withdrawn !== undefined) return false
      if (query.important === 'true' && mark?.important !== true) return false
      return query.phase === undefined || (mark?.phase ?? context.alerts.get(id)?.phase) === query.phase
    })
    const others = [...entryRows(of), ...alertRows(alerts)].filter(
      ({ phase }) => query.phase === undefined || phase === query.phase,
    )
    const all: { time: number; id: string; place?: (typeof places)[number]; row?: TimelineRow }[] = [
      ...shown.map((place) => ({ time: place.time, id: place.id, place })),
      ...others.map((row) => ({ time: row.time, id: row.id, row })),
    ].sort(byTime)
    return { all, context, withdrawn: of.marks.filter((mark) => mark.withdrawn !== undefined).length }
  }

  return {
    async pinToCase({ params, body, person, scope }) {
      const done = await evidence.pin(params.id, body.what, body.why, person.name, scope)
      await audit(person, { action: 'case.pin', subject: params.id, detail: { pinned: done.pinned, why: body.why } })
      return done
    },
    async casePins({ params, query, scope }) {
      const places = await evidence.places(await caseOf(desk, params.id, scope))
      const from = query.cursor === undefined ? 0 : places.findIndex(({ id }) => id === query.cursor) + 1
      const page = places.slice(from, from + query.limit)
      const last = page.at(-1)
      const rows = await copiesAt(page)
      return {
        events: await Promise.all(rows.map(({ stored, chunk }) => pinnedRow(stored, chunk))),
        total: places.length,
        ...(last !== undefined && from + query.limit < places.length ? { next: last.id } : {}),
      }
    },
    async casePin({ params, person, scope }) {
      const of = await caseOf(desk, params.id, scope)
      const found = await evidence.find(of, params.event)
      if (found === undefined)
        throw new VardeError('NOT_FOUND', `${params.event} is not pinned to ${of.id}`, { hint: 'Pin it first.' })
      const { stored, chunk } = found
      await custody.add({
        case: of.id,
        by: person.name,
        action: 'viewed',
        item: `event:${stored.id}`,
        why: 'looked at in the case',
      })
      const problem = evidence.check(chunk, await evidence.copies(chunk))
      return {
        ...(await pinnedRow(stored, chunk)),
        raw: rawBytes(stored.raw),
        check: {
          ok: problem === undefined && chunk.seal !== undefined,
          leaf: hashEvent(stored).leaf,
          ...(chunk.seal === undefined ? {} : { seal: sealId(chunk.seal) }),
          ...(problem === undefined ? {} : { problem }),
        },
      }
    },
    async verifyCase({ params, person, scope }) {
      const of = await evidence.settle(await caseOf(desk, params.id, scope), person.name)
      const found = await evidence.verify(of, person.name, 'checked in the case')
      await audit(person, { action: 'case.verify', subject: of.id, detail: { ok: found.ok, checked: found.checked } })
      return found
    },
    async caseTimeline({ params, query, scope }) {
      const of = await caseOf(desk, params.id, scope)
      const { all, context, withdrawn } = await timelineOf(of, query)
      const from = query.cursor === undefined ? 0 : all.findIndex(({ id }) => id === query.cursor) + 1
      const page = all.slice(from, from + query.limit)
      const events = await copiesAt(page.flatMap(({ place }) => (place === undefined ? [] : [place])))
      const byId = new Map(
        events.map(({ stored, chunk }) => [stored.id, eventTimelineRow(stored, chunk.pinnedAt, context)]),
      )
      const last = page.at(-1)
      return {
        rows: page.flatMap(({ id, row }) => row ?? byId.get(id) ?? []),
        total: all.length,
        withdrawn,
        ...(last !== undefined && from + query.limit < all.length ? { next: last.id } : {}),
      }
    },
    caseCompleteness: async ({ params, scope }) => evidence.completeness(await caseOf(desk, params.id, scope)),
    async caseCustody({ params, scope }) {
      const of = await caseOf(desk, params.id, scope)
      const last = await notary.heads.last()
      const signedTo = last?.tips.find(({ stream }) => stream === '@custody')?.seq ?? -1
      const entries = (await custody.list(of.id)).map(({ seq, ...entry }) => ({
        ...entry,
        sealed: seq <= signedTo ? ('signed' as const) : ('sealed' as const),
      }))
      return { entries }
    },
    async addCustody({ params, body, person, scope }) {
      const of = await caseOf(desk, params.id, scope)
      const { to, ...rest } = body
      const { seq: _, ...entry } = await custody.add({
        case: of.id,
        by: person.name,
        ...rest,
        ...(to === undefined ? {} : { to }),
      })
      await audit(person, { action: 'case.custody', subject: of.id, detail: { custody: body.action, item: body.item } })
      return { ...entry, sealed: 'sealed' }
    },
  }
}
