// Reads a named value from an event: by a plain path at once, by JSONata otherwise.
import { createHash } from 'node:crypto'
import type { EcsEvent, Json } from '@varde/schema'
import {
  type CompiledExpression,
  type CompileError,
  compileExpression,
  type HelperEnvironment,
} from '../compile/index.ts'

export interface Extract {
  readonly name: string
  /** The text that decides, for digests. */
  readonly source: string
  readonly fields: readonly string[]
  /** Undefined where the event has no such value. */
  read(event: EcsEvent): Json | undefined | Promise<Json | undefined>
}

const plainPath = /^[A-Za-z@][\w@-]*(\.[A-Za-z_@][\w@-]*)*$/
// A key of a window may come from the attacker; what is longer is told by its beginning and its digest.
const valueCharactersMax = 512

export function compileExtract(
  name: string,
  source: string,
  environment: HelperEnvironment,
): { ok: true; extract: Extract } | { ok: false; error: CompileError } {
  if (plainPath.test(source)) return { ok: true, extract: pathExtract(name, source) }
  const compiled = compileExpression(source, { environment })
  if (!compiled.ok) return compiled
  return { ok: true, extract: expressionExtract(name, compiled.expression) }
}

export function pathExtract(name: string, path: string): Extract {
  const steps = path.split('.')
  return { name, source: path, fields: [path], read: (event) => boundedValue(valueAt(event, steps, 0)) }
}

function expressionExtract(name: string, expression: CompiledExpression): Extract {
  const read = (event: EcsEvent): Json | undefined | Promise<Json | undefined> => {
    try {
      const value = expression.evaluate(event)
      return value instanceof Promise ? value.then(jsonOf, () => undefined) : jsonOf(value)
    } catch {
      return undefined
    }
  }
  return { name, source: expression.source, fields: expression.fields, read }
}

/** The value at a path; arrays on the way are looked into, and several values become a list. */
export function valueAt(value: Json | undefined, steps: readonly string[], from: number): Json | undefined {
  if (value === undefined || value === null) return undefined
  if (from === steps.length) return value
  if (Array.isArray(value)) {
    const found = value.flatMap((item) => valueAt(item, steps, from) ?? [])
    return found.length === 0 ? undefined : found.length === 1 ? found[0] : found
  }
  if (typeof value !== 'object') return undefined
  const step = steps[from]
  return step !== undefined && Object.hasOwn(value, step) ? valueAt(value[step], steps, from + 1) : undefined
}

/** JSONata marks its sequences with hidden properties: a copy through JSON is plain. */
function jsonOf(value: unknown): Json | undefined {
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value === 'string') return boundedValue(value)
  if (typeof value !== 'object') return undefined
  const text = JSON.stringify(value)
  return text === undefined ? undefined : boundedValue(JSON.parse(text))
}

function boundedValue(value: Json | undefined): Json | undefined {
  if (typeof value === 'string') return value.length <= valueCharactersMax ? value : cut(value)
  if (typeof value !== 'object' || value === null) return value
  const text = JSON.stringify(value)
  return text.length <= valueCharactersMax * 4 ? value : cut(text)
}

function cut(text: string): string {
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 16)
  // No half of a surrogate pair may be left: texts must have canonical JSON.
  return `${text.slice(0, valueCharactersMax - 32).toWellFormed()}… (${text.length} characters, ${digest})`
}
