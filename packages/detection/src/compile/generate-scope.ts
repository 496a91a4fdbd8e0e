// Blocks, variables and lambdas to JavaScript: where each name of the expression lives.
import { type Code, constant, fresh, generate, nodeIn, nodesOf, type Program, text, use, value } from './generate.ts'
import { functionNamed } from './generate-call.ts'
import { isNode, type Node } from './parse.ts'
import { bindingsOf, type Context, childScope, type Frame, type Scope } from './scope.ts'

export function block(program: Program, node: Node, context: Context): Code {
  const expressions = nodesOf(node['expressions'])
  const [only] = expressions
  if (only === undefined) return { js: 'undefined', kind: 'single' }
  const scope = childScope(context.scope)
  if (expressions.length === 1 && only.type !== 'bind') {
    const inner = generate(program, only, { ...context, scope })
    if (scope.names.size === 0) return inner.kind === 'any' ? { js: inner.js, kind: 'single' } : inner
  }
  scope.names.clear()
  // Names are declared before the body is generated, so that functions can call themselves and each other.
  declareBinds(program, expressions, scope)
  const frame: Frame = { locals: [] }
  const inner = { ...context, scope, frame }
  const parts = expressions.map((expression) => value(program, expression, inner))
  const last = parts.pop() ?? 'undefined'
  const variables = [...scope.names.values()].map((binding) => `${binding.js}=${use(program, 'unbound')}`)
  const declared = [...variables, ...frame.locals].join(',')
  const statements = parts.map((part) => `${part};`).join('')
  return { js: `(()=>{${declared === '' ? '' : `let ${declared};`}${statements}return ${last}})()`, kind: 'single' }
}

/** Finds the binds that belong to this frame: not those inside blocks and lambdas, which have their own. */
export function declareBinds(program: Program, value: unknown, scope: Scope): void {
  if (Array.isArray(value)) {
    for (const item of value) declareBinds(program, item, scope)
    return
  }
  if (typeof value !== 'object' || value === null || value instanceof RegExp) return
  if (isNode(value)) {
    if (value.type === 'block' || (value.type === 'lambda' && value['thunk'] !== true)) return
    if (value.type === 'bind' && isNode(value['lhs'])) {
      const name = String(value['lhs'].value)
      if (!scope.names.has(name)) scope.names.set(name, { js: fresh(program, 'v'), always: false })
    }
  }
  for (const [member, child] of Object.entries(value))
    if (member !== 'signature' && member !== 'ancestor') declareBinds(program, child, scope)
}

export function variableToBind(program: Program, node: Node, context: Context): string {
  const name = String(nodeIn(node, 'lhs').value)
  const known = context.scope.names.get(name)
  if (known !== undefined) return known.js
  const js = fresh(program, 'v')
  context.scope.names.set(name, { js, always: false })
  return js
}

export function isSettled(program: Program, name: string, context: Context): boolean {
  return bindingsOf(context.scope, name).length === 0 && !program.shadowed.has(name)
}

export function variable(program: Program, name: string, context: Context): string {
  if (name === '') return context.plain ? context.input : `${use(program, 'unwrapped')}(${context.input})`
  const bindings = bindingsOf(context.scope, name)
  let js = bindings.at(-1)?.always === true ? '' : outside(program, name)
  for (const binding of bindings.reverse()) {
    js = binding.always ? binding.js : `(${binding.js}!==${use(program, 'unbound')}?${binding.js}:${js})`
  }
  return js
}

/** What no frame of the expression binds: the root, a built-in function, a helper, or a binding from outside. */
function outside(program: Program, name: string): string {
  if (name === '$') return 'root'
  const settled = program.shadowed.has(name) ? undefined : functionNamed(program, name)
  if (settled !== undefined) {
    program.settled.add(name)
    return constant(program, settled)
  }
  return `${use(program, 'binding')}(bindings,${text(name)})`
}

export function lambda(program: Program, node: Node, context: Context): Code {
  if (node['thunk'] === true) return thunk(program, nodeIn(node, 'body'), context)
  const parameters = nodesOf(node['arguments']).map((parameter) => String(parameter.value))
  const scope = childScope(context.scope)
  const args = fresh(program, 'a')
  const declared = parameters.map((name, index) => {
    const js = fresh(program, 'v')
    // The last of two parameters with one name wins.
    scope.names.set(name, { js, always: true })
    return `${js}=${args}[${index}]`
  })
  const body = nodeIn(node, 'body')
  const before = new Set(scope.names.keys())
  declareBinds(program, body, scope)
  const frame: Frame = { locals: [] }
  const js = value(program, body, { ...context, scope, frame, level: 0 })
  for (const [name, binding] of scope.names)
    if (!before.has(name)) declared.push(`${binding.js}=${use(program, 'unbound')}`)
  const locals = [...declared, ...frame.locals].join(',')
  const signature = node['signature'] === undefined ? 'undefined' : constant(program, node['signature'])
  const run = `(${args})=>{${locals === '' ? '' : `let ${locals};`}return ${js}}`
  return { js: `${use(program, 'lambda')}(${parameters.length},${signature},${run})`, kind: 'single' }
}

/** A call in tail position: handed out of the lambda to be made by the loop that called it. */
function thunk(program: Program, call: Node, context: Context): Code {
  const procedure = value(program, nodeIn(call, 'procedure'), context)
  const args = nodesOf(call['arguments']).map((argument) => value(program, argument, context))
  const token = text(String(nodeIn(call, 'procedure').value))
  return { js: `${use(program, 'tailCall')}(${procedure},[${args.join(',')}],${token})`, kind: 'single' }
}
