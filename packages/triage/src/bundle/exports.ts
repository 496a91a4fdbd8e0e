// Bundles in the making: each runs in the background, tells how far it is, stops and goes on, and ends as a file.
import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { EntryStreams } from '@varde/evidence'
import { type Clock, VardeError } from '@varde/runtime'
import type { Case, JsonObject, Language } from '@varde/schema'
import { collections, type DocumentStore } from '@varde/store'
import { type Cases, unknownCase } from '../cases/cases.ts'
import type { Custody } from '../cases/custody.ts'
import type { Evidence } from '../cases/evidence.ts'
import { type BundlePlan, type Composed, composeBundle, unprovenOf } from './compose.ts'
import { type Signing, streamEnds } from './signing.ts'

export interface ExportOrder {
  why: string
  to: string
  tenant?: string | undefined
  pseudonymise: boolean
  language: Language
  revision?: number | undefined
}

export interface CaseExport {
  id: string
  case: string
  revision: number
  state: 'running' | 'stopped' | 'done' | 'failed'
  step: string
  done: number
  total: number
  bytes: number
  /** SHA-256 of `SHA256SUMS`. */
  digest?: string
  problem?: string
  to: string
  why: string
  tenant?: string
  pseudonymise: boolean
  language: Language
  at: number
  by: string
  file: string
}

export interface Exports {
  /** Throws EXPORT_EMPTY where nothing of the case is this customer's. */
  begin(of: Case, order: ExportOrder, by: string): Promise<CaseExport>
  get(id: string): Promise<CaseExport | undefined>
  list(caseId: string): Promise<CaseExport[]>
  resume(id: string): Promise<CaseExport>
  stop(id: string): Promise<CaseExport>
  /** Where the finished bundle lies. */
  path(id: string): string
  /** Resolves when it no longer runs. */
  ended(id: string): Promise<CaseExport>
  close(): Promise<void>
}

const collection = collections.exports.name

