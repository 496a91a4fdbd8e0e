// Which field of the event an expression reads its text from.
import { literalOf } from './generate-operator.ts'
import { isNode, type Node } from './parse.ts'

/** `prefix` is the field that the context value stands for: undefined inside what we cannot follow, empty at the root. */
export interface Place {
  prefix: string | undefined
  /** Variables that stand for one expression of the same place. */
  bound: ReadonlyMap<string, Node>
}

export function nodes(value: unknown): Node[] {
  return Array.isArray(value) ? value.filter(isNode) : []
}

export function child(node: Node, member: string): Node | undefined {
  const found = node[member]
  return isNode(found) ? found : undefined
}

export function functionName(node: Node, place: Place): string | undefined {
  const procedure = child(node, 'procedure')
  const name = procedure?.type === 'variable' ? String(procedure.value) : undefined
  return name === undefined || place.bound.has(name) ? undefined : name
}

/** The dotted path that a path goes along; its predicates only take away. Undefined where it goes elsewhere. */
export function fieldOf(node: Node, place: Place): string | undefined {
  let field: string | undefined
  for (const [position, step] of nodes(node['steps']).entries()) {
    if (position === 0 && step.type === 'variable') {
      if (step['predicate'] !== undefined) return undefined
      if (step.value === '') field = place.prefix
      else if (step.value === '$') field = ''
      else {
        const bound = place.bound.get(String(step.value))
        field = bound?.type === 'path' ? fieldOf(bound, place) : undefined
      }
      if (field === undefined) return undefined
      continue
    }
    if (position === 0) field = place.prefix
    if (step.type === 'sort') continue
    if (step.type !== 'name' || typeof step.value !== 'string' || step.value.includes('.') || field === undefined)
      return undefined
    field = field === '' ? step.value : `${field}.${step.value}`
  }
  return field
}

/** Where a text may come from, and whether it is asked for in lower case. */
export interface Subject {
  /** One of these holds it; `*` stands for any name, `**` for anything below. */
  fields: string[]
  fold: boolean
  /** The texts were joined with this: what spans it stands in no field. */
  joined: string | undefined
}

function oneField(field: string | undefined): Subject | undefined {
  return field === undefined || field === '' ? undefined : { fields: [field], fold: false, joined: undefined }
}

export function subjectOf(node: Node, place: Place): Subject | undefined {
  if (node.type !== 'path' && (node['predicate'] !== undefined || node['group'] !== undefined)) return undefined
  switch (node.type) {
    case 'variable': {
      if (node.value === '') return oneField(place.prefix)
      const bound = place.bound.get(String(node.value))
      return bound === undefined ? undefined : subjectOf(bound, place)
    }
    case 'path':
      return node['group'] === undefined ? pathSubject(node, place) : undefined
    case 'block': {
      const [only, ...more] = nodes(node['expressions'])
      return only !== undefined && more.length === 0 ? subjectOf(only, place) : undefined
    }
    case 'condition': {
      // `a ?? b` gives one of the two.
      const [then, otherwise] = [child(node, 'then'), child(node, 'else')]
      return then === undefined || otherwise === undefined
        ? undefined
        : together([subjectOf(then, place), subjectOf(otherwise, place)])
    }
    case 'function':
      return callSubject(node, place)
    default:
      return undefined
  }
}

function together(subjects: readonly (Subject | undefined)[]): Subject | undefined {
  const fields: string[] = []
  for (const subject of subjects) {
    if (subject === undefined || subject.fold || subject.joined !== undefined) return undefined
    fields.push(...subject.fields)
  }
  return { fields, fold: false, joined: undefined }
}

function pathSubject(node: Node, place: Place): Subject | undefined {
  const steps = nodes(node['steps'])
  const [first] = steps
  // `[message, winlog.event_data.*][$type($) = "string"]`
  if (steps.length === 1 && first?.type === 'unary' && first.value === '[') {
    return together(nodes(first['expressions']).map((item) => subjectOf(item, place)))
  }
  const wild = steps.findIndex((step) => step.type === 'wildcard' || step.type === 'descendant')
  if (wild < 0) return oneField(fieldOf(node, place))
  const field = fieldOf({ type: 'path', steps: steps.slice(0, wild) }, place)
  if (field === undefined || field === '' || wild < steps.length - 1) return undefined
  return oneField(`${field}.${steps[wild]?.type === 'wildcard' ? '*' : '**'}`)
}

function callSubject(node: Node, place: Place): Subject | undefined {
  const name = functionName(node, place)
  const [argument, separator, ...more] = nodes(node['arguments'])
  if (argument === undefined || more.length > 0) return undefined
  if (name === 'lowercase' && separator === undefined) {
    const subject = subjectOf(argument, place)
    return subject === undefined ? undefined : { ...subject, fold: true }
  }
  if (name !== 'join') return undefined
  const by = separator === undefined ? { value: '' } : literalOf(separator)
  const subject =
    argument.type === 'unary' && argument.value === '[' ? arraySubject(argument, place) : subjectOf(argument, place)
  return typeof by?.value === 'string' && subject !== undefined && !subject.fold
    ? { ...subject, joined: by.value }
    : undefined
}

/** An array constructor, with predicates that only take away. */
function arraySubject(node: Node, place: Place): Subject | undefined {
  return together(nodes(node['expressions']).map((item) => subjectOf(item, place)))
}
