// Operators to JavaScript. Comparisons with a literal and memberships in literal lists become plain tests.
import { type Code, constant, generate, grouped, nodeIn, nodesOf, type Program, text, use, value } from './generate.ts'
import type { Node } from './parse.ts'
import type { Context } from './scope.ts'

type Literal = string | number | boolean | null

/** The value of a literal node, boxed because null and undefined are values too. */
export function literalOf(node: Node): { value: Literal } | undefined {
  if (node['predicate'] !== undefined || node['group'] !== undefined || node['keepArray'] === true) return undefined
  if (node.type !== 'string' && node.type !== 'number' && node.type !== 'value') return undefined
  const { value } = node
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return { value }
  return typeof value === 'number' && Number.isFinite(value) ? { value } : undefined
}

/** The values of `["a", "b"]`, or of one literal. */
export function literalsOf(node: Node): Literal[] | undefined {
  const one = literalOf(node)
  if (one !== undefined) return [one.value]
  if (node.type !== 'unary' || node.value !== '[' || node['predicate'] !== undefined || node['group'] !== undefined)
    return undefined
  const literals: Literal[] = []
  for (const item of nodesOf(node['expressions'])) {
    const literal = literalOf(item)
    if (literal === undefined) return undefined
    literals.push(literal.value)
  }
  return literals
}

function literalText(literal: Literal): string {
  return typeof literal === 'string'
    ? text(literal)
    : typeof literal === 'number' && literal < 0
      ? `(${literal})`
      : String(literal)
}

/** The operands of a chain of the same `and` or `or`, left to right, without recursion: chains have thousands. */
export function operandsOf(node: Node): Node[] {
  const operands: Node[] = []
  const waiting: Node[] = [node]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (
      next.type === 'binary' &&
      next.value === node.value &&
      next['predicate'] === undefined &&
      next['group'] === undefined &&
      next['keepArray'] !== true
    ) {
      waiting.push(nodeIn(next, 'rhs'), nodeIn(next, 'lhs'))
    } else operands.push(next)
  }
  return operands
}

export function generateBinary(program: Program, node: Node, context: Context): Code {
  const operator = String(node.value)
  if (operator === 'and' || operator === 'or') {
    const operands = operandsOf(node).map((operand) => truthOnly(program, operand, context))
    return { js: `(${operands.join(operator === 'and' ? '&&' : '||')})`, kind: 'truth' }
  }
  const [left, right] = [nodeIn(node, 'lhs'), nodeIn(node, 'rhs')]
  switch (operator) {
    case '=':
    case '!=':
      return equality(program, left, right, operator, context)
    case 'in':
      return membership(program, left, right, context)
    case '&':
      return {
        js: `${use(program, 'concat')}(${value(program, left, context)},${value(program, right, context)})`,
        kind: 'single',
      }
    case '..':
      return {
        js: `${use(program, 'range')}(${value(program, left, context)},${value(program, right, context)})`,
        kind: 'single',
      }
    case '<':
    case '<=':
    case '>':
    case '>=':
      return {
        js: `${use(program, 'compare')}(${value(program, left, context)},${value(program, right, context)},${text(operator)})`,
        kind: 'maybe',
      }
    default:
      return {
        js: `${use(program, 'arithmetic')}(${value(program, left, context)},${value(program, right, context)},${text(operator)})`,
        kind: 'single',
      }
  }
}

/** An operand of `and` or `or` as exactly true or false. */
function truthOnly(program: Program, operand: Node, context: Context): string {
  const code = generate(program, operand, context)
  if (code.kind === 'truth') return code.js
  return code.kind === 'maybe' ? `(${code.js}===true)` : `${use(program, 'truthy')}(${code.js})`
}

function equality(program: Program, left: Node, right: Node, operator: string, context: Context): Code {
  const literal = literalOf(right)
  const mirrored = literalOf(left)
  if (literal !== undefined && mirrored === undefined)
    return comparedWith(program, value(program, left, context), literal.value, operator)
  if (mirrored !== undefined && literal === undefined)
    return comparedWith(program, value(program, right, context), mirrored.value, operator)
  const name = use(program, operator === '=' ? 'equal' : 'unequal')
  return { js: `${name}(${value(program, left, context)},${value(program, right, context)})`, kind: 'truth' }
}

function comparedWith(program: Program, js: string, literal: Literal, operator: string): Code {
  if (operator === '=') return { js: `(${js}===${literalText(literal)})`, kind: 'truth' }
  return { js: `${use(program, 'otherThan')}(${js},${literalText(literal)})`, kind: 'truth' }
}

// Up to here a chain of comparisons is no slower than a hash.
const comparisonsMax = 4

function membership(program: Program, left: Node, right: Node, context: Context): Code {
  const of = value(program, left, context)
  const literals = literalsOf(right)
  if (literals === undefined)
    return { js: `${use(program, 'includes')}(${of},${value(program, right, context)})`, kind: 'truth' }
  if (literals.length === 0) return { js: `(${of},false)`, kind: 'truth' }
  if (literals.length === 1) return { js: `(${of}===${literalText(literals[0] ?? null)})`, kind: 'truth' }
  if (literals.length <= comparisonsMax) {
    return {
      js: `${use(program, `among${literals.length}`)}(${of},${literals.map(literalText).join(',')})`,
      kind: 'truth',
    }
  }
  return { js: `${constant(program, new Set(literals))}.has(${of})`, kind: 'truth' }
}

export function generateUnary(program: Program, node: Node, context: Context): Code {
  if (node.value === '{') return { js: grouped(program, context.input, node, context), kind: 'single' }
  if (node.value === '-')
    return { js: `${use(program, 'negate')}(${value(program, nodeIn(node, 'expression'), context)})`, kind: 'single' }
  const items = nodesOf(node['expressions'])
  const values = items.map((item) => value(program, item, context))
  const nested = items.map((item) => item.value === '[')
  return {
    js: `${use(program, 'arrayOf')}([${values.join(',')}],${constant(program, nested)},${node['consarray'] === true})`,
    kind: 'single',
  }
}
