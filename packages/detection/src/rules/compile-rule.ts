// The door for rule files: text in; a rule ready to run, or all of its errors with line and column, out.
import { createHash } from 'node:crypto'
import { canonicalJson, type Json } from '@varde/schema'
import { type CompiledExpression, compileExpression } from '../compile/index.ts'
import { durationMs } from './duration.ts'
import { compileExtract, type Extract } from './extract.ts'
import { emptyLists, type Lists } from './lists.ts'
import { lookBackOf, planOf, type Section, sectionOf } from './plan.ts'
import type { CompiledException, CompiledRule, CompileRuleResult, Predicate, RuleError } from './rule.ts'
import { type Path, parseRuleText, type RuleText } from './rule-text.ts'
import { RuleFile } from './schema.ts'

/** Goes up when the engine decides differently over the same rule: it is part of every rule's digest. */
export const engineVersion = 1

/** What having and title see beside the fields. */
export const windowNames = ['count', 'distinct', 'window', 'events', 'baseline'] as const

/** Gathered by every alert where the events have them: who, from where, and on what. */
const alwaysCollected = ['user.name', 'source.ip', 'host.name']

interface Building {
  text: RuleText
  lists: Lists
  errors: RuleError[]
}

/**
 * Compiles the text of one rule file. `file` names it in errors and alerts. Never throws on bad input: all errors
 * come back at once, each with its line and column.
 */
export function compileRule(text: string, file: string, options: { lists?: Lists } = {}): CompileRuleResult {
  const parsed = parseRuleText(text, file)
  if (!parsed.ok) return parsed
  const checked = RuleFile.safeParse(parsed.text.value)
  if (!checked.success) {
    const errors = checked.error.issues.map((issue) => parsed.text.error(pathOfIssue(issue), issue.message))
    return { ok: false, errors }
  }
  const building: Building = { text: parsed.text, lists: options.lists ?? emptyLists, errors: [] }
  const rule = build(checked.data, text, file, building)
  return rule === undefined || building.errors.length > 0 ? { ok: false, errors: building.errors } : { ok: true, rule }
}

/** An unknown key is reported at the key itself, not at its parent. */
function pathOfIssue(issue: { path: Path; code?: string; keys?: string[] }): Path {
  const [key] = issue.code === 'unrecognized_keys' ? (issue.keys ?? []) : []
  return key === undefined ? issue.path : [...issue.path, key]
}

function build(definition: RuleFile, text: string, file: string, building: Building): CompiledRule | undefined {
  const section = sectionOf(definition)
  const predicates = section.conditions.flatMap(({ step, path, text: source }): Predicate[] => {
    const expression = expressionAt(source, path, building)
    return expression === undefined ? [] : [{ step, expression }]
  })
  const group = extractsOf(section.group, [section.type, 'group'], building)
  const having = optionalExpression(definition.having, ['having'], building)
  const title = optionalExpression(definition.title, ['title'], building)
  const exceptions = (definition.exceptions ?? []).flatMap((exception, position): CompiledException[] => {
    const when = expressionAt(exception.when, ['exceptions', position, 'when'], building)
    return when === undefined ? [] : [{ ...exception, when, endsAt: Date.parse(exception.until) + 86_400_000 }]
  })
  const carried = carriedFields(definition, section, group, [having, title], building)
  checkNames(section, building)
  const plan = planOf(definition, building.lists)
  const keyList = definition.absence?.keys?.list
  if (keyList !== undefined && building.lists.get(keyList) === undefined) {
    building.errors.push(
      building.text.error(
        ['absence', 'keys', 'list'],
        `there is no list "${keyList}"; known: ${building.lists.names().join(', ') || 'none'}`,
      ),
    )
  }
  const listDigests = usedLists(
    [
      ...section.conditions.map((condition) => condition.text),
      ...exceptions.map((exception) => exception.when.source),
      ...group.map((key) => key.source),
      having?.source ?? '',
    ],
    keyList,
    building,
  )
  if (building.errors.length > 0) return undefined
  const decides = decidingParts(
    definition.id,
    plan,
    predicates,
    group,
    carried.fields,
    section,
    exceptions,
    having,
    listDigests,
  )
  return {
    id: definition.id,
    name: definition.name,
    file,
    type: section.type,
    severity: definition.severity,
    attack: definition.attack ?? [],
    enabled: definition.enabled ?? true,
    digest: sha256(canonicalJson(decides)),
    fileDigest: sha256(text),
    text,
    lists: building.lists,
    definition,
    plan,
    predicates,
    group,
    ...carried,
    exceptions,
    ...(having === undefined ? {} : { having }),
    ...(title === undefined ? {} : { title }),
    ...(definition.suppress === undefined
      ? {}
      : { suppress: { by: definition.suppress.by, forMs: durationMs(definition.suppress.for) } }),
    lookBackMs: lookBackOf(plan),
  }
}

