// A case is the fold of its revisions: one change after the other, and the same changes always give the same case.

import { hash } from 'node:crypto'
import { type Breach, type Case, type CaseRevision, canonicalJson } from '@varde/schema'
import { applyBreachChange, isBreachChange } from './fold-breach.ts'
import { refuse } from './refuse.ts'

export const noRevision = '0'.repeat(64)

export function revisionDigest({ digest: _, ...revision }: CaseRevision): string {
  return hash('sha256', canonicalJson(JSON.parse(JSON.stringify(revision))))
}

type Change<Kind extends CaseRevision['change']['kind']> = Extract<CaseRevision['change'], { kind: Kind }>

/** Throws CASE_CHANGE_INVALID where the change does not fit the case, such as an unknown task. */
export function foldCase(before: Case | undefined, revision: CaseRevision): Case {
  const { change, at, by } = revision
  if (before === undefined) {
    if (change.kind !== 'open') throw refuse('a case begins by being opened')
    return opened(change, at, by)
  }
  const after: Case = { ...before, revision: revision.revision, updatedAt: at, updatedBy: by }
  if (isBreachChange(change))
    return { ...after, breach: applyBreachChange(before.breach ?? noBreach(), change, revision) }
  apply(after, before, revision)
  return after
}

function opened(change: Change<'open'>, at: number, by: string): Case {
  const { id, title, summary, severity, zone, tags, tenants } = change
  return {
    id,
    revision: 1,
    title,
    summary,
    status: 'open',
    severity,
    zone,
    tags,
    tenants,
    createdAt: at,
    createdBy: by,
    updatedAt: at,
    updatedBy: by,
    people: [],
    tasks: [],
    notes: [],
    pins: [],
    eventCount: 0,
    marks: [],
    entries: [],
  }
}

export function noBreach(): Breach {
  return { regimes: [], anchors: [], facts: {}, controllers: [], filings: [] }
}

function apply(after: Case, before: Case, { change, at, by }: CaseRevision): void {
  const id = change.newId ?? ''
  switch (change.kind) {
    case 'edit':
      edit(after, change, at)
      return
    case 'add-note':
      after.notes = [...before.notes, { id, text: change.text, at, by }]
      return
    case 'edit-note':
      after.notes = replaced(before.notes, change.id, (note) => ({ ...note, text: change.text, editedAt: at }))
      return
    case 'remove-note':
      after.notes = without(before.notes, change.id)
      return
    case 'add-task': {
      const { kind: _, newId: __, ...task } = change
      after.tasks = [...before.tasks, { ...given(task), id, status: 'open', createdAt: at, createdBy: by }]
      return
    }
    case 'edit-task':
      after.tasks = replaced(before.tasks, change.id, (task) => editedTask(task, change, at, by))
      return
    case 'add-person':
      after.people = [...before.people, { ...change.person, id }]
      return
    case 'edit-person':
      after.people = replaced(before.people, change.person.id, () => change.person)
      return
    case 'remove-person':
      after.people = without(before.people, change.id)
      return
    case 'add-entry':
      after.entries = [...before.entries, { ...change.entry, id, by }]
      return
    case 'edit-entry':
      after.entries = replaced(before.entries, change.entry.id, () => ({ ...change.entry, by }))
      return
    case 'remove-entry':
      after.entries = without(before.entries, change.id)
      return
    case 'mark':
    case 'withdraw':
    case 'restore':
      after.marks = marked(before.marks, change, at, by)
      return
    case 'hold': {
      const { reason, authority } = change
      after.hold = { reason, ...(authority === undefined ? {} : { authority }), at, by }
      return
    }
    case 'release-hold':
      if (before.hold === undefined) throw refuse('this case is not held')
      delete after.hold
      return
    case 'pin':
      after.pins = [...before.pins, change.batch]
      after.eventCount = before.eventCount + (change.batch.kind === 'events' ? change.batch.count : 0)
      after.tenants = [...new Set([...before.tenants, ...change.tenants])].sort()
      return
    case 'prove':
      return
    default:
      throw refuse(`a case can't be changed by "${change.kind}" here`)
  }
}

function edit(after: Case, change: Change<'edit'>, at: number): void {
  const { kind: _, newId: __, assignee, ...rest } = change
  Object.assign(after, given(rest))
  if (assignee === null) delete after.assignee
  else if (assignee !== undefined) after.assignee = assignee
  if (change.status === undefined) return
  if (change.status === 'closed') after.closedAt = at
  else delete after.closedAt
}

function editedTask(
  task: Case['tasks'][number],
  change: Change<'edit-task'>,
  at: number,
  by: string,
): Case['tasks'][number] {
  const { kind: _, newId: __, id: ___, status, ...rest } = change
  const next = { ...task }
  for (const name of ['text', 'assignee', 'dueAt'] as const) if (rest[name] === null) delete next[name]
  const { title, text, assignee, dueAt, measure } = rest
  if (title !== undefined) next.title = title
  if (typeof text === 'string') next.text = text
  if (typeof assignee === 'string') next.assignee = assignee
  if (typeof dueAt === 'number') next.dueAt = dueAt
  if (measure !== undefined) next.measure = measure
  if (status === undefined || status === task.status) return next
  next.status = status
  delete next.closedAt
  delete next.closedBy
  return status === 'open' ? next : { ...next, closedAt: at, closedBy: by }
}

function marked(
  marks: Case['marks'],
  change: Change<'mark'> | Change<'withdraw'> | Change<'restore'>,
  at: number,
  by: string,
): Case['marks'] {
  const { eventId } = change
  const next: Case['marks'][number] = { ...(marks.find((mark) => mark.eventId === eventId) ?? { eventId }), at, by }
  if (change.kind === 'withdraw') next.withdrawn = { reason: change.reason }
  else if (change.kind === 'restore') delete next.withdrawn
  else {
    for (const name of ['words', 'phase'] as const) {
      const value = change[name]
      if (value === null || value === '') delete next[name]
      else if (value !== undefined) next[name] = value
    }
    if (change.important !== undefined) next.important = change.important
  }
  return [...marks.filter((mark) => mark.eventId !== eventId), next]
}

/** Without what is undefined, as exact optional types want it. */
export function given<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return JSON.parse(JSON.stringify(value))
}

function replaced<T extends { id: string }>(list: T[], id: string, by: (item: T) => T): T[] {
  if (!list.some((item) => item.id === id)) throw refuse(`there is no ${id} in this case`)
  return list.map((item) => (item.id === id ? by(item) : item))
}

function without<T extends { id: string }>(list: T[], id: string): T[] {
  if (!list.some((item) => item.id === id)) throw refuse(`there is no ${id} in this case`)
  return list.filter((item) => item.id !== id)
}
