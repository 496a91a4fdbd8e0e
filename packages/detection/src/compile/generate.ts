// JSONata's tree to the text of a JavaScript function. Nothing of the rule gets into that text but through JSON.stringify and a table of constants.

import { generateCall, generatePartial } from './generate-call.ts'
import { generateBinary, generateUnary } from './generate-operator.ts'
import { generatePath } from './generate-path.ts'
import { block, isSettled, lambda, variable, variableToBind } from './generate-scope.ts'
import type { HelperEnvironment } from './helpers.ts'
import { isNode, type Node } from './parse.ts'
import { safePattern } from './regex.ts'
import { type Context, deeper, type Frame } from './scope.ts'
import { regexFunction } from './text-functions.ts'

/** Thrown where the interpreter must take the expression; the reason is told to who asks. */
export class Unsupported extends Error {}

export interface Code {
  js: string
  /** `truth`: true or false. `maybe`: true, false or nothing. `single`: never a sequence. */
  kind: 'truth' | 'maybe' | 'single' | 'any'
}

export interface Program {
  readonly environment: HelperEnvironment
  /** Names that bindings from outside may shadow; known names of functions are settled otherwise. */
  readonly shadowed: ReadonlySet<string>
  readonly constants: unknown[]
  /** Functions of the runtime that the text uses. */
  readonly used: Set<string>
  /** Built-in functions and helpers whose names the expression settles. */
  readonly settled: Set<string>
  names: number
  /** Texts of the root in lower case, by path: each made once an evaluation. */
  readonly lowered: Map<string, string>
}

export function fresh(program: Program, prefix: string): string {
  return `${prefix}${program.names++}`
}

export function constant(program: Program, value: unknown): string {
  const known = typeof value === 'object' || typeof value === 'function' ? program.constants.indexOf(value) : -1
  return `k${known >= 0 ? known : program.constants.push(value) - 1}`
}

/** A function of the runtime by its name. */
export function use(program: Program, name: string): string {
  program.used.add(name)
  return name
}

export function text(value: string): string {
  return JSON.stringify(value)
}

export function nodesOf(value: unknown): Node[] {
  return Array.isArray(value) ? value.filter(isNode) : []
}

export function nodeIn(node: Node, member: string): Node {
  const child = node[member]
  if (!isNode(child)) throw new Unsupported(`${node.type} without ${member}`)
  return child
}

/** `(name) => body`, with what the body needs as locals. */
export function arrow(program: Program, context: Context, plain: boolean, body: (inner: Context) => string): string {
  const input = fresh(program, 'x')
  const frame: Frame = { locals: [] }
  const js = body({ ...context, input, plain, object: false, frame })
  return frame.locals.length === 0
    ? `(${input})=>${parenthesised(js)}`
    : `(${input})=>{let ${frame.locals.join(',')};return ${js}}`
}

function parenthesised(js: string): string {
  return js.startsWith('{') ? `(${js})` : js
}

export function local(program: Program, context: Context): string {
  const name = fresh(program, 't')
  context.frame.locals.push(name)
  return name
}

/** The whole of one evaluation: the node, its predicates, its grouping, and the collapse of sequences. */
export function generate(program: Program, node: Node, outer: Context): Code {
  if (
    node['tuple'] === true ||
    node['focus'] !== undefined ||
    node['index'] !== undefined ||
    node['ancestor'] !== undefined
  ) {
    throw new Unsupported('positional or context variables (@ # %)')
  }
  const context = deeper(outer)
  let code = generateNode(program, node, context)
  const predicates = nodesOf(node['predicate'])
  if (node.type !== 'path' && (predicates.length > 0 || node['group'] !== undefined)) {
    for (const predicate of predicates)
      code = { js: filtered(program, code.js, predicate, context, false), kind: 'any' }
    if (isGroup(node['group'])) code = { js: grouped(program, code.js, node['group'], context), kind: 'single' }
  }
  if (node['keepArray'] === true) return { js: `${use(program, 'collapseKeeping')}(${code.js})`, kind: 'any' }
  return code.kind === 'any' ? { js: `${use(program, 'collapse')}(${code.js})`, kind: 'any' } : code
}

export function value(program: Program, node: Node, context: Context): string {
  return generate(program, node, context).js
}

/** As JavaScript's truth: what `and`, `or`, conditions and predicates ask for. */
export function truth(program: Program, node: Node, context: Context): string {
  const code = generate(program, node, context)
  return code.kind === 'truth' || code.kind === 'maybe' ? code.js : `${use(program, 'truthy')}(${code.js})`
}

