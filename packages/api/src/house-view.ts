// Figures and texts that concern every tenant at once, and what of them somebody with some tenants only is told.
import { withoutExceptions } from '@varde/detection'
import type { Json, JsonObject, Query } from '@varde/schema'
import { type Condition, collections, type Scope } from '@varde/store'
import type { FieldInfo } from './contract/events.ts'
import type { Overview, Warning } from './contract/overview.ts'
import type { SourceRow } from './contract/sources.ts'
import type { ApiDeps } from './deps.ts'

const minuteMs = 60_000
/** Counts and fields of a scope are read anew no more often than this, however many pages are open. */
const keptMs = 10_000
const keptMax = 1_000
const datasetsMax = 100
const eventsPerDataset = 100
/** Warnings that hold for everybody and name nothing; the others tell of files, channels and figures of the house. */
const forEverybody = new Set(['DISK_FULL'])

export const seesHouse = (scope: Scope): boolean => scope.tenants === 'all'

/** As a condition on an indexed path of documents. */
export function tenantCondition(scope: Scope, path: string): Record<string, Condition> {
  return scope.tenants === 'all' ? {} : { [path]: { in: scope.tenants } }
}

export const warningsFor = (scope: Scope, warnings: Warning[]): Warning[] =>
  seesHouse(scope) ? warnings : warnings.filter(({ code }) => forEverybody.has(code))

export const ruleTextFor = (scope: Scope, text: string): string => (seesHouse(scope) ? text : withoutExceptions(text))

export const deadLettersWaiting = ({ store }: Pick<ApiDeps, 'store'>, scope: Scope): Promise<number> =>
  store.documents.count(collections.deadLetters.name, {
    ...tenantCondition(scope, 'record.tenant'),
    redrivenAs: { exists: false },
  })

/** Of the house as ingest counts now; of some tenants the last whole minute of their sources. */
export function perSecondFor(scope: Scope, { intake }: Pick<ApiDeps, 'intake'>, sources: () => SourceRow[]): number {
  if (seesHouse(scope)) return intake.rates().perSecond
  const lastMinute = sources().reduce((sum, { perMinute }) => sum + (perMinute.at(-2) ?? 0), 0)
  return Math.round((lastMinute * 1000 * 10) / minuteMs) / 10
}

type Totals = Pick<Overview['events'], 'total' | 'oldest' | 'newest'> & { bytes?: number }

/** A question about a scope whose answer holds for some seconds. */
function keep<T>({ clock }: Pick<ApiDeps, 'clock'>, read: (scope: Scope) => Promise<T>): (scope: Scope) => Promise<T> {
  const kept = new Map<string, { until: number; answer: Promise<T> }>()
  return (scope) => {
    const key = JSON.stringify(scope.tenants)
    const known = kept.get(key)
    if (known !== undefined && known.until > clock.now()) return known.answer
    if (kept.size > keptMax) kept.clear()
    const answer = read(scope)
    kept.set(key, { until: clock.now() + keptMs, answer })
    answer.catch(() => kept.delete(key))
    return answer
  }
}

export interface HouseView {
  totals(scope: Scope): Promise<Totals>
  /** Fields of any event of the house; for others those of the newest events of each of their datasets. */
  fields(scope: Scope): Promise<FieldInfo[]>
}

export function createHouseView(deps: Pick<ApiDeps, 'store' | 'clock'>): HouseView {
  const { events } = deps.store
  const all = { kind: 'all' } as const

  const ownTotals = keep(deps, async (scope): Promise<Totals> => {
    const filter = { scope, query: all }
    const [total, newest, oldest] = await Promise.all([
      events.count(filter),
      events.search(filter, { limit: 1, order: 'newest' }),
      events.search(filter, { limit: 1, order: 'oldest' }),
    ])
    const [first, last] = [oldest.events[0], newest.events[0]]
    return {
      total,
      ...(first === undefined ? {} : { oldest: Date.parse(first.event['@timestamp']) }),
      ...(last === undefined ? {} : { newest: Date.parse(last.event['@timestamp']) }),
    }
  })

  const ownFields = keep(deps, async (scope): Promise<FieldInfo[]> => {
    const { values } = await events.values({ scope, query: all }, { field: 'event.dataset', limit: datasetsMax })
    const found = new Set<string>()
    const note = async (query: Query) => {
      const page = await events.search({ scope, query }, { limit: eventsPerDataset, order: 'newest' })
      for (const { event } of page.events) notePaths(event, '', found)
    }
    await note(all)
    for (const { value } of values)
      if (typeof value === 'string')
        await note({ kind: 'field', field: 'event.dataset', value: { kind: 'phrase', text: value } })
    return (await events.fields()).filter(({ field }) => found.has(field))
  })

  return {
    async totals(scope) {
      if (!seesHouse(scope)) return ownTotals(scope)
      const { events: total, bytes, oldest, newest } = await events.stats()
      return {
        total,
        bytes,
        ...(oldest === undefined ? {} : { oldest }),
        ...(newest === undefined ? {} : { newest }),
      }
    },
    fields: (scope) => (seesHouse(scope) ? events.fields() : ownFields(scope)),
  }
}

function notePaths(value: JsonObject, at: string, found: Set<string>): void {
  for (const [key, one] of Object.entries(value)) notePath(one, at === '' ? key : `${at}.${key}`, found)
}

function notePath(value: Json, path: string, found: Set<string>): void {
  found.add(path)
  if (Array.isArray(value)) for (const one of value) notePath(one, path, found)
  else if (typeof value === 'object' && value !== null) notePaths(value, path, found)
}
