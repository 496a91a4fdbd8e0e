// What becomes of nothing: which parts of an expression are missing where their context is.
import type { Node } from './parse.ts'
import { child, nodes } from './subject.ts'

/** Functions that give nothing for nothing: their first argument must be there. */
export const passing = new Set([
  'lowercase',
  'uppercase',
  'trim',
  'length',
  'number',
  'string',
  'substring',
  'substringBefore',
  'substringAfter',
  'norm',
  'sid',
  'split',
  'replace',
  'match',
  'sum',
  'max',
  'min',
  'average',
  'floor',
  'ceil',
  'round',
  'abs',
  'toMillis',
  'geoKm',
])

/**
 * The steps that must give something. A predicate that is true of nothing lets nothing pass, and it counts: in `$count(a[$not(b)])`
 * a missing `a` is one.
 */
export function sureSteps(node: Node): Node[] {
  const steps = nodes(node['steps'])
  const unsure = steps.findIndex((step) =>
    nodes(step['stages']).some((stage) => !isFalseOfNothing(child(stage, 'expr'))),
  )
  return unsure < 0 ? steps : steps.slice(0, unsure)
}

function isFalseOfNothing(predicate: Node | undefined): boolean {
  if (predicate === undefined) return false
  if (predicate.type === 'number') return true
  if (isNothingOfNothing(predicate)) return true
  const [left, right] = [child(predicate, 'lhs'), child(predicate, 'rhs')]
  if (predicate.type === 'binary' && left !== undefined && right !== undefined) {
    if (predicate.value === 'and') return isFalseOfNothing(left) || isFalseOfNothing(right)
    if (predicate.value === 'or') return isFalseOfNothing(left) && isFalseOfNothing(right)
    return isTruth(predicate) && (isNothingOfNothing(left) || isNothingOfNothing(right))
  }
  const procedure = child(predicate, 'procedure')
  const [first] = nodes(predicate['arguments'])
  if (predicate.type !== 'function' || procedure?.type !== 'variable' || first === undefined) return false
  return (procedure.value === 'exists' || procedure.value === 'contains') && isNothingOfNothing(first)
}

/** Values that are read from the context, and are missing where it is. */
function isNothingOfNothing(node: Node): boolean {
  if (node['predicate'] !== undefined || node['group'] !== undefined) return false
  if (node.type === 'variable') return node.value === ''
  if (node.type === 'path') {
    const steps = nodes(node['steps'])
    const [first] = steps
    const relative = first?.type === 'name' || (first?.type === 'variable' && first.value === '')
    return relative && steps.every((step) => step['stages'] === undefined && (step.type === 'name' || step === first))
  }
  const procedure = child(node, 'procedure')
  const [argument] = nodes(node['arguments'])
  return (
    node.type === 'function' &&
    procedure?.type === 'variable' &&
    passing.has(String(procedure.value)) &&
    argument !== undefined &&
    isNothingOfNothing(argument)
  )
}

export function isTruth(node: Node): boolean {
  return ['and', 'or', '=', '!=', '<', '<=', '>', '>=', 'in'].includes(String(node.value))
}
