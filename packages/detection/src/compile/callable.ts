// Functions as values: lambdas, built-in functions, regular expressions; how they are called, chained and partially applied.
import { enter, leave, tick } from './budget.ts'
import { failure, failureFrom } from './failure.ts'
import type { Signature } from './signature.ts'
import { isObject } from './value.ts'

/** A function of JSONata is a function of JavaScript with these facts beside it; data can never look like one. */
export interface Callable {
  (args: readonly unknown[], context: unknown): unknown
  readonly jsonata: { arity: number; lambda: boolean; signature: Signature | undefined; name: string | undefined }
}

export function isCallable(value: unknown): value is Callable {
  return typeof value === 'function' && 'jsonata' in value
}

type Facts = Callable['jsonata']

export function callable(
  call: (args: readonly unknown[], context: unknown) => unknown,
  facts: Partial<Facts> & { arity: number },
): Callable {
  return Object.assign(call, { jsonata: { lambda: false, signature: undefined, name: undefined, ...facts } })
}

/** A tail call on its way out of a lambda: the loop in `invoke` makes it, so recursion in tail position needs no stack. */
class TailCall {
  readonly target: unknown
  readonly args: readonly unknown[]
  readonly token: string
  constructor(target: unknown, args: readonly unknown[], token: string) {
    this.target = target
    this.args = args
    this.token = token
  }
}

export function tailCall(target: unknown, args: readonly unknown[], token: string): unknown {
  return new TailCall(target, args, token)
}

/** `levels`: how deep in the tree of its lambda (or of the whole expression) the call stands. */
export function invoke(
  target: unknown,
  args: readonly unknown[],
  context: unknown,
  token: string | undefined,
  levels: number,
): unknown {
  enter(levels)
  let name = token
  try {
    let result = once(target, args, context)
    while (result instanceof TailCall) {
      tick()
      name = result.token
      result = once(result.target, result.args, context)
    }
    leave(levels)
    return result
  } catch (thrown) {
    throw failureFrom(thrown, name)
  }
}

function once(target: unknown, args: readonly unknown[], context: unknown): unknown {
  if (isCallable(target)) {
    const { signature } = target.jsonata
    return target(signature === undefined ? args : signature.validate(args, context), context)
  }
  if (typeof target !== 'function') throw failure('T1006')
  const result: unknown = Reflect.apply(target, context, args)
  if (isObject(result) && 'then' in result) throw failure('V0007')
  return result
}

/** Functions as arguments lose their context: jsonata wraps them in a closure that calls with none. */
export function asArgument(value: unknown): unknown {
  if (typeof value !== 'function') return value
  return callable((args) => invoke(value, args, null, undefined, 1), { arity: arityOf(value) })
}

export function arityOf(value: unknown): number {
  if (isCallable(value)) return value.jsonata.arity
  return typeof value === 'function' ? value.length : 0
}

export function lambda(
  arity: number,
  signature: Signature | undefined,
  run: (args: readonly unknown[]) => unknown,
): Callable {
  return callable((args) => run(args), { arity, signature, lambda: true })
}

/** `lhs ~> rhs` where rhs is no call. */
export function applyTo(value: unknown, target: unknown): unknown {
  if (typeof target !== 'function') throw failure('T2006', '~>')
  if (typeof value === 'function') {
    return callable((args) => invoke(target, [invoke(value, [args[0]], null, undefined, 2)], null, undefined, 1), {
      arity: 1,
      lambda: true,
    })
  }
  return invoke(target, [value], null, undefined, 1)
}

/** Stands for `?` in a partial application. */
export const placeholder: unique symbol = Symbol('?')

export function partial(target: unknown, args: readonly unknown[]): unknown {
  if (typeof target !== 'function') throw failure('T1008')
  const arity = arityOf(target)
  const open = args.slice(0, arity).filter((arg) => arg === placeholder).length
  const call = (given: readonly unknown[]): unknown => {
    let next = 0
    const complete = Array.from({ length: arity }, (_, position) =>
      args[position] === placeholder ? given[next++] : args[position],
    )
    // As in jsonata, a partially applied function checks no signature.
    return isCallable(target) ? target(complete, undefined) : Reflect.apply(target, undefined, complete)
  }
  return callable(call, { arity: open, lambda: true })
}

/** Arguments for the functions that functions take: as many as the function can use. */
export function argumentsFor(target: unknown, value: unknown, second: unknown, third: unknown): unknown[] {
  const arity = arityOf(target)
  if (arity >= 3) return [value, second, third]
  return arity >= 2 ? [value, second] : [value]
}
