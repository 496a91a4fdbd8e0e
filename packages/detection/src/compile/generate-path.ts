// Paths to JavaScript: names written out over plain data, everything else through the runtime's steps.
import {
  arrow,
  type Code,
  constant,
  filtered,
  generate,
  grouped,
  local,
  nodesOf,
  type Program,
  text,
  Unsupported,
  use,
  value,
} from './generate.ts'
import type { Node } from './parse.ts'
import { type Context, deeper } from './scope.ts'

/** Members that every object has without owning them: these names are looked up with care. */
const inherited = new Set(Object.getOwnPropertyNames(Object.prototype))

function isPlainName(step: Node): boolean {
  return (
    step.type === 'name' &&
    typeof step.value === 'string' &&
    step['stages'] === undefined &&
    step['predicate'] === undefined &&
    step['keepArray'] !== true &&
    step['group'] === undefined
  )
}

function checkSupported(node: Node, steps: readonly Node[]): void {
  if (node['tuple'] === true) throw new Unsupported('positional or context variables (@ # %)')
  for (const step of steps) {
    if (
      step['tuple'] === true ||
      step['focus'] !== undefined ||
      step['index'] !== undefined ||
      step['ancestor'] !== undefined
    ) {
      throw new Unsupported('positional or context variables (@ # %)')
    }
  }
}

export function generatePath(program: Program, node: Node, context: Context): Code {
  const steps = nodesOf(node['steps'])
  checkSupported(node, steps)
  const keeps = node['keepSingletonArray'] === true
  const names = leadingNames(steps)
  if (names.length === steps.length && !keeps && node['group'] === undefined) return namesAlone(program, names, context)
  const plain = context.plain && steps[0]?.type !== 'variable'
  const quick = context.plain && steps.length > names.length && steps[names.length]?.type !== 'sort'
  let js = names.length > 0 ? beginning(program, names, context, quick, names.length === steps.length) : undefined
  for (let position = names.length; position < steps.length; position++) {
    const one = steps[position]
    if (one === undefined) continue
    js = generateStep(program, one, { context, before: js, position, last: position === steps.length - 1, plain })
  }
  let result = js ?? 'undefined'
  if (keeps) result = `${use(program, 'keepSingleton')}(${result})`
  if (node['group'] !== undefined) return { js: grouped(program, result, node['group'], context), kind: 'any' }
  return { js: result, kind: 'any' }
}

function leadingNames(steps: readonly Node[]): string[] {
  const names: string[] = []
  for (const step of steps) {
    if (!isPlainName(step)) break
    names.push(String(step.value))
  }
  return names
}

/** `a.b.c` over data of the event, written out: a member access a name, the runtime where an array is met. */
function namesAlone(program: Program, names: readonly string[], context: Context): Code {
  const list = constant(program, names)
  if (!context.plain || names.some((name) => inherited.has(name))) {
    return { js: `${use(program, 'namesOf')}(${context.input},${list})`, kind: 'single' }
  }
  const at = (object: string, position: number): string => {
    const member = `${object}[${text(names[position] ?? '')}]`
    if (position === names.length - 1) return member
    const held = local(program, context)
    const rest = constant(program, names.slice(position + 1))
    return `((${held}=${member})===undefined?undefined:typeof ${held}==='object'&&${held}!==null&&!isArray(${held})?${at(held, position + 1)}:${use(program, 'namesOf')}(${held},${rest}))`
  }
  if (context.object) return { js: at(context.input, 0), kind: 'single' }
  const x = context.input
  return {
    js: `(typeof ${x}==='object'&&${x}!==null&&!isArray(${x})?${at(x, 0)}:${use(program, 'namesOf')}(${x},${list}))`,
    kind: 'single',
  }
}

function beginning(
  program: Program,
  names: readonly string[],
  context: Context,
  quick: boolean,
  whole: boolean,
): string {
  const list = constant(program, names)
  if (quick) return `${use(program, 'plainSequenceOfNames')}(${context.input},${list})`
  return `${use(program, 'sequenceOfNames')}(${context.input},${list},${whole})`
}

interface Place {
  context: Context
  /** The sequence so far; undefined at the first step. */
  before: string | undefined
  position: number
  last: boolean
  plain: boolean
}

function generateStep(program: Program, step: Node, { context, before, position, last, plain }: Place): string {
  const input = before ?? firstInput(program, step, context)
  if (position === 0 && step['consarray'] === true) {
    const whole = local(program, context)
    return `(${whole}=${input},${value(program, step, { ...context, input: whole, plain: false, object: false })})`
  }
  if (step.type === 'sort') return sorted(program, step, input, context)
  if (isPlainName(step)) return `${use(program, 'stepName')}(${input},${text(String(step.value))},${last})`
  const evaluate = arrow(program, context, plain, (inner) => {
    const own = step['stages'] === undefined ? step : { ...step, stages: undefined }
    let code = generate(program, own, inner).js
    const data = plain && (step.type === 'name' || step.type === 'wildcard' || step.type === 'descendant')
    for (const stage of nodesOf(step['stages'])) code = filtered(program, code, stage, deeper(inner), data)
    return code
  })
  return `${use(program, 'step')}(${input},${evaluate},${last})`
}

function firstInput(program: Program, step: Node, context: Context): string {
  // A path that begins with a variable is absolute: it does not go over the items of the context.
  return `${use(program, step.type === 'variable' ? 'sequenceOf' : 'inputOf')}(${context.input})`
}

function sorted(program: Program, step: Node, input: string, context: Context): string {
  const terms = (Array.isArray(step['terms']) ? step['terms'] : []).map((term: unknown) => {
    if (typeof term !== 'object' || term === null || !('expression' in term)) throw new Unsupported('sort')
    const [expression] = nodesOf([term.expression])
    if (expression === undefined) throw new Unsupported('sort')
    const descending = 'descending' in term && term.descending === true
    return `{value:${arrow(program, context, false, (inner) => value(program, expression, inner))},descending:${descending}}`
  })
  let js = `${use(program, 'sortBy')}(${input},[${terms.join(',')}])`
  for (const stage of nodesOf(step['stages'])) js = filtered(program, js, stage, context, false)
  return js
}
