// A tree becomes a function: text generated, constants bound, made by V8 when it is first needed.
import { generate, type Program, Unsupported, use } from './generate.ts'
import { declareBinds } from './generate-scope.ts'
import type { HelperEnvironment } from './helpers.ts'
import type { Node } from './parse.ts'
import { runtimeTable } from './runtime-table.ts'
import { type Context, childScope, type Frame } from './scope.ts'

export type Evaluate = (root: unknown, input: unknown, bindings: Record<string, unknown> | undefined) => unknown

export interface GeneratedCode {
  /** The function over an input that is an object, or over anything. */
  readonly evaluate: Evaluate
  /** Names of functions that the code settled: bindings of these names need other code. */
  readonly settled: ReadonlySet<string>
}

export interface TreeOptions {
  environment: HelperEnvironment
  shadowed: ReadonlySet<string>
  /** The input is known to be an object of plain data. */
  object: boolean
}

/** Throws Unsupported where the interpreter must take it, RegexRefused where nobody may. */
export function compileTree(ast: Node, { environment, shadowed, object }: TreeOptions): GeneratedCode {
  const program: Program = {
    environment,
    shadowed,
    constants: [],
    used: new Set(),
    settled: new Set(),
    names: 0,
    lowered: new Map(),
  }
  const scope = childScope(undefined)
  declareBinds(program, ast, scope)
  const frame: Frame = { locals: [] }
  const context: Context = { input: 'input', plain: object, object, scope, frame, level: 0 }
  const { js } = generate(program, ast, context)
  const declared = [...scope.names.values()].map((binding) => `${binding.js}=${use(program, 'unbound')}`)
  for (const held of program.lowered.values()) declared.push(`${held}=${use(program, 'unbound')}`)
  const locals = [...declared, ...frame.locals].join(',')
  const names = [...program.used]
  const constants = program.constants.map((_, index) => `k${index}`)
  const source = `'use strict';const isArray=Array.isArray;return (root,input,bindings)=>{${locals === '' ? '' : `let ${locals};`}return ${js}}`
  const values = [...names.map((name) => runtimeTable[name]), ...program.constants]
  return { evaluate: lazily(names.concat(constants), source, values), settled: program.settled }
}

/** V8 parses and compiles the text at the first evaluation: most rules of a set never meet an event. */
function lazily(names: readonly string[], source: string, values: readonly unknown[]): Evaluate {
  let made: Evaluate | undefined
  return (root, input, bindings) => {
    made ??= make(names, source, values)
    return made(root, input, bindings)
  }
}

function make(names: readonly string[], source: string, values: readonly unknown[]): Evaluate {
  // The source is the generator's own: strings of the rule are in it only as JSON, everything else as constants.
  const factory: unknown = Reflect.construct(Function, [...names, source])
  const evaluate: unknown = typeof factory === 'function' ? Reflect.apply(factory, undefined, [...values]) : undefined
  if (typeof evaluate !== 'function') throw new Unsupported('generated code')
  return (root, input, bindings) => Reflect.apply(evaluate, undefined, [root, input, bindings])
}
