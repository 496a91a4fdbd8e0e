// Where a variable of the expression lives in the generated code: JSONata's frames, settled before anything runs.

export interface Scope {
  readonly parent: Scope | undefined
  /** JSONata name → JavaScript name. */
  readonly names: Map<string, { js: string; always: boolean }>
}

/** One JavaScript function in the making: its local names. */
export interface Frame {
  readonly locals: string[]
}

/** What an expression is generated for. */
export interface Context {
  /** JavaScript name of the context value. */
  readonly input: string
  /** The context value is data of the event: no sequence can hide inside it. */
  readonly plain: boolean
  /** The context value is known to be an object and no array. */
  readonly object: boolean
  readonly scope: Scope
  readonly frame: Frame
  /** How deep below the lambda (or the whole expression) the node stands, as the interpreter counts. */
  readonly level: number
}

export function childScope(parent: Scope | undefined): Scope {
  return { parent, names: new Map() }
}

/** Innermost first: every frame that may bind the name. */
export function bindingsOf(scope: Scope, name: string): { js: string; always: boolean }[] {
  const found: { js: string; always: boolean }[] = []
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
    const binding = at.names.get(name)
    if (binding === undefined) continue
    found.push(binding)
    if (binding.always) break
  }
  return found
}

export function deeper(context: Context, levels = 1): Context {
  return { ...context, level: context.level + levels }
}
