// The cases: opened, changed, read. Every change is a revision, chained by digest and sealed; the case itself is their fold.
import type { EntryStreams } from '@varde/evidence'
import { type Clock, VardeError } from '@varde/runtime'
import { type AskedChange, Case, type CaseChange, CaseRevision, type JsonObject, type Severity } from '@varde/schema'
import { collections, type DocumentStore, type Scope, type Versioned } from '@varde/store'
import { foldCase, noRevision, revisionDigest } from './fold.ts'
import { checkZone } from './zone.ts'

export const casesStream = '@cases'

export interface OpenCase {
  title: string
  summary?: string
  severity: Severity
  zone: string
  tags?: string[]
  tenants: string[]
}

export interface Cases {
  open(input: OpenCase, by: string): Promise<Case>
  /** Undefined where there is none, or the scope does not see all of its customers. */
  get(id: string, scope: Scope): Promise<Case | undefined>
  /** Last changed first. */
  list(scope: Scope): Promise<Case[]>
  /** As it was at a revision. */
  at(id: string, revision: number): Promise<Case | undefined>
  /**
   * All or nothing, each change a revision. Throws CASE_CHANGED where `expected` is no longer the case's revision,
   * CASE_CHANGE_INVALID where one does not fit, CASE_UNKNOWN.
   */
  change(id: string, expected: number | undefined, changes: CaseChange[], by: string): Promise<Case>
  /** Newest first, below a revision. */
  history(id: string, options: { before?: number; limit: number }): Promise<CaseRevision[]>
  onChange(listener: (changed: Case, changes: CaseChange[]) => void): () => void
}

const collection = collections.cases.name
const revisions = collections.caseRevisions.name
const page = 1_000

/** These only add: they can't undo anybody's work, so they need no revision to be compared with. */
const additions = new Set<CaseChange['kind']>(['add-note', 'add-task', 'add-person', 'add-entry', 'filing'])

export function onlyAdds(changes: AskedChange[]): boolean {
  return changes.every(({ kind }) => additions.has(kind))
}

export function seesCase(scope: Scope, { tenants }: Pick<Case, 'tenants'>): boolean {
  const { tenants: mine } = scope
  return mine === 'all' || tenants.every((tenant) => mine.includes(tenant))
}

