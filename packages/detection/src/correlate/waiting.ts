// The ranges of late events that are not yet judged again, kept over restarts: one document a partition of `hits`.
import { type Clock, type Logger, limits } from '@varde/runtime'
import { type Digest, hitsTopic, type JsonObject } from '@varde/schema'
import { collections, type Store } from '@varde/store'
import type { CompiledRule } from '../rules/rule.ts'
import type { AlertWrite } from './alert.ts'
import type { Past } from './past.ts'
import { createRevisions, type Revisions } from './revisions.ts'
import type { LateRange } from './state.ts'

export interface WaitingDeps {
  store: Store
  clock: Clock
  log: Logger
  past: Past
  ruleOf(digest: Digest): CompiledRule | undefined
  write(found: AlertWrite): Promise<void>
  revisionDelayMs?: number
}

const lateId = (partition: number) => `late.${hitsTopic}.${partition}`

export async function openWaiting(deps: WaitingDeps, partition: number): Promise<Revisions> {
  const { store, past, revisionDelayMs = limits.revisionDelayMs } = deps
  const saved = await store.documents.get<JsonObject>(collections.state.name, lateId(partition))
  const waiting: LateRange[] = JSON.parse(String(saved?.doc['waiting'] ?? '[]'))
  const save = (ranges: readonly LateRange[]) => saveWaiting(store, partition, ranges)
  return createRevisions({ ...deps, replay: past.alerts, save, delayMs: revisionDelayMs }, waiting)
}

export async function saveWaiting(store: Store, partition: number, ranges: readonly LateRange[]): Promise<void> {
  const { name } = collections.state
  const saved = await store.documents.get<JsonObject>(name, lateId(partition))
  if (saved === undefined && ranges.length === 0) return
  const doc: JsonObject = { waiting: JSON.stringify(ranges) }
  if (saved === undefined) await store.documents.create(name, lateId(partition), doc)
  else if (saved.doc['waiting'] !== doc['waiting'])
    await store.documents.update(name, lateId(partition), doc, saved.version)
}
