// What a function checks of its arguments. jsonata does it by a regular expression over the kinds of all of them; most calls need less.

/** Checks and completes arguments: jsonata's own, from its parser. */
export interface Signature {
  validate(args: readonly unknown[], context: unknown): readonly unknown[]
}

/** Parameters of one kind each, given or not: no lists, functions, choices, repetitions. */
const plain = /^<((?:[snbx][-?]?)+)(?::[^>]*)?>$/

/** The same answers: a call that gives every parameter, each of its kind or missing, gets its arguments back at once. */
export function quick(signature: Signature, definition: string): Signature {
  const kinds = plain.exec(definition)?.[1]?.replaceAll(/[-?]/g, '')
  if (kinds === undefined) return signature
  return {
    validate: (args, context) => (areOfKinds(args, kinds) ? args : signature.validate(args, context)),
  }
}

function areOfKinds(args: readonly unknown[], kinds: string): boolean {
  if (args.length !== kinds.length) return false
  for (let at = 0; at < args.length; at += 1) if (!isOfKind(args[at], kinds[at])) return false
  return true
}

function isOfKind(value: unknown, kind: string | undefined): boolean {
  switch (typeof value) {
    case 'undefined':
      return true
    case 'string':
      return kind === 's' || kind === 'x'
    case 'number':
      return kind === 'n' || kind === 'x'
    case 'boolean':
      return kind === 'b' || kind === 'x'
    case 'object':
      // Whether another object is a function only jsonata can tell.
      return kind === 'x' && (value === null || Array.isArray(value))
    default:
      return false
  }
}
