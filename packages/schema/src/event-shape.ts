// Shapes of events: their keys and kinds of values in the order of a walk, remembered, and what their canonical text says around the values.

/**
 * What stands at a path. `list`: scalars, not all of them texts; `mixed`: an array that is empty or holds more than scalars;
 * `deep`: an object deeper than shapes are remembered.
 */
export type LeafKind =
  | 'text'
  | 'whole'
  | 'fraction'
  | 'boolean'
  | 'null'
  | 'texts'
  | 'list'
  | 'mixed'
  | 'empty'
  | 'deep'

export interface TextLeaf {
  /** Keys from the root to the value. */
  readonly keys: readonly string[]
  readonly kind: LeafKind
}

/** What events with the same keys and kinds of values in the same order have in common. Compared by identity. */
export interface EventShape {
  /** In canonical order. */
  readonly leaves: readonly TextLeaf[]
  /** What the canonical text says before each value, and behind the last. */
  readonly said: Uint8Array
  /** Where in `said` the part before each value ends. */
  readonly saidEnds: Uint32Array
}

const kindNames = ['text', 'whole', 'fraction', 'boolean', 'null', 'texts', 'list', 'mixed', 'empty', 'deep'] as const
export const kinds = {
  text: 0,
  whole: 1,
  fraction: 2,
  boolean: 3,
  null: 4,
  texts: 5,
  list: 6,
  mixed: 7,
  empty: 8,
  deep: 9,
} as const
/** Beside the kinds of values: an object begins, or ends. */
export const opens = 10
export const closes = 11

/** One key and what it holds, after the steps before it: a tree of all the shapes that were met. */
export interface Step {
  readonly key: string
  readonly kind: number
  readonly before: Step | undefined
  /** The step that was taken from here last; events of one kind come one after the other. */
  next: Step | undefined
  others: Map<string, Step[]> | undefined
  shape: Shape | undefined
}

export interface Shape extends EventShape {
  /** Position of each leaf's value in the order of the walk. */
  readonly order: Uint32Array
  readonly kinds: Uint8Array
}

/** A tree of all the walks that were made. */
export interface Shapes {
  root: Step
  steps: number
}

export function newShapes(): Shapes {
  return { root: newStep('', opens, undefined), steps: 0 }
}

function newStep(key: string, kind: number, before: Step | undefined): Step {
  return { key, kind, before, next: undefined, others: undefined, shape: undefined }
}

/** The step from here with this key and kind; makes it where it was never taken. */
export function stepTo(shapes: Shapes, step: Step, key: string, kind: number): Step {
  step.others ??= new Map()
  let byKind = step.others.get(key)
  if (byKind === undefined) {
    byKind = []
    step.others.set(key, byKind)
  }
  let next = byKind.find((one) => one.kind === kind)
  if (next === undefined) {
    next = newStep(key, kind, step)
    byKind.push(next)
    shapes.steps += 1
  }
  step.next = next
  return next
}

const encoder = new TextEncoder()

interface Member {
  key: string
  kind: number
  /** Position in the order of the walk. */
  position: number
  members: Member[]
}

/** The shape of an event that was walked, from its last step. */
export function shapeOf(last: Step): Shape {
  const taken: Step[] = []
  for (let step: Step | undefined = last; step !== undefined; step = step.before) taken.push(step)
  taken.reverse()
  const whole: Member = { key: '', kind: opens, position: 0, members: [] }
  const open: Member[] = []
  let position = 0
  for (const { key, kind } of taken) {
    const parent = open.at(-1)
    if (kind === closes) open.pop()
    else if (parent === undefined) open.push(whole)
    else {
      const member: Member = { key, kind, position, members: [] }
      parent.members.push(member)
      if (kind === opens) open.push(member)
      else position += 1
    }
  }
  return spellShape(whole)
}

function spellShape(whole: Member): Shape {
  const leaves: TextLeaf[] = []
  const between: Uint8Array[] = []
  const order: number[] = []
  const kindNumbers: number[] = []
  let text = ''
  const visit = (member: Member, keys: readonly string[]) => {
    if (member.kind !== opens) {
      leaves.push({ keys, kind: kindNames[member.kind] ?? 'deep' })
      order.push(member.position)
      kindNumbers.push(member.kind)
      between.push(encoder.encode(text))
      text = ''
      return
    }
    if (member.members.length === 0 && member !== whole) {
      leaves.push({ keys, kind: 'empty' })
      order.push(0)
      kindNumbers.push(kinds.empty)
      // It has no value: its braces stand in what is said before it.
      between.push(encoder.encode(`${text}{}`))
      text = ''
      return
    }
    text += '{'
    // UTF-16 code units, as RFC 8785 §3.2.3 asks: JavaScript compares strings so.
    const sorted = [...member.members].sort((a, b) => (a.key < b.key ? -1 : 1))
    for (const [index, child] of sorted.entries()) {
      text += `${index === 0 ? '' : ','}${JSON.stringify(child.key)}:`
      visit(child, [...keys, child.key])
    }
    text += '}'
  }
  visit(whole, [])
  between.push(encoder.encode(text))
  const saidEnds = Uint32Array.from(between, () => 0)
  let end = 0
  for (const [n, part] of between.entries()) {
    end += part.length
    saidEnds[n] = end
  }
  const said = new Uint8Array(end)
  for (const [n, part] of between.entries()) said.set(part, (saidEnds[n] ?? 0) - part.length)
  return {
    leaves,
    said,
    saidEnds,
    order: Uint32Array.from(order),
    kinds: Uint8Array.from(kindNumbers),
  }
}
