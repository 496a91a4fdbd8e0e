// What must hold of an event for an expression to be true, read off its tree: for the index, and for the store in a replay.
import type { NecessaryCondition, Scalar } from './expression.ts'
import { literalOf, literalsOf, operandsOf } from './generate-operator.ts'
import { isTruth, passing, sureSteps } from './nothing.ts'
import { isNode, type Node } from './parse.ts'
import { isRegExp } from './regex.ts'
import { type RequiredText, requiredTexts } from './regex-texts.ts'
import { child, fieldOf, functionName, nodes, type Place, type Subject, subjectOf } from './subject.ts'

const always: NecessaryCondition = { kind: 'always' }
const never: NecessaryCondition = { kind: 'never' }

export function necessaryOf(ast: Node): NecessaryCondition {
  return holds(ast, { prefix: '', bound: new Map() })
}

export function allOf(conditions: readonly NecessaryCondition[]): NecessaryCondition {
  const of: NecessaryCondition[] = []
  for (const condition of conditions) {
    if (condition.kind === 'never') return never
    if (condition.kind === 'and') of.push(...condition.of)
    else if (condition.kind !== 'always') of.push(condition)
  }
  const [only] = of
  return only === undefined ? always : of.length === 1 ? only : { kind: 'and', of }
}

export function anyOf(conditions: readonly NecessaryCondition[]): NecessaryCondition {
  const of: NecessaryCondition[] = []
  for (const condition of conditions) {
    if (condition.kind === 'always') return always
    if (condition.kind === 'or') of.push(...condition.of)
    else if (condition.kind !== 'never') of.push(condition)
  }
  const [only] = of
  return only === undefined ? never : of.length === 1 ? only : { kind: 'or', of }
}

/** What the truth of a node needs. */
function holds(node: Node, place: Place): NecessaryCondition {
  if (node.type !== 'path' && (node['predicate'] !== undefined || node['group'] !== undefined)) return always
  switch (node.type) {
    case 'binary':
      return binaryHolds(node, place)
    case 'path':
      return exists(node, place)
    case 'block':
      return blockHolds(node, place)
    case 'condition':
      return conditionHolds(node, place)
    case 'function':
      return callHolds(node, place, undefined)
    case 'apply': {
      const [left, right] = [child(node, 'lhs'), child(node, 'rhs')]
      if (left === undefined || right === undefined) return always
      // `missing ~> /und/` is true: nothing follows from it but for the patterns that do not match "undefined".
      if (right.type === 'regex')
        return isRegExp(right.value) &&
          !new RegExp(right.value.source, right.value.flags.replace('g', '')).test('undefined')
          ? exists(left, place)
          : always
      return right.type === 'function' ? callHolds(right, place, left) : always
    }
    case 'variable': {
      const bound = place.bound.get(String(node.value))
      return bound === undefined ? always : holds(bound, place)
    }
    case 'value':
      return node.value === true ? always : never
    default:
      return always
  }
}

function conditionHolds(node: Node, place: Place): NecessaryCondition {
  const [condition, then, otherwise] = [child(node, 'condition'), child(node, 'then'), child(node, 'else')]
  if (condition === undefined || then === undefined) return always
  const first = allOf([holds(condition, place), holds(then, place)])
  return otherwise === undefined ? first : anyOf([first, holds(otherwise, place)])
}

/** `($c := $lowercase(process.command_line); $contains($c, "x"))`: a variable bound once stands for its expression. */
function blockHolds(node: Node, place: Place): NecessaryCondition {
  const expressions = nodes(node['expressions'])
  const last = expressions.pop()
  if (last === undefined) return always
  const bound = new Map(place.bound)
  for (const expression of expressions) {
    const [name, value] = [child(expression, 'lhs'), child(expression, 'rhs')]
    if (expression.type !== 'bind' || name === undefined || value === undefined || bound.has(String(name.value)))
      return always
    bound.set(String(name.value), value)
    // `$x := $x` and `$x := $y; $y := $x` speak of what these names were before, which is not followed.
    if ([...bound.values()].some((one) => mentions(one, String(name.value)))) return always
  }
  return holds(last, { ...place, bound })
}

function mentions(value: unknown, variable: string): boolean {
  if (typeof value !== 'object' || value === null || value instanceof RegExp) return false
  if (isNode(value) && value.type === 'variable' && value.value === variable) return true
  return Object.values(value).some((one) => mentions(one, variable))
}

/** What must hold for a value to be there at all. */
function exists(node: Node, place: Place): NecessaryCondition {
  if (node.type === 'variable') {
    const bound = place.bound.get(String(node.value))
    return bound === undefined ? always : exists(bound, place)
  }
  if (node.type === 'function') return argumentExists(node, place)
  // Grouping makes an object of nothing, too.
  if (node.type !== 'path' || node['group'] !== undefined) return always
  const field = fieldOf({ type: 'path', steps: sureSteps(node) }, place)
  const conditions: NecessaryCondition[] = field === undefined || field === '' ? [] : [{ kind: 'exists', field }]
  return allOf([...conditions, ...predicatesHold(node, place)])
}

function argumentExists(node: Node, place: Place): NecessaryCondition {
  const [first] = nodes(node['arguments'])
  const name = functionName(node, place)
  return first !== undefined && name !== undefined && passing.has(name) ? exists(first, place) : always
}