export function createExports(options: {
  documents: DocumentStore
  entries: EntryStreams
  cases: Cases
  evidence: Evidence
  custody: Custody
  signing: Signing
  clock: Clock
  folder: string
  /** Whose bundles these are: stands in report and STIX. */
  house: string
}): Exports {
  const { documents, entries, cases, evidence, custody, signing, clock, folder, house } = options
  const running = new Map<string, { stop: AbortController; ended: Promise<void>; now: CaseExport }>()
  const path = (id: string) => join(folder, `${id}.zip`)

  async function get(id: string): Promise<CaseExport | undefined> {
    const live = running.get(id)
    if (live !== undefined) return { ...live.now }
    const found = await documents.get(collection, id)
    if (found === undefined) return undefined
    const kept = exportOf(found.doc)
    // Written by a process that is no more.
    return kept.state === 'running' ? { ...kept, state: 'stopped' } : kept
  }

  async function save(now: CaseExport): Promise<void> {
    const doc: JsonObject = JSON.parse(JSON.stringify(now))
    const found = await documents.get(collection, now.id)
    if (found === undefined) await documents.create(collection, now.id, doc)
    else await documents.update(collection, now.id, doc, found.version)
  }

  /** Fixed at the first export of a revision, so that each later one of it is the same. */
  async function planOf(of: Case): Promise<BundlePlan> {
    const id = `${of.id}.${of.revision}`
    const known = await documents.get(collections.casePlans.name, id)
    if (known !== undefined) return { ...planFrom(known.doc), case: of, alerts: await evidence.alerts(of) }
    const ends = await streamEnds(entries)
    const fixed = {
      custody: (await custody.list(of.id, { below: ends.custody })).map(({ seq: _, ...entry }) => entry),
      completeness: await evidence.completeness(of),
      ends,
      at: of.updatedAt,
      unproven: unprovenOf(await evidence.chunks(of)),
    }
    const doc: JsonObject = JSON.parse(JSON.stringify({ case: of.id, ...fixed }))
    await documents.create(collections.casePlans.name, id, doc)
    await signing.signNow?.()
    return { ...fixed, case: of, alerts: await evidence.alerts(of) }
  }

  async function make(now: CaseExport, signal: AbortSignal): Promise<void> {
    const of = await cases.at(now.case, now.revision)
    if (of === undefined) throw unknownCase(now.case)
    const plan = await planOf(of)
    const made = await composeBundle({
      ...(now.tenant === undefined ? {} : { tenant: now.tenant }),
      pseudonymise: now.pseudonymise,
      plan,
      language: now.language,
      house,
      folder: join(folder, now.id),
      target: path(now.id),
      evidence,
      entries,
      signing,
      signal,
      tell: (progress) => Object.assign(now, progress),
    })
    Object.assign(now, {
      state: 'done',
      step: 'done',
      bytes: made.bytes,
      digest: made.sums,
      done: made.records,
      total: made.records,
    })
    // First: a bundle that can be fetched has its entry, also where the process ends here and the export is resumed.
    await noteExported(now, made)
    await save(now)
  }

  async function noteExported({ case: of, id, to, why, by }: CaseExport, made: Composed): Promise<void> {
    const item = `bundle:${id}`
    if ((await custody.list(of)).some((entry) => entry.item === item && entry.action === 'exported')) return
    await custody.add({ case: of, by, action: 'exported', item, why, to, digest: made.sums, count: made.records })
  }

  function run(now: CaseExport): void {
    const stop = new AbortController()
    const ended = make(now, stop.signal)
      .catch(async (error: unknown) => {
        now.state = stop.signal.aborted ? 'stopped' : 'failed'
        if (!stop.signal.aborted) now.problem = error instanceof Error ? error.message : String(error)
        await save(now).catch(() => undefined)
      })
      .finally(() => running.delete(now.id))
    running.set(now.id, { stop, ended, now })
  }

  async function known(id: string): Promise<CaseExport> {
    const found = await get(id)
    if (found === undefined) throw new VardeError('EXPORT_UNKNOWN', `there is no export ${id}`, { hint: 'Begin one.' })
    return found
  }

  return {
    get,
    path,
    async begin(of, order, by) {
      const settled = order.revision === undefined ? await evidence.settle(of, by) : of
      const revision = order.revision ?? settled.revision
      if (revision > settled.revision)
        throw new VardeError('CASE_CHANGE_INVALID', `this case has ${settled.revision} revisions, not ${revision}`)
      if (order.tenant !== undefined && !settled.tenants.includes(order.tenant))
        throw new VardeError('EXPORT_EMPTY', `nothing in ${of.id} is of the customer ${order.tenant}`, {
          hint: `It holds records of: ${settled.tenants.join(', ')}.`,
        })
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      const { why, to, tenant, pseudonymise, language } = order
      const now: CaseExport = {
        id: randomUUID(),
        case: of.id,
        revision,
        state: 'running',
        step: 'records',
        done: 0,
        total: settled.eventCount,
        bytes: 0,
        why,
        to,
        ...(tenant === undefined ? {} : { tenant }),
        pseudonymise,
        language,
        at: clock.now(),
        by,
        file: `${of.id}-r${revision}${tenant === undefined ? '' : `-${tenant.replace(/[^\w-]/g, '_')}`}.zip`,
      }
      await save(now)
      run(now)
      return { ...now }
    },
    async list(caseId) {
      const { docs } = await documents.list(collection, {
        where: { case: caseId },
        sort: { by: 'at', order: 'desc' },
        limit: 1_000,
      })
      const found = await Promise.all(docs.map(({ id }) => get(id)))
      return found.filter((one) => one !== undefined)
    },
    async resume(id) {
      const found = await known(id)
      if (running.has(id) || found.state === 'done') return found
      const { problem: _, ...rest } = found
      const now: CaseExport = { ...rest, state: 'running' }
      await save(now)
      run(now)
      return { ...now }
    },
    async stop(id) {
      const live = running.get(id)
      live?.stop.abort(new VardeError('EXPORT_STOPPED', 'the export was stopped'))
      await live?.ended
      return known(id)
    },
    async ended(id) {
      await running.get(id)?.ended
      return known(id)
    },
    async close() {
      for (const { stop } of running.values()) stop.abort(new VardeError('EXPORT_STOPPED', 'Varde is stopping'))
      await Promise.all([...running.values()].map(({ ended }) => ended))
    },
  }
}

/** Written above alone. */
function exportOf(doc: JsonObject): CaseExport {
  return JSON.parse(JSON.stringify(doc))
}

function planFrom(doc: JsonObject): Omit<BundlePlan, 'case' | 'alerts'> {
  // Plans of an older Varde don't say what was unproven.
  return { unproven: [], ...JSON.parse(JSON.stringify(doc)) }
}