function decidingParts(
  id: string,
  plan: CompiledRule['plan'],
  predicates: Predicate[],
  group: Extract[],
  fields: Extract[],
  section: Section,
  exceptions: CompiledException[],
  having: CompiledExpression | undefined,
  lists: Record<string, Json>,
): Json {
  const counted = new Set(section.counted)
  return {
    engine: engineVersion,
    id,
    plan: JSON.parse(JSON.stringify({ ...plan, keys: undefined })),
    conditions: predicates.map((predicate) => [predicate.step, predicate.expression.source.trim()]),
    group: group.map((key) => [key.name, key.source]),
    counted: fields.filter((field) => counted.has(field.name)).map((field) => field.source),
    exceptions: exceptions.map((exception) => [exception.when.source.trim(), exception.until]),
    having: having?.source.trim() ?? null,
    lists,
  }
}

/** What hits must carry, and which of it the alert gathers. */
function carriedFields(
  definition: RuleFile,
  section: Section,
  group: Extract[],
  texts: (CompiledExpression | undefined)[],
  building: Building,
): { fields: Extract[]; collect: string[] } {
  const fields = new Map<string, Extract>()
  const add = (name: string, source: string, path: Path): void => {
    if (fields.has(name)) return
    const compiled = compileExtract(name, source, building.lists.environment)
    if (compiled.ok) fields.set(name, compiled.extract)
    else
      building.errors.push(
        building.text.errorInside(path, compiled.error.line, compiled.error.column, compiled.error.message),
      )
  }
  // What is counted may be a name that `collect` gives to an expression.
  for (const [name, source, path] of keyTexts(definition.collect ?? [], ['collect'])) add(name, source, path)
  for (const source of section.counted) add(source, source, section.countedPath)
  const grouped = new Set(group.map((key) => key.name))
  for (const path of alwaysCollected) if (!grouped.has(path)) add(path, path, [])
  const steps = new Set(section.conditions.map((condition) => condition.step))
  for (const expression of texts) {
    for (const field of expression?.fields ?? []) {
      const [first = '', ...rest] = field.split('.')
      const inner =
        steps.has(first) || first === 'events'
          ? rest.join('.')
          : windowNames.some((name) => name === first) || fields.has(first)
            ? ''
            : field
      if (inner !== '' && (steps.has(first) || first === 'events' || !grouped.has(inner))) add(inner, inner, [])
    }
  }
  const collect = [...fields.keys()]
  for (const source of definition.suppress?.by ?? []) if (!grouped.has(source)) add(source, source, ['suppress', 'by'])
  return { fields: [...fields.values()], collect }
}

function checkNames(section: Section, building: Building): void {
  const seen = new Set<string>(windowNames)
  for (const { step, path } of section.conditions) {
    if (section.type !== 'sequence') continue
    if (seen.has(step))
      building.errors.push(
        building.text.error([...path.slice(0, -1), 'name'], `a step can't be named "${step}": the name is taken`),
      )
    seen.add(step)
  }
}

function keyTexts(keys: string[] | Record<string, string>, path: Path): [name: string, source: string, path: Path][] {
  if (Array.isArray(keys)) return keys.map((source, position) => [source, source, [...path, position]])
  return Object.entries(keys).map(([name, source]) => [name, source, [...path, name]])
}

function extractsOf(keys: string[] | Record<string, string>, path: Path, building: Building): Extract[] {
  return keyTexts(keys, path).flatMap(([name, source, place]) => {
    const compiled = compileExtract(name, source, building.lists.environment)
    if (compiled.ok) return [compiled.extract]
    building.errors.push(
      building.text.errorInside(place, compiled.error.line, compiled.error.column, compiled.error.message),
    )
    return []
  })
}

function expressionAt(source: string, path: Path, building: Building): CompiledExpression | undefined {
  const compiled = compileExpression(source, { environment: building.lists.environment })
  if (compiled.ok) return compiled.expression
  building.errors.push(
    building.text.errorInside(path, compiled.error.line, compiled.error.column, compiled.error.message),
  )
  return undefined
}

function optionalExpression(
  source: string | undefined,
  path: Path,
  building: Building,
): CompiledExpression | undefined {
  return source === undefined ? undefined : expressionAt(source, path, building)
}

/** Digests of the lists that a rule names; a list that isn't there is an error at compile time, not at each event. */
function usedLists(texts: string[], keyList: string | undefined, building: Building): Record<string, Json> {
  const names = new Set(
    texts.flatMap((text) =>
      [...text.matchAll(/\$(?:inList|list)\(\s*["']([^"']*)["']/g)].map((match) => match[1] ?? ''),
    ),
  )
  if (keyList !== undefined) names.add(keyList)
  const digests: Record<string, Json> = {}
  for (const name of [...names].sort()) {
    const list = building.lists.get(name)
    if (list !== undefined) digests[name] = list.digest
    else if (name !== keyList)
      building.errors.push(
        building.text.error([], `there is no list "${name}"; known: ${building.lists.names().join(', ') || 'none'}`),
      )
  }
  return digests
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
