// How events of one shape become lines: which value goes into which column, which into `_x`, and what is odd about them.
import type { EventShape, Json, TextLeaf } from '@varde/schema'
import { wrongKey } from '../event-rules.ts'
import { type Column, columnOf } from './columns.ts'
import { type PackedField, seen } from './field-catalogue.ts'

/** Paths whose spelling is kept; beyond it they are spelt anew each time. */
const pathsMax = 50_000

export interface Path {
  field: string
  column: Column | undefined
  children: Map<string, Path>
  batch: number
  row: number
  flags: number
  events: number
}

/** Values in the order of the line, and what the line says before each. */
interface Part {
  /** Numbers of the shape's leaves. */
  leaves: Uint32Array
  said: Uint8Array
  saidEnds: Uint32Array
}

export interface LinePlan {
  /** Why no event of this shape can be stored. */
  refused: string | undefined
  columns: Part
  extras: Part
  /** Bytes that the line has beside the values. */
  bytes: number
  /** Leaves that only their values can tell about: see `LineWriter`. */
  odd: { leaf: TextLeaf; path: Path }[]
  /** What each event of the shape has. */
  fields: { path: Path; flags: number }[]
  /** Events of this shape in the batch. */
  events: number
  batch: number
}

export class Refused extends Error {}

export interface LinePlans {
  planOf(shape: EventShape): LinePlan
  childOf(parent: Path, key: string): Path
  /** A new line: whatever is noted now counts once for it. */
  beginLine(plan: LinePlan): void
  note(path: Path, flags: number): void
  takeFields(): PackedField[]
}

export function createLinePlans(): LinePlans {
  const root = newPath('', undefined)
  const plans = new WeakMap<EventShape, LinePlan>()
  let paths = 0
  let batch = 1
  let row = 0
  let touched: Path[] = []
  let used: LinePlan[] = []
  let lastShape: EventShape | undefined
  let lastPlan: LinePlan | undefined

  const childOf = (parent: Path, key: string): Path => {
    const known = parent.children.get(key)
    if (known !== undefined) return known
    const wrong = wrongKey(key)
    if (wrong !== undefined) throw new Refused(wrong)
    const child = newPath(parent === root ? key : `${parent.field}.${key}`, key)
    if (paths < pathsMax) {
      paths += 1
      parent.children.set(key, child)
    }
    return child
  }

  const touch = (path: Path) => {
    if (path.batch === batch) return
    path.batch = batch
    path.row = -1
    path.flags = 0
    path.events = 0
    touched.push(path)
  }

  const makePlan = (shape: EventShape): LinePlan => {
    const columns: { leaf: number; field: string }[] = []
    const extras: { leaf: number; field: string }[] = []
    const plan: LinePlan = {
      refused: undefined,
      columns: partOf([]),
      extras: partOf([]),
      bytes: 0,
      odd: [],
      fields: [],
      events: 0,
      batch: 0,
    }
    try {
      for (const [number, leaf] of shape.leaves.entries()) {
        if (leaf.keys.length === 1 && leaf.keys[0] === '@timestamp') continue
        let path = root
        for (const key of leaf.keys) path = childOf(path, key)
        const { kind } = leaf
        if (kind === 'deep') throw new Refused(`nested deeper than ${leaf.keys.length - 1}`)
        if (kind === 'null' || kind === 'empty' || kind === 'mixed') {
          plan.odd.push({ leaf, path })
          continue
        }
        const flag = flagOfKind[kind]
        if (path.column?.kind === kind) {
          columns.push({ leaf: number, field: path.field })
          plan.fields.push({ path, flags: flag | seen.inColumn })
        } else {
          extras.push({ leaf: number, field: path.field })
          if (kind === 'list') plan.odd.push({ leaf, path })
          else plan.fields.push({ path, flags: flag | (kind === 'texts' ? seen.inExtraArray : seen.inExtra) })
        }
      }
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      plan.refused = error.message
    }
    plan.columns = partOf(columns)
    plan.extras = partOf(extras)
    plan.bytes = plan.columns.said.length + plan.extras.said.length
    return plan
  }

  return {
    childOf,
    planOf(shape) {
      if (shape === lastShape && lastPlan !== undefined) return lastPlan
      let plan = plans.get(shape)
      if (plan === undefined) {
        plan = makePlan(shape)
        plans.set(shape, plan)
      }
      lastShape = shape
      lastPlan = plan
      return plan
    },
    beginLine(plan) {
      row += 1
      if (plan.batch !== batch) {
        plan.batch = batch
        plan.events = 0
        used.push(plan)
      }
      plan.events += 1
    },
    note(path, flags) {
      touch(path)
      path.flags |= flags
      if (path.row !== row) {
        path.row = row
        path.events += 1
      }
    },
    takeFields() {
      for (const plan of used) {
        for (const { path, flags } of plan.fields) {
          touch(path)
          path.flags |= flags
          path.events += plan.events
        }
      }
      const fields = touched.map((path): PackedField => [path.field, path.flags, path.events])
      touched = []
      used = []
      batch += 1
      return fields
    },
  }

  function newPath(field: string, last: string | undefined): Path {
    const column = last === undefined ? undefined : columnOf.get(field)
    return { field, column, children: new Map(), batch: 0, row: -1, flags: 0, events: 0 }
  }
}

const flagOfKind = {
  text: seen.text,
  texts: seen.text,
  whole: seen.whole,
  fraction: seen.double,
  boolean: seen.boolean,
  list: 0,
} as const

export function flagOf(value: Json): number {
  if (typeof value === 'string') return seen.text
  if (typeof value === 'boolean') return seen.boolean
  return Number.isSafeInteger(value) ? seen.whole : seen.double
}

function partOf(members: { leaf: number; field: string }[]): Part {
  const encoder = new TextEncoder()
  const said = members.map(({ field }) => encoder.encode(`,${JSON.stringify(field)}:`))
  let end = 0
  const saidEnds = Uint32Array.from(said, (part) => {
    end += part.length
    return end
  })
  return { leaves: Uint32Array.from(members, ({ leaf }) => leaf), said: Buffer.concat(said), saidEnds }
}
