// The quick check of a signature gives what jsonata's own gives, or leaves it to it.
import fc from 'fast-check'
import jsonata from 'jsonata'
import { expect, test } from 'vitest'
import { quick, type Signature } from './signature.ts'
import { isObject } from './value.ts'

function signatureOf(definition: string): Signature {
  const ast: unknown = jsonata(`function($a, $b, $c)${definition}{0}`).ast()
  const own = isObject(ast) && isObject(ast['signature']) ? ast['signature'] : {}
  const { validate } = own
  if (typeof validate !== 'function') throw new TypeError(`${definition} has no signature`)
  return { validate: (args, context): unknown[] => Reflect.apply(validate, own, [args, context]) }
}

function answer(signature: Signature, args: readonly unknown[], context: unknown): unknown {
  try {
    return signature.validate(args, context)
  } catch (error) {
    return isObject(error) ? error['code'] : error
  }
}

const definitions = ['<s-:s>', '<s-nn?:s>', '<xx:b>', '<x:b>', '<nn:n>', '<b?s:x>', '<s-(sf):b>', '<a<n>:n>', '<sn+:s>']
const kinds = fc.constantFrom<unknown>(
  'a',
  '',
  1,
  Number.NaN,
  true,
  null,
  undefined,
  [],
  ['a'],
  {},
  { a: 1 },
  () => 0,
  {
    _jsonata_lambda: true,
  },
)

test.each(definitions)('%s', (definition) => {
  const whole = signatureOf(definition)
  const made = quick(whole, definition)
  fc.assert(
    fc.property(fc.array(kinds, { maxLength: 4 }), kinds, (args, context) => {
      expect(answer(made, args, context)).toEqual(answer(whole, args, context))
    }),
    { numRuns: 300 },
  )
})