/** The predicates of a path hold for what they let through. */
function predicatesHold(node: Node, place: Place): NecessaryCondition[] {
  const found: NecessaryCondition[] = []
  if (node['group'] !== undefined) return found
  const steps = nodes(node['steps'])
  for (const [position, step] of steps.entries()) {
    if (step.type === 'sort' || (position === 0 && step.type === 'variable')) continue
    const prefix = fieldOf({ type: 'path', steps: steps.slice(0, position + 1) }, place)
    for (const stage of nodes(step['stages'])) {
      const expression = child(stage, 'expr')
      // Only what is a truth for sure: a number would be a position.
      if (stage.type === 'filter' && expression?.type === 'binary' && isTruth(expression))
        found.push(holds(expression, { ...place, prefix }))
    }
  }
  return found
}

function binaryHolds(node: Node, place: Place): NecessaryCondition {
  const operator = String(node.value)
  if (operator === 'and') return allOf(operandsOf(node).map((operand) => holds(operand, place)))
  if (operator === 'or') return anyOf(operandsOf(node).map((operand) => holds(operand, place)))
  const [left, right] = [child(node, 'lhs'), child(node, 'rhs')]
  if (left === undefined || right === undefined) return always
  if (operator === '=') return equals(left, right, place)
  if (operator === 'in') return among(left, right, place)
  if (operator === '>' || operator === '>=') {
    const bound = literalOf(right)
    const least = typeof bound?.value === 'number' ? bound.value : undefined
    if (
      least !== undefined &&
      (operator === '>' ? least >= 0 : least > 0) &&
      left.type === 'function' &&
      functionName(left, place) === 'count'
    ) {
      const [counted] = nodes(left['arguments'])
      return counted === undefined ? always : exists(counted, place)
    }
  }
  return ['!=', '<', '<=', '>', '>='].includes(operator) ? allOf([exists(left, place), exists(right, place)]) : always
}

function equals(left: Node, right: Node, place: Place): NecessaryCondition {
  const [onLeft, onRight] = [literalOf(left), literalOf(right)]
  if (onLeft !== undefined && onRight !== undefined) return onLeft.value === onRight.value ? always : never
  const literal = onLeft ?? onRight
  if (literal === undefined) return allOf([exists(left, place), exists(right, place)])
  const other = onLeft === undefined ? left : right
  const subject = subjectOf(other, place)
  const conditions = pathConditions(other, place)
  if (subject === undefined) return literal.value === null ? always : allOf([exists(other, place), ...conditions])
  return allOf([equalsAny(subject, [literal.value]), ...conditions])
}

function equalsAny({ fields, fold, joined }: Subject, values: Scalar[]): NecessaryCondition {
  // Joined texts are equal to something only where there is one: what is equal then says nothing about each.
  if (joined !== undefined) return always
  return anyOf(fields.map((field) => ({ kind: 'equals', field, values, fold })))
}

function pathConditions(node: Node, place: Place): NecessaryCondition[] {
  return node.type === 'path' ? predicatesHold(node, place) : []
}

function among(left: Node, right: Node, place: Place): NecessaryCondition {
  const values = literalsOf(right)
  const subject = subjectOf(left, place)
  if (values !== undefined) {
    if (subject === undefined) return exists(left, place)
    if (values.length === 0) return never
    return allOf([equalsAny(subject, values), ...pathConditions(left, place)])
  }
  const literal = literalOf(left)
  const list = subjectOf(right, place)
  if (literal !== undefined && list !== undefined) {
    return allOf([equalsAny(list, [literal.value]), ...pathConditions(right, place)])
  }
  return allOf([exists(left, place), exists(right, place)])
}

/** `applied` is the left side of `~>`, the first argument. */
function callHolds(node: Node, place: Place, applied: Node | undefined): NecessaryCondition {
  const args = nodes(node['arguments'])
  if (applied !== undefined) args.unshift(applied)
  const [first, second] = args
  if (first === undefined) return always
  switch (functionName(node, place)) {
    case 'exists':
      return exists(first, place)
    case 'boolean':
      return holds(first, place)
    case 'contains':
      return second === undefined ? always : contains(first, second, place)
    case 'cidr':
    case 'bit':
      return exists(first, place)
    case 'inList':
      return second === undefined ? always : exists(second, place)
    default:
      return always
  }
}

function contains(of: Node, token: Node, place: Place): NecessaryCondition {
  const subject = subjectOf(of, place)
  if (subject === undefined) return exists(of, place)
  const there = anyOf(subject.fields.map((field) => ({ kind: 'exists', field })))
  const conditions = pathConditions(of, place)
  const literal = literalOf(token)
  if (literal !== undefined) {
    if (typeof literal.value !== 'string' || literal.value === '') return allOf([there, ...conditions])
    return allOf([holdsText(subject, { text: literal.value, start: false, end: false }, subject.fold), ...conditions])
  }
  if (token.type !== 'regex' || !isRegExp(token.value)) return allOf([there, ...conditions])
  const fold = subject.fold || token.value.flags.includes('i')
  const clauses = requiredTexts(token.value).map((clause) =>
    anyOf(clause.map((required) => holdsText(subject, required, fold))),
  )
  return allOf([clauses.length === 0 ? there : allOf(clauses), ...conditions])
}

function holdsText({ fields, joined }: Subject, { text, start, end }: RequiredText, fold: boolean): NecessaryCondition {
  if (joined !== undefined && (joined === '' || text.includes(joined))) return always
  const wanted = fold ? text.toLowerCase() : text
  // A joined text begins with one of its parts, and that part with what it begins with: but only one of them.
  const at = joined !== undefined ? 'anywhere' : start ? 'start' : end ? 'end' : 'anywhere'
  return anyOf(
    fields.map((field): NecessaryCondition => {
      if (start && end && !fold && joined === undefined) return { kind: 'equals', field, values: [text], fold: false }
      return { kind: 'literal', field, at, text: wanted, fold }
    }),
  )
}
