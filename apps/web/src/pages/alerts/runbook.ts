// The pivots of a runbook: queries in code become links, with what the alert knows filled in.
import type { AlertDetail } from '@varde/api/contract'
import { parseQuery } from '@varde/schema'
import { showValue } from '../../parts/flatten.ts'
import { type EntityKind, entityQueries, quoted } from '../../pivot/entity.ts'
import { absoluteRange, type RangeText } from '../../time/range.ts'

type Detail = Pick<AlertDetail, 'alert' | 'entities'>
const hour = 3_600_000

/** What the alert says of a field: of its group first, then of what it collected. */
function valuesOf({ alert }: Detail, field: string): string[] {
  const group = alert.group[field]
  if (group !== undefined) return [showValue(group)]
  return alert.collected[field]?.values.map(showValue) ?? []
}

/** `user.name: {user.name}` with the values in place; undefined where the alert does not know them, or it is no query. */
export function runbookQuery(code: string, detail: Detail): string | undefined {
  let unknown = false
  const text = code.replace(/\{([\w.@-]+)\}/g, (_, field: string) => {
    const values = valuesOf(detail, field).slice(0, 20)
    if (values.length === 0) unknown = true
    return values.length === 1 ? quoted(values[0] ?? '') : `(${values.map(quoted).join(' or ')})`
  })
  if (unknown || !/[\w.]+\s*(:|[<>])/.test(text)) return undefined
  return parseQuery(text).ok ? text : undefined
}

export interface Pivot {
  name: 'around' | 'signIns' | 'elsewhere'
  kind: EntityKind
  value: string
  query: string
  range: RangeText
}

/** The questions that come first with any alert: what else it did around then, its sign-ins of a day, its week. */
export function firstPivots({ alert, entities }: Detail): Pivot[] {
  const { from, to } = alert.window
  const around = absoluteRange(from - hour, to + hour)
  const day = absoluteRange(to - 24 * hour, to + hour)
  const week = absoluteRange(to - 7 * 24 * hour, to + hour)
  return (['user', 'host', 'ip'] as const).flatMap((kind) =>
    entities[kind].slice(0, 2).flatMap((value): Pivot[] => {
      const query = entityQueries[kind](value)
      const signIns = `(${query}) and event.category: authentication`
      return [
        { name: 'around', kind, value, query, range: around },
        kind === 'user'
          ? { name: 'signIns', kind, value, query: signIns, range: day }
          : { name: 'elsewhere', kind, value, query, range: week },
      ]
    }),
  )
}
