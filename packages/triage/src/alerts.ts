// The alerts: what detection raises and revises, and what people make of it. All writes of the collection go through here.
import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { type Clock, VardeError } from '@varde/runtime'
import { Alert, type AlertStatus, type JsonObject, type Verdict } from '@varde/schema'
import { collections, type DocumentStore, type Scope, type Versioned } from '@varde/store'
import {
  type AlertFilter,
  type AlertGroup,
  type GroupBy,
  group,
  matches,
  noAlerts,
  ordering,
  type PerSeverity,
} from './alert-filter.ts'
import { createProofs, pendingProof } from './alert-proof.ts'
import { type AlertSummary, summarise } from './alert-summary.ts'
import { sideBySide } from './side-by-side.ts'

const collection = collections.alerts.name
/** Operations that can still be undone; older ones are forgotten. */
const operationsMax = 200
const loadPage = 1_000
/** Alerts of a bulk change that are read and written at a time. */
const writesAtOnce = 64

export interface AlertChange {
  status?: AlertStatus | undefined
  /** `null` takes it away. A verdict closes the alert unless `status` says otherwise. */
  verdict?: Verdict | null | undefined
  assignee?: string | null | undefined
  note?: string | undefined
}

/** What detection decides of an alert; the rest is what people and the evidence add. */
export type FoundAlert = Omit<Alert, 'raisedAt' | 'proof' | 'status' | 'verdict' | 'assignee' | 'history'>

export interface AlertEvent {
  change: 'raised' | 'changed' | 'retracted'
  alert: AlertSummary
}

export interface Alerts {
  /**
   * What detection found, or found again with later facts. People's work on an alert is kept; a retracted alert that somebody has touched is
   * marked and kept, one that nobody has touched disappears from the queue.
   */
  raise(found: FoundAlert): Promise<void>
  /** Later facts undid it, or another alert stands for it. */
  retract(id: string): Promise<void>
  get(id: string, scope: Scope): Promise<Alert | undefined>
  search(
    filter: AlertFilter,
    options: { scope: Scope; sort: 'time' | 'severity'; limit: number; cursor?: string | undefined },
  ): { alerts: AlertSummary[]; next?: string; total: number }
  counts(
    filter: AlertFilter,
    scope: Scope,
  ): { total: number; severity: PerSeverity; status: Record<AlertStatus, number> }
  groups(filter: AlertFilter, options: { scope: Scope; by: GroupBy }): AlertGroup[]
  /** Every alert that fits, without a cap. */
  update(
    target: { ids: string[] } | { filter: AlertFilter },
    change: AlertChange,
    by: string,
    scope: Scope,
  ): Promise<{ changed: number; unchanged: number; operation: string }>
  /** Takes an update back where nobody has touched the alert since. Throws OPERATION_UNKNOWN, also where the scope sees not all of it. */
  undo(operation: string, by: string, scope: Scope): Promise<{ changed: number; kept: number }>
  /** Alerts that list the event of that id and time. */
  withEvent(eventId: string, time: number, scope: Scope): Promise<AlertSummary[]>
  /** All summaries that the scope sees, in no order. */
  all(scope: Scope): Iterable<AlertSummary>
  onChange(listener: (event: AlertEvent) => void): () => void
  /** Reads an alert again that another process has written, and tells whoever listens. */
  refresh(id: string): Promise<void>
}

/** Alerts as documents: JSON without absent members. */
function toDocument(alert: Alert): JsonObject {
  return JSON.parse(JSON.stringify(alert))
}

function decide(alert: Alert, change: AlertChange, by: string, at: number): Alert | undefined {
  const next: Alert = { ...alert, history: [...alert.history] }
  const detail: JsonObject = {}
  if (change.verdict !== undefined && (change.verdict ?? undefined) !== alert.verdict) {
    delete next.verdict
    if (change.verdict !== null) next.verdict = change.verdict
    detail['verdict'] = change.verdict
  }
  const status = change.status ?? (change.verdict === undefined || change.verdict === null ? alert.status : 'closed')
  if (status !== alert.status) {
    next.status = status
    detail['status'] = status
  }
  if (change.assignee !== undefined && (change.assignee ?? undefined) !== alert.assignee) {
    delete next.assignee
    if (change.assignee !== null) next.assignee = change.assignee
    detail['assignee'] = change.assignee
  }
  const note = change.note?.trim()
  if (Object.keys(detail).length === 0 && (note === undefined || note === '')) return undefined
  const action = Object.keys(detail).length === 0 ? 'note' : Object.keys(detail).join('+')
  next.history.push({
    at,
    by,
    action,
    ...(note === undefined || note === '' ? {} : { note }),
    ...(Object.keys(detail).length === 0 ? {} : { detail }),
  })
  return next
}

