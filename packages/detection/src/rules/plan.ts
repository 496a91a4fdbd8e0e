// From the sections of a rule file to the one plan that its windows follow.
import { durationMs } from './duration.ts'
import type { Lists } from './lists.ts'
import type { Plan } from './rule.ts'
import type { RuleFile, RuleType } from './schema.ts'

type KeyTexts = string[] | Record<string, string>

export interface Section {
  type: RuleType
  group: KeyTexts
  /** Step name, path in the file, text. */
  conditions: { step: string; path: (string | number)[]; text: string }[]
  /** What is counted or compared: fields that every hit needs. */
  counted: string[]
  countedPath: (string | number)[]
}

const asList = (value: string | string[] | undefined): string[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value]

export function sectionOf(rule: RuleFile): Section {
  const plain = {
    conditions: [] as Section['conditions'],
    counted: [] as string[],
    countedPath: [] as (string | number)[],
  }
  if (rule.match !== undefined)
    return {
      ...plain,
      type: 'match',
      group: rule.match.group ?? [],
      conditions: [{ step: '', path: ['match', 'when'], text: rule.match.when }],
    }
  if (rule.threshold !== undefined) {
    const { when, group, count } = rule.threshold
    return {
      type: 'threshold',
      group: group ?? [],
      conditions: [{ step: '', path: ['threshold', 'when'], text: when }],
      counted: asList(count.distinct),
      countedPath: ['threshold', 'count', 'distinct'],
    }
  }
  if (rule.sequence !== undefined) {
    const conditions = rule.sequence.steps.map((step, position) => ({
      step: step.name,
      path: ['sequence', 'steps', position, 'when'],
      text: step.when,
    }))
    return { ...plain, type: 'sequence', group: rule.sequence.group ?? [], conditions }
  }
  if (rule.firstSeen !== undefined) {
    const { when, group, value } = rule.firstSeen
    return {
      type: 'firstSeen',
      group: group ?? [],
      conditions: [{ step: '', path: ['firstSeen', 'when'], text: when }],
      counted: asList(value),
      countedPath: ['firstSeen', 'value'],
    }
  }
  if (rule.ratio !== undefined) {
    const { when, group, of } = rule.ratio
    return {
      type: 'ratio',
      group: group ?? [],
      conditions: [{ step: '', path: ['ratio', 'when'], text: when }],
      counted: asList(of.distinct),
      countedPath: ['ratio', 'of', 'distinct'],
    }
  }
  const absence = rule.absence
  const conditions = [{ step: 'expect', path: ['absence', 'expect'], text: absence?.expect ?? '' }]
  if (absence?.after !== undefined) conditions.push({ step: 'after', path: ['absence', 'after'], text: absence.after })
  return { ...plain, type: 'absence', group: absence?.group ?? [], conditions }
}

export function planOf(rule: RuleFile, lists: Lists): Plan {
  if (rule.threshold !== undefined) {
    const { count } = rule.threshold
    return {
      type: 'threshold',
      atLeast: count.atLeast,
      withinMs: durationMs(count.within),
      distinct: asList(count.distinct),
    }
  }
  if (rule.sequence !== undefined) {
    const steps = rule.sequence.steps.map((step) => ({ name: step.name, atLeast: step.atLeast ?? 1 }))
    return { type: 'sequence', withinMs: durationMs(rule.sequence.within), steps }
  }
  if (rule.firstSeen !== undefined) {
    const { value, learn, forget } = rule.firstSeen
    return {
      type: 'firstSeen',
      value: asList(value),
      learnMs: durationMs(learn),
      forgetMs: durationMs(forget ?? learn),
    }
  }
  if (rule.ratio !== undefined) {
    const { of, against } = rule.ratio
    return {
      type: 'ratio',
      distinct: asList(of.distinct),
      withinMs: durationMs(of.within),
      against: against.sameHour === undefined ? 'previous' : 'sameHour',
      spanMs: durationMs(against.sameHour ?? against.previous ?? '4w'),
      factor: against.factor,
      atLeast: against.atLeast,
    }
  }
  if (rule.absence !== undefined) {
    const { after, every, within, keys } = rule.absence
    const watched = keys === undefined ? undefined : lists.get(keys.list)?.values.map(String)
    const plan: Plan = {
      type: 'absence',
      mode: after === undefined ? 'every' : 'after',
      withinMs: durationMs(every ?? within ?? '1d'),
    }
    return watched === undefined ? plan : { ...plan, keys: watched }
  }
  return { type: 'match' }
}

/** How far back events decide: twice the window, so that the first event at which a condition turns true is known. */
export function lookBackOf(plan: Plan): number {
  if (plan.type === 'match') return 0
  if (plan.type === 'firstSeen') return plan.learnMs + plan.forgetMs
  if (plan.type === 'ratio') return plan.spanMs + 2 * plan.withinMs + 3_600_000
  return 2 * plan.withinMs
}
