// JSONata's official test suite against the compiler. The cases are read from beside the repository and are not part of it.
import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { ruleBudget } from './budget.ts'
import { compileExpression } from './compile-expression.ts'
import { ExpressionError } from './expression.ts'
import { isObject } from './value.ts'

const file = new URL('../../../../../shared/corpus/jsonata/test-suite.json.gz', import.meta.url)

interface Case {
  name: string
  expr: string
  input: unknown
  bindings: Record<string, unknown>
  depth: number | undefined
  expected:
    | { kind: 'value'; value: unknown }
    | { kind: 'nothing' }
    | { kind: 'error'; code: string; token: string | undefined; message: string | undefined }
  unordered: boolean
}

function expectedOf(raw: Record<string, unknown>): Case['expected'] {
  const error = isObject(raw['error']) ? raw['error'] : raw
  if (typeof error['code'] === 'string') {
    const token = typeof error['token'] === 'string' ? error['token'] : undefined
    return {
      kind: 'error',
      code: error['code'],
      token,
      message: typeof error['message'] === 'string' ? error['message'] : undefined,
    }
  }
  return raw['undefinedResult'] === true ? { kind: 'nothing' } : { kind: 'value', value: raw['result'] }
}

function cases(): Case[] {
  const suite: unknown = JSON.parse(gunzipSync(readFileSync(file)).toString())
  if (!isObject(suite) || !isObject(suite['groups']) || !isObject(suite['datasets']))
    throw new Error('the suite has another shape')
  const { datasets } = suite
  const found: Case[] = []
  for (const [group, files] of Object.entries(suite['groups'])) {
    if (!isObject(files)) continue
    for (const [name, content] of Object.entries(files)) {
      if (typeof content === 'string') continue
      for (const [index, raw] of (Array.isArray(content) ? content : [content]).entries()) {
        if (!isObject(raw)) continue
        const source = typeof raw['expr'] === 'string' ? raw['expr'] : files[String(raw['expr-file'])]
        if (typeof source !== 'string') throw new Error(`${group}/${name} has no expression`)
        const input =
          'data' in raw ? raw['data'] : typeof raw['dataset'] === 'string' ? datasets[raw['dataset']] : undefined
        const bindings = isObject(raw['bindings']) ? raw['bindings'] : {}
        const depth = typeof raw['depth'] === 'number' ? raw['depth'] : undefined
        found.push({
          name: `${group}/${name}#${index}`,
          expr: source,
          input,
          bindings,
          depth,
          expected: expectedOf(raw),
          unordered: raw['unordered'] === true,
        })
      }
    }
  }
  return found
}

/** Plain JSON of a value; what only marks sequences, and prototypes, falls away. */
function plain(value: unknown): unknown {
  if (typeof value === 'function') return '<function>'
  if (Array.isArray(value)) return value.map(plain)
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]))
}

function sorted(value: unknown): unknown {
  return Array.isArray(value) ? value.map((item) => JSON.stringify(item)).sort() : value
}

// The suite's runner throws U1001 for both of its own guards.
const ours: Record<string, readonly string[]> = { U1001: ['V0001', 'V0002', 'V0003', 'D1011', 'D1012'] }

async function difference(one: Case): Promise<{ mode: string; problem: string | undefined }> {
  const budget = {
    ...ruleBudget,
    stepsMax: 200_000_000,
    timeMsMax: 60_000,
    sequenceMax: 10_000_000,
    textMax: 100_000_000,
    depthMax: (one.depth ?? 500) - 3,
    dayMs: Date.now(),
  }
  const compiled = compileExpression(one.expr, { budget, reference: true })
  const { expected } = one
  const seen = (code: string, token?: string, message?: string): string | undefined => {
    if (expected.kind !== 'error') return `failed with ${code} ${message ?? ''}`
    const right = expected.code === code || (ours[expected.code]?.includes(code) ?? false)
    if (!right) return `failed with ${code}, not ${expected.code}`
    if (expected.token !== undefined && token !== expected.token) return `token ${token}, not ${expected.token}`
    return expected.message !== undefined && !(message ?? '').includes(expected.message) && expected.code !== 'D3140'
      ? `message ${message}`
      : undefined
  }
  if (!compiled.ok)
    return { mode: 'refused', problem: seen(compiled.error.code, compiled.error.token, compiled.error.message) }
  const { mode } = compiled.expression
  try {
    const answer = compiled.expression.evaluate(structuredClone(one.input), one.bindings)
    const synchronous = !(answer instanceof Promise)
    const value = plain(await answer)
    if (mode === 'compiled' && !synchronous) return { mode, problem: 'compiled code waited' }
    if (expected.kind === 'error') return { mode, problem: `gave a value, not ${expected.code}` }
    if (expected.kind === 'nothing')
      return { mode, problem: value === undefined ? undefined : `gave ${JSON.stringify(value)}, not nothing` }
    const [a, b] = one.unordered ? [sorted(value), sorted(plain(expected.value))] : [value, plain(expected.value)]
    const same = JSON.stringify(a) === JSON.stringify(b) || isSame(a, b)
    return { mode, problem: same ? undefined : `gave ${JSON.stringify(value)?.slice(0, 200)}` }
  } catch (error) {
    if (error instanceof ExpressionError) return { mode, problem: seen(error.code, error.token, error.message) }
    return { mode, problem: `threw ${String(error)}` }
  }
}

function isSame(left: unknown, right: unknown): boolean {
  try {
    expect(left).toEqual(right)
    return true
  } catch {
    return false
  }
}

if (!existsSync(file))
  console.warn('skipped: the official JSONata suite is not at ../shared/corpus/jsonata beside the repository')

describe.skipIf(!existsSync(file))('the official JSONata suite', () => {
  test('every case agrees, and at least 92 % of them compiled', async () => {
    const all = cases()
    const modes: Record<string, number> = {}
    const problems: string[] = []
    for (const one of all) {
      const { mode, problem } = await difference(one)
      modes[mode] = (modes[mode] ?? 0) + 1
      if (problem !== undefined) problems.push(`${one.name} [${mode}] ${one.expr.slice(0, 120)}: ${problem}`)
    }
    console.info(`JSONata suite: ${all.length - problems.length} of ${all.length} agree; ${JSON.stringify(modes)}`)
    expect(problems).toEqual([])
    expect((modes['compiled'] ?? 0) / all.length).toBeGreaterThanOrEqual(0.92)
  }, 60_000)
})