export function openCases(options: { documents: DocumentStore; entries: EntryStreams; clock: Clock }): Cases {
  const { documents, entries, clock } = options
  const listeners = new Set<(changed: Case, changes: CaseChange[]) => void>()
  const queues = new Map<string, Promise<unknown>>()

  const revisionOf = async (id: string, revision: number): Promise<CaseRevision | undefined> => {
    const found = await documents.get(revisions, `${id}.${revision}`)
    return found === undefined ? undefined : CaseRevision.parse(found.doc)
  }

  /** The kept fold, and what a crash kept it from taking in. */
  async function load(id: string): Promise<{ kept: Versioned<JsonObject> | undefined; now: Case | undefined }> {
    const kept = await documents.get(collection, id)
    let now = kept === undefined ? undefined : caseOf(kept.doc)
    for (;;) {
      const next = await revisionOf(id, (now?.revision ?? 0) + 1)
      if (next === undefined) return { kept, now }
      now = foldCase(now, next)
    }
  }

  async function keep(id: string, now: Case, kept: Versioned<JsonObject> | undefined): Promise<void> {
    const doc = toDocument(now)
    if (kept === undefined) await documents.create(collection, id, doc)
    else await documents.update(collection, id, doc, kept.version)
  }

  async function write(id: string, expected: number | undefined, changes: CaseChange[], by: string): Promise<Case> {
    const { kept, now } = await load(id)
    const opening = changes[0]?.kind === 'open'
    if (now === undefined && !opening) throw unknownCase(id)
    if (now !== undefined && (opening || (expected !== undefined && expected !== now.revision))) throw changed(now)
    let after = now
    let previous = now === undefined ? noRevision : ((await revisionOf(id, now.revision))?.digest ?? noRevision)
    const steps: CaseRevision[] = []
    for (const asked of changes) {
      if (asked.kind === 'edit' && asked.zone !== undefined) checkZone(asked.zone)
      const revision = (after?.revision ?? 0) + 1
      const change = newIds.has(asked.kind)
        ? { ...asked, newId: `${asked.kind.replace(/^add-/, '')}-${revision}` }
        : asked
      const step = CaseRevision.parse({ case: id, revision, at: clock.now(), by, change, previous, digest: '' })
      step.digest = revisionDigest(step)
      after = foldCase(after, step)
      previous = step.digest
      steps.push(step)
    }
    if (after === undefined) throw unknownCase(id)
    for (const step of steps) {
      const created = await documents.create(revisions, `${id}.${step.revision}`, toDocument(step))
      if (!created.ok) throw changed((await load(id)).now ?? after)
    }
    for (const { revision, digest, change } of steps)
      await entries.append(casesStream, { subject: id, action: change.kind, revision, digest, by })
    await keep(id, after, kept)
    for (const listener of listeners) listener(after, changes)
    return after
  }

  /** One writer a case at a time in this process; another process loses the create of the revision. */
  function inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
    const mine = (queues.get(id) ?? Promise.resolve()).then(work)
    const settled = mine.catch(() => undefined)
    queues.set(id, settled)
    void settled.then(() => {
      if (queues.get(id) === settled) queues.delete(id)
    })
    return mine
  }

  const change: Cases['change'] = (id, expected, changes, by) => inTurn(id, () => write(id, expected, changes, by))

  return {
    change,
    async open(input, by) {
      checkZone(input.zone)
      const year = new Date(clock.now()).getUTCFullYear()
      for (let number = (await documents.count(collection)) + 1; ; number += 1) {
        const id = `case-${year}-${String(number).padStart(4, '0')}`
        if ((await load(id)).now !== undefined) continue
        const { summary = '', tags = [], tenants, ...rest } = input
        try {
          return await change(id, undefined, [{ kind: 'open', id, summary, tags, tenants, ...rest }], by)
        } catch (error) {
          if (!(error instanceof VardeError && error.code === 'CASE_CHANGED')) throw error
        }
      }
    },
    async get(id, scope) {
      const { now } = await load(id)
      return now !== undefined && seesCase(scope, now) ? now : undefined
    },
    async list(scope) {
      const found: Case[] = []
      for (let cursor: string | undefined; ; ) {
        const { docs, next } = await documents.list(collection, {
          sort: { by: 'updatedAt', order: 'desc' },
          limit: page,
          ...(cursor === undefined ? {} : { cursor }),
        })
        for (const { doc } of docs) {
          const one = caseOf(doc)
          if (seesCase(scope, one)) found.push(one)
        }
        cursor = next
        if (cursor === undefined) return found
      }
    },
    async at(id, revision) {
      let then: Case | undefined
      for (let number = 1; number <= revision; number += 1) {
        const step = await revisionOf(id, number)
        if (step === undefined) return undefined
        then = foldCase(then, step)
      }
      return then
    },
    async history(id, { before, limit }) {
      const { docs } = await documents.list(revisions, {
        where: { case: id, ...(before === undefined ? {} : { revision: { lt: before } }) },
        sort: { by: 'revision', order: 'desc' },
        limit,
      })
      return docs.map(({ doc }) => CaseRevision.parse(doc))
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** What an addition is called follows from its revision: the same history gives the same names. */
const newIds = new Set<CaseChange['kind']>(additions)

function toDocument(value: Case | CaseRevision): JsonObject {
  return JSON.parse(JSON.stringify(value))
}

function caseOf(doc: JsonObject): Case {
  return Case.parse(doc)
}

export function unknownCase(id: string): VardeError {
  return new VardeError('CASE_UNKNOWN', `there is no case ${id}`, { hint: 'Look it up in the list of cases.' })
}

function changed(now: Case): VardeError {
  return new VardeError(
    'CASE_CHANGED',
    `${now.updatedBy} has changed this case: it is at revision ${now.revision} now`,
    {
      hint: 'Load it again, look at what is new, and repeat your change.',
      facts: { revision: now.revision },
    },
  )
}