function generateNode(program: Program, node: Node, context: Context): Code {
  switch (node.type) {
    case 'path':
      return generatePath(program, node, context)
    case 'binary':
      return generateBinary(program, node, context)
    case 'unary':
      return generateUnary(program, node, context)
    case 'name':
      return { js: `${use(program, 'lookup')}(${context.input},${text(String(node.value))})`, kind: 'any' }
    case 'string':
    case 'number':
    case 'value':
      return { js: literal(program, node.value), kind: 'single' }
    case 'wildcard':
      return { js: `${use(program, 'wildcard')}(${context.input})`, kind: 'any' }
    case 'descendant':
      return { js: `${use(program, 'descendants')}(${context.input})`, kind: 'any' }
    case 'condition':
      return condition(program, node, context)
    case 'block':
      return block(program, node, context)
    case 'bind':
      return {
        js: `(${variableToBind(program, node, context)}=${value(program, nodeIn(node, 'rhs'), context)})`,
        kind: 'single',
      }
    case 'regex':
      return { js: constant(program, regexFunction(safePattern(node.value))), kind: 'single' }
    case 'function':
      return generateCall(program, node, context, undefined)
    case 'partial':
      return generatePartial(program, node, context)
    case 'variable':
      return {
        js: variable(program, String(node.value), context),
        kind: node.value === '' && context.plain ? 'any' : 'any',
      }
    case 'lambda':
      return lambda(program, node, context)
    case 'apply':
      return apply(program, node, context)
    case 'transform':
      return transform(program, node, context)
    default:
      throw new Unsupported(node.type)
  }
}

function literal(program: Program, value: unknown): string {
  if (typeof value === 'string') return text(value)
  if (typeof value === 'number' && Number.isFinite(value))
    return Object.is(value, -0) ? '-0' : value < 0 ? `(${value})` : String(value)
  if (typeof value === 'boolean' || value === null) return String(value)
  return value === undefined ? 'undefined' : constant(program, value)
}

function condition(program: Program, node: Node, context: Context): Code {
  const then = generate(program, nodeIn(node, 'then'), context)
  const otherwise =
    node['else'] === undefined
      ? { js: 'undefined', kind: 'single' as const }
      : generate(program, nodeIn(node, 'else'), context)
  const kind = then.kind === otherwise.kind && then.kind !== 'any' ? then.kind : 'single'
  // Both branches have collapsed already.
  return { js: `(${truth(program, nodeIn(node, 'condition'), context)}?${then.js}:${otherwise.js})`, kind }
}

function apply(program: Program, node: Node, context: Context): Code {
  const left = value(program, nodeIn(node, 'lhs'), context)
  const right = nodeIn(node, 'rhs')
  if (right.type === 'function') {
    // The call is not evaluated as a node of its own: its predicates and grouping do not apply.
    return generateCall(program, right, context, left)
  }
  return { js: `${use(program, 'applyTo')}(${left},${value(program, right, context)})`, kind: 'any' }
}

function transform(program: Program, node: Node, context: Context): Code {
  if (!isSettled(program, 'clone', context)) throw new Unsupported('$clone of its own')
  const part = (member: string): string =>
    node[member] === undefined
      ? 'undefined'
      : arrow(program, context, false, (inner) => value(program, nodeIn(node, member), inner))
  return { js: `${use(program, 'transform')}(${part('pattern')},${part('update')},${part('delete')})`, kind: 'single' }
}

interface Group {
  lhs: unknown[]
}

function isGroup(value: unknown): value is Group {
  return typeof value === 'object' && value !== null && 'lhs' in value && Array.isArray(value.lhs)
}

export function grouped(program: Program, input: string, group: unknown, context: Context): string {
  if (!isGroup(group)) throw new Unsupported('grouping')
  const pairs = group.lhs.map((pair) => {
    const [key, of] = nodesOf(pair)
    if (key === undefined || of === undefined) throw new Unsupported('grouping')
    const keyOf = arrow(program, context, false, (inner) => value(program, key, inner))
    return `{key:${keyOf},value:${arrow(program, context, false, (inner) => value(program, of, inner))}}`
  })
  return `${use(program, 'group')}(${input},[${pairs.join(',')}])`
}

/** `predicate` is a stage or a predicate of jsonata's tree: `{type: 'filter', expr}`. */
export function filtered(program: Program, input: string, predicate: Node, context: Context, plain: boolean): string {
  if (predicate.type !== 'filter') throw new Unsupported('positional variables (#)')
  const expression = nodeIn(predicate, 'expr')
  if (expression.type === 'number')
    return `${use(program, 'filterIndex')}(${input},${literal(program, expression.value)})`
  let sure = false
  const test = arrow(program, context, plain, (inner) => {
    const code = generate(program, expression, inner)
    sure = code.kind === 'truth' || code.kind === 'maybe'
    return code.js
  })
  return `${use(program, sure ? 'filterTruth' : 'filter')}(${input},${test})`
}
