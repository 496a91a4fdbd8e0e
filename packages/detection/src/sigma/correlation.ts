// Sigma's correlations as rules with windows: event_count and value_count count, temporal ones put rules together.
import { printDetection, type TranslatedDetection } from './detection.ts'
import { isRecord, type SigmaDocument, textOf, textsOf } from './sigma-rule.ts'
import { Untranslatable } from './untranslatable.ts'

/** One rule that a correlation names, translated. */
export interface Base {
  name: string
  translated: TranslatedDetection
}

type Body = Record<string, unknown>

export function correlationNames(document: SigmaDocument): string[] {
  return textsOf(document.correlation?.['rules'])
}

export function translateCorrelation(document: SigmaDocument, bases: readonly Base[]): Body {
  const correlation = document.correlation ?? {}
  const type = textOf(correlation['type'])
  const within = durationOf(correlation['timespan'] ?? correlation['timeframe'])
  const group = groupOf(correlation, bases)
  switch (type) {
    case 'event_count':
      return {
        threshold: { when: anyBase(bases), ...group, count: { atLeast: atLeast(correlation['condition']), within } },
      }
    case 'value_count': {
      const condition = correlation['condition']
      const field = isRecord(condition) ? textOf(condition['field']) : undefined
      if (field === undefined) throw new Untranslatable('correlation', 'value_count without a field')
      return {
        threshold: {
          when: anyBase(bases),
          ...group,
          count: { distinct: keyOf(field, bases), atLeast: atLeast(condition), within },
        },
      }
    }
    case 'temporal':
      // In any order: as many different rules as there are.
      return {
        threshold: {
          when: anyBase(bases),
          ...group,
          count: { distinct: whichBase(bases), atLeast: bases.length, within },
        },
      }
    case 'temporal_ordered':
      return {
        sequence: {
          ...group,
          within,
          steps: bases.map(({ translated }, index) => ({ name: `step${index + 1}`, when: printDetection(translated) })),
        },
      }
    default:
      throw new Untranslatable('correlation type', type ?? 'none')
  }
}

/** The older form in the condition itself: `selection | count(field) by group > 5` with a timeframe. */
export function translateAggregation(translated: TranslatedDetection): Body {
  const { aggregation, timeframe } = translated
  if (aggregation === undefined) throw new Untranslatable('aggregation')
  if (timeframe === undefined) throw new Untranslatable('aggregation', 'it has no timeframe')
  const condition = {
    [aggregation.operator === '>' ? 'gt' : aggregation.operator === '>=' ? 'gte' : aggregation.operator]:
      aggregation.value,
  }
  const bases = [{ name: '', translated }]
  const distinct = aggregation.field === undefined ? {} : { distinct: keyOf(aggregation.field, bases) }
  const group = aggregation.by === undefined ? {} : { group: [keyOf(aggregation.by, bases)] }
  return {
    threshold: {
      when: printDetection(translated),
      ...group,
      count: { ...distinct, atLeast: atLeast(condition), within: durationOf(timeframe) },
    },
  }
}

function durationOf(value: unknown): string {
  const match = /^(\d+)\s*([smhdwMy])$/.exec(textOf(value) ?? '')
  const unit = match?.[2]
  if (match === null || unit === undefined) throw new Untranslatable('timespan', String(value))
  if (unit === 'M') return `${Number(match[1]) * 30}d`
  return unit === 'y' ? `${Number(match[1]) * 365}d` : `${match[1]}${unit}`
}

function atLeast(condition: unknown): number {
  if (!isRecord(condition)) throw new Untranslatable('correlation condition', 'missing')
  const { gte, gt } = condition
  const others = Object.keys(condition).filter((name) => !['gte', 'gt', 'field'].includes(name))
  if (others.length > 0) throw new Untranslatable('correlation condition', others.join(', '))
  if (typeof gte === 'number') return Math.max(1, Math.ceil(gte))
  if (typeof gt === 'number') return Math.floor(gt) + 1
  throw new Untranslatable('correlation condition', JSON.stringify(condition))
}

function anyBase(bases: readonly Base[]): string {
  const [only] = bases
  if (bases.length === 1 && only !== undefined) return printDetection(only.translated)
  return bases.map(({ translated }) => `(${printDetection(translated)})`).join('\nor ')
}

function whichBase(bases: readonly Base[]): string {
  return bases.map(({ translated }, index) => `(${printDetection(translated)}) ? "${index}"`).join(' : ')
}

function keyOf(name: string, bases: readonly Base[]): string {
  const [first] = bases
  if (first === undefined) throw new Untranslatable('field', name)
  return first.translated.field(name).subject
}

/** An alias has another field in each rule: the key is that of the rule that matched. */
function groupOf(correlation: Body, bases: readonly Base[]): { group?: string[] } {
  const names = textsOf(correlation['group-by'])
  const aliases = isRecord(correlation['aliases']) ? correlation['aliases'] : {}
  if (names.length === 0) return {}
  return {
    group: names.map((name) => {
      const alias = aliases[name]
      if (!isRecord(alias)) return keyOf(name, bases)
      const parts = bases.map((base) => {
        const own = textOf(alias[base.name])
        if (own === undefined) throw new Untranslatable('alias', `${name} has no field for ${base.name}`)
        return `(${printDetection(base.translated)}) ? ${keyOf(own, [base])}`
      })
      return parts.join(' : ')
    }),
  }
}
