// Function calls to JavaScript: the frequent built-in functions written out, the others through the library.
import { type Callable, placeholder } from './callable.ts'
import {
  type Code,
  constant,
  generate,
  nodeIn,
  nodesOf,
  type Program,
  text,
  Unsupported,
  use,
  value,
} from './generate.ts'
import { literalOf } from './generate-operator.ts'
import { isSettled, variable } from './generate-scope.ts'
import { builtinOf, helpersOf } from './library.ts'
import { isNode, type Node } from './parse.ts'
import { linearTest } from './regex.ts'
import type { Context } from './scope.ts'

/** The function that a free name stands for. */
export function functionNamed(program: Program, name: string): Callable | undefined {
  if (name === 'eval') throw new Unsupported('$eval')
  return helpersOf(program.environment).get(name) ?? builtinOf(name)
}

/** `applied` is the left side of `~>`: it becomes the first argument. */
export function generateCall(program: Program, node: Node, context: Context, applied: string | undefined): Code {
  const procedure = nodeIn(node, 'procedure')
  const args = nodesOf(node['arguments'])
  const name =
    procedure.type === 'variable' && procedure['predicate'] === undefined ? String(procedure.value) : undefined
  if (name !== undefined && name !== '' && name !== '$' && isSettled(program, name, context)) {
    const written =
      applied === undefined ? writtenOut(program, name, args, context) : writtenOutApplied(program, name, args, applied)
    if (written !== undefined) {
      program.settled.add(name)
      return written
    }
  }
  const given = args.map((argument) => argumentOf(program, argument, context))
  if (applied !== undefined) given.unshift(applied)
  const token = procedure.type === 'path' ? String(nodesOf(procedure['steps'])[0]?.value) : String(procedure.value)
  const target =
    procedure.type === 'path' ? forgottenDollar(program, procedure, token, context) : value(program, procedure, context)
  const js = `${use(program, 'invoke')}(${target},[${given.join(',')}],${context.input},${text(token)},${context.level})`
  return { js, kind: 'any' }
}

/** A function without its `$`: the error says so where there is one of that name. */
function forgottenDollar(program: Program, procedure: Node, token: string, context: Context): string {
  const found = value(program, procedure, context)
  let meant = 'undefined'
  try {
    meant = variable(program, token, context)
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error
    meant = 'true'
  }
  return `${use(program, 'named')}(${found},${meant})`
}

function argumentOf(program: Program, argument: Node, context: Context): string {
  const code = generate(program, argument, context)
  const never =
    code.kind === 'truth' ||
    code.kind === 'maybe' ||
    argument.type === 'string' ||
    argument.type === 'number' ||
    argument.type === 'value'
  return never ? code.js : `${use(program, 'asArgument')}(${code.js})`
}

/** Calls whose arguments are counted and whose checks are cheap: no array of arguments, no signature's regular expression. */
function writtenOut(program: Program, name: string, args: readonly Node[], context: Context): Code | undefined {
  const [first, second] = args
  if (first === undefined) return undefined
  if (args.length === 1) return writtenOutOne(program, name, first, context)
  if (args.length !== 2 || second === undefined || name !== 'contains') return undefined
  return containsCall(program, value(program, first, context), second)
}

function writtenOutApplied(program: Program, name: string, args: readonly Node[], applied: string): Code | undefined {
  const [second] = args
  if (name === 'contains' && args.length === 1 && second !== undefined) return containsCall(program, applied, second)
  if (args.length > 0) return undefined
  if (name === 'lowercase' || name === 'uppercase') return { js: `${use(program, name)}(${applied})`, kind: 'single' }
  if (name === 'not') return { js: `${use(program, 'not')}(${applied})`, kind: 'maybe' }
  if (name === 'exists') return { js: `(${applied}!==undefined)`, kind: 'truth' }
  if (name === 'count') return { js: `${use(program, 'countOf')}(${applied})`, kind: 'single' }
  return undefined
}

function containsCall(program: Program, subject: string, token: Node): Code | undefined {
  const literal = literalOf(token)
  if (literal !== undefined && typeof literal.value === 'string') {
    return { js: `${use(program, 'containsText')}(${subject},${text(literal.value)})`, kind: 'maybe' }
  }
  if (token.type !== 'regex' || token['predicate'] !== undefined) return undefined
  return {
    js: `${use(program, 'containsPattern')}(${subject},${constant(program, linearTest(token.value))})`,
    kind: 'maybe',
  }
}

function writtenOutOne(program: Program, name: string, argument: Node, context: Context): Code | undefined {
  switch (name) {
    case 'exists':
      return { js: `(${value(program, argument, context)}!==undefined)`, kind: 'truth' }
    case 'not': {
      const code = generate(program, argument, context)
      return code.kind === 'truth'
        ? { js: `!${code.js}`, kind: 'truth' }
        : { js: `${use(program, 'not')}(${code.js})`, kind: 'maybe' }
    }
    case 'boolean':
      return { js: `${use(program, 'toBoolean')}(${value(program, argument, context)})`, kind: 'maybe' }
    case 'lowercase': {
      const js = `${use(program, name)}(${value(program, argument, context)})`
      return { js: remembered(program, argument, js, context), kind: 'single' }
    }
    case 'uppercase':
      return { js: `${use(program, name)}(${value(program, argument, context)})`, kind: 'single' }
    case 'count':
      return { js: `${use(program, 'countOf')}(${value(program, argument, context)})`, kind: 'single' }
    default:
      return undefined
  }
}

/** Rules ask for the same text in lower case again and again: over the root event it is made once. */
function remembered(program: Program, argument: Node, js: string, context: Context): string {
  const steps = nodesOf(argument['steps'])
  const plain = argument.type === 'path' && argument['group'] === undefined && argument['keepSingletonArray'] !== true
  if (
    context.input !== 'input' ||
    !context.object ||
    !plain ||
    !steps.every((step) => step.type === 'name' && step['stages'] === undefined && step['keepArray'] !== true)
  )
    return js
  const key = JSON.stringify(steps.map((step) => step.value))
  let held = program.lowered.get(key)
  if (held === undefined) {
    held = `l${program.names++}`
    program.lowered.set(key, held)
  }
  return `(${held}===${use(program, 'unbound')}?${held}=${js}:${held})`
}

export function generatePartial(program: Program, node: Node, context: Context): Code {
  const procedure = nodeIn(node, 'procedure')
  const args = Array.isArray(node['arguments']) ? node['arguments'] : []
  const given = args.map((argument: unknown) => {
    if (!isNode(argument)) throw new Unsupported('partial application')
    if (argument.type === 'operator' && argument.value === '?') return constant(program, placeholder)
    return value(program, argument, context)
  })
  const token = procedure.type === 'path' ? String(nodesOf(procedure['steps'])[0]?.value) : String(procedure.value)
  const target =
    procedure.type === 'path' ? forgottenDollar(program, procedure, token, context) : value(program, procedure, context)
  return {
    js: `${use(program, 'partial')}(${target.replace(/^named\(/, `${use(program, 'namedPartial')}(`)},[${given.join(',')}])`,
    kind: 'single',
  }
}
