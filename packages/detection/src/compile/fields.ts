// The dotted paths that an expression reads from the root of the event.
import { isNode, type Node } from './parse.ts'

/** Paths inside predicates, sorts and lambdas over a sequence are relative to it; their prefix is added where it is plain. */
export function fieldsOf(ast: Node): string[] {
  const found = new Set<string>()
  visit(ast, '', found)
  return [...found].sort()
}

function nameOf(step: Node): string | undefined {
  return step.type === 'name' && typeof step.value === 'string' ? step.value : undefined
}

function visitPath(node: Node, prefix: string, found: Set<string>): void {
  const steps = Array.isArray(node['steps']) ? node['steps'].filter(isNode) : []
  let at: string | undefined = prefix
  let names = 0
  for (const [position, step] of steps.entries()) {
    const name = nameOf(step)
    if (name !== undefined && at !== undefined) {
      at = at === '' ? name : `${at}.${name}`
      names++
    } else if (position === 0 && step.type === 'variable' && step.value === '$') at = ''
    else if (!(position === 0 && step.type === 'variable' && step.value === '')) {
      visit(step, at ?? prefix, found)
      if (step.type !== 'sort') at = undefined
    }
    for (const member of ['stages', 'predicate', 'group']) visit(step[member], at ?? prefix, found)
    if (at === undefined && names > 0) break
  }
  if (names > 0 && at !== undefined && at !== '') found.add(at)
  visit(node['group'], at ?? prefix, found)
}

function visit(value: unknown, prefix: string, found: Set<string>): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, prefix, found)
    return
  }
  if (typeof value !== 'object' || value === null || value instanceof RegExp) return
  if (isNode(value) && value.type === 'path') {
    visitPath(value, prefix, found)
    return
  }
  if (isNode(value) && value.type === 'name' && typeof value.value === 'string') {
    found.add(prefix === '' ? value.value : `${prefix}.${value.value}`)
    return
  }
  for (const [member, child] of Object.entries(value))
    if (member !== 'ancestor' && member !== 'seekingParent') visit(child, prefix, found)
}