/** Loads the queue. What other processes write must be told to it by `refresh`. */
export async function openAlerts({ documents, clock }: { documents: DocumentStore; clock: Clock }): Promise<Alerts> {
  const board = new Map<string, AlertSummary>()
  /** The board in each order, until it changes: pages of a long queue are asked for one after the other. */
  const orders = new Map<'time' | 'severity', AlertSummary[]>()
  const listeners = new Set<(event: AlertEvent) => void>()
  const operations = new Map<string, { id: string; version: number; before: Alert }[]>()
  const proofOf = createProofs(documents)

  const pageFrom = (cursor: string | undefined): Promise<{ docs: Versioned<JsonObject>[]; next?: string }> =>
    documents.list(collection, { limit: loadPage, ...(cursor === undefined ? {} : { cursor }) })
  for (let coming: ReturnType<typeof pageFrom> | undefined = pageFrom(undefined); coming !== undefined; ) {
    const page: Awaited<ReturnType<typeof pageFrom>> = await coming
    // The store reads the next page while this one is understood. What it refuses is told when it is waited for.
    coming = page.next === undefined ? undefined : pageFrom(page.next)
    coming?.catch(() => {})
    for (const { id, doc } of page.docs) {
      const alert = Alert.parse(doc)
      if (isShown(alert)) board.set(id, summarise(alert))
    }
  }

  const sees = (scope: Scope, alert: { tenant: string }) =>
    scope.tenants === 'all' || scope.tenants.includes(alert.tenant)

  function* visible(scope: Scope, filter: AlertFilter = {}): Generator<AlertSummary> {
    for (const alert of board.values()) if (sees(scope, alert) && matches(filter, alert)) yield alert
  }

  function inOrder(sort: 'time' | 'severity'): AlertSummary[] {
    const known = orders.get(sort)
    if (known !== undefined) return known
    const sorted = [...board.values()].sort(ordering(sort))
    orders.set(sort, sorted)
    return sorted
  }

  function tell(alert: Alert, change: AlertEvent['change']) {
    const summary = summarise(alert)
    orders.clear()
    if (isShown(alert)) board.set(alert.id, summary)
    else board.delete(alert.id)
    for (const listener of listeners) listener({ change, alert: summary })
  }

  async function load(id: string): Promise<Versioned<Alert> | undefined> {
    const found = await documents.get(collection, id)
    return found === undefined ? undefined : { id, version: found.version, doc: Alert.parse(found.doc) }
  }

  /** Reads, decides and writes until nobody came in between. */
  async function change(
    id: string,
    decideNext: (current: Alert) => Alert | undefined,
  ): Promise<{ before: Alert; version: number } | undefined> {
    for (;;) {
      const found = await load(id)
      const next = found === undefined ? undefined : decideNext(found.doc)
      if (found === undefined || next === undefined) return undefined
      const written = await documents.update(collection, id, toDocument(next), found.version)
      if (!written.ok) continue
      tell(next, 'changed')
      return { before: found.doc, version: written.version }
    }
  }

  return {
    async raise(found) {
      const proof = found.finality === 'final' ? await proofOf(found.members) : pendingProof
      const fresh: Alert = { ...found, raisedAt: clock.now(), proof, status: 'open', history: [] }
      const written = await documents.create(collection, found.id, toDocument(fresh))
      if (written.ok) return tell(fresh, 'raised')
      for (let there = written.current; there !== undefined; ) {
        const old = { version: there.version, doc: Alert.parse(there.doc) }
        const { status, history, raisedAt, verdict, assignee } = old.doc
        const merged: Alert = {
          ...found,
          status,
          history,
          raisedAt,
          proof,
          ...(verdict === undefined ? {} : { verdict }),
          ...(assignee === undefined ? {} : { assignee }),
        }
        if (isDeepStrictEqual(toDocument(merged), old.doc)) return
        const result = await documents.update(collection, found.id, toDocument(merged), old.version)
        if (result.ok) return tell(merged, 'changed')
        there = result.current
      }
    },
    async retract(id) {
      for (;;) {
        const old = await load(id)
        if (old === undefined || old.doc.finality === 'retracted') return
        const next: Alert = { ...old.doc, finality: 'retracted' }
        const result = await documents.update(collection, id, toDocument(next), old.version)
        if (result.ok) return tell(next, 'retracted')
      }
    },
    async get(id, scope) {
      const found = await load(id)
      return found !== undefined && sees(scope, found.doc) ? found.doc : undefined
    },
    search(filter, { scope, sort, limit, cursor }) {
      const sorted = inOrder(sort).filter((alert) => sees(scope, alert) && matches(filter, alert))
      // The cursor is the last row itself, so that rows which come or go meanwhile neither repeat nor hide others.
      const last: AlertSummary | undefined = cursor === undefined ? undefined : parseCursor(cursor)
      const from = last === undefined ? 0 : sorted.findIndex((alert) => ordering(sort)(alert, last) > 0)
      const alerts = from < 0 ? [] : sorted.slice(from, from + limit)
      const end = alerts.at(-1)
      const more = from >= 0 && from + limit < sorted.length && end !== undefined
      return { alerts, total: sorted.length, ...(more ? { next: formatCursor(end) } : {}) }
    },
    counts(filter, scope) {
      const severity = noAlerts()
      const status: Record<AlertStatus, number> = { open: 0, acknowledged: 0, closed: 0 }
      let total = 0
      for (const alert of visible(scope, filter)) {
        total += 1
        severity[alert.severity] += 1
        status[alert.status] += 1
      }
      return { total, severity, status }
    },
    groups: (filter, { scope, by }) => group(visible(scope, filter), by),
    async update(target, wanted, by, scope) {
      const ids = 'ids' in target ? target.ids : [...visible(scope, target.filter)].map((alert) => alert.id)
      const results = await sideBySide(ids, writesAtOnce, (id) =>
        change(id, (current) => (sees(scope, current) ? decide(current, wanted, by, clock.now()) : undefined)),
      )
      const done = ids.flatMap((id, at) => {
        const result = results[at]
        return result === undefined ? [] : [{ id, ...result }]
      })
      const operation = randomUUID()
      operations.set(operation, done)
      const [oldest] = operations.keys()
      if (operations.size > operationsMax && oldest !== undefined) operations.delete(oldest)
      return { changed: done.length, unchanged: ids.length - done.length, operation }
    },
    async undo(operation, by, scope) {
      const steps = operations.get(operation)
      if (steps === undefined || steps.some(({ before }) => !sees(scope, before)))
        throw new VardeError('OPERATION_UNKNOWN', 'this change can no longer be undone', {
          hint: 'Change the alerts again by hand.',
        })
      operations.delete(operation)
      const restore = async ({ id, version, before }: (typeof steps)[number]): Promise<boolean> => {
        const now = await load(id)
        if (now === undefined || now.version !== version) return false
        // The history keeps both: what was done and that it was taken back.
        const restored: Alert = {
          ...now.doc,
          status: before.status,
          history: [...now.doc.history, { at: clock.now(), by, action: 'undo' }],
        }
        delete restored.verdict
        delete restored.assignee
        if (before.verdict !== undefined) restored.verdict = before.verdict
        if (before.assignee !== undefined) restored.assignee = before.assignee
        const written = await documents.update(collection, id, toDocument(restored), version)
        if (written.ok) tell(restored, 'changed')
        return written.ok
      }
      const changed = (await sideBySide(steps, writesAtOnce, restore)).filter(Boolean).length
      return { changed, kept: steps.length - changed }
    },
    async withEvent(eventId, time, scope) {
      // Windows are short: few alerts are near enough to be looked into.
      const near = [...visible(scope)].filter(({ window }) => window.from <= time && time <= window.to)
      const found = await Promise.all(
        near.map(async (alert) =>
          (await load(alert.id))?.doc.members.some((member) => member.eventId === eventId) ? [alert] : [],
        ),
      )
      return found.flat()
    },
    all: (scope) => visible(scope),
    async refresh(id) {
      const found = await load(id)
      if (found === undefined) return
      const known = board.has(id)
      tell(found.doc, found.doc.finality === 'retracted' ? 'retracted' : known ? 'changed' : 'raised')
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** A retracted alert stays in the queue only where somebody has worked on it. */
function isShown(alert: Alert): boolean {
  return alert.finality !== 'retracted' || alert.history.length > 0 || alert.verdict !== undefined
}

function formatCursor(alert: AlertSummary): string {
  return Buffer.from(JSON.stringify({ anchor: alert.anchor, id: alert.id, severity: alert.severity })).toString(
    'base64url',
  )
}

function parseCursor(cursor: string): AlertSummary {
  try {
    const { anchor, id, severity } = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    return { ...cursorRow, anchor: Number(anchor), id: String(id), severity }
  } catch (cause) {
    throw new VardeError('ALERT_BAD_CURSOR', 'this page of alerts can no longer be continued', {
      cause,
      hint: 'Start again from the first page.',
    })
  }
}

/** Only its anchor, id and severity are compared. */
const cursorRow: AlertSummary = {
  id: '',
  tenant: '',
  title: '',
  severity: 'info',
  status: 'open',
  rule: { id: '', name: '', type: '', attack: [] },
  entities: { user: [], host: [], ip: [] },
  anchor: 0,
  window: { from: 0, to: 0 },
  raisedAt: 0,
  memberCount: 0,
  suppressed: 0,
  finality: 'final',
  notes: 0,
}
