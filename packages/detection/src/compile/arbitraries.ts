// Random events and random expressions over them, for the tests that compare the compiler with the interpreter and the index with all rules.
import type { EcsEvent, Json } from '@varde/schema'
import fc from 'fast-check'

const names = ['a', 'b', 'c', 'code', 'user', 'items'] as const
const texts = [
  'x',
  'X',
  'ab',
  'Abc',
  'xyz',
  '4625',
  'cmd.exe',
  'C:\\Windows\\cmd.exe',
  'powershell -enc',
  '',
  'é',
  '\u212aelvin',
  'undefined',
  '10.1.2.3',
  'a b',
]

const scalar: fc.Arbitrary<Json> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...texts) },
  { weight: 3, arbitrary: fc.constantFrom(0, 1, 2, 3, -1, 2.5, 4625) },
  { weight: 1, arbitrary: fc.constantFrom<Json>(true, false, null) },
)

const json = fc.letrec<{ value: Json; object: Record<string, Json> }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    tie('object'),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
  object: fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 4 }),
}))

/** As a parser makes them: no object without a prototype, which no JSON gives. */
export const event: fc.Arbitrary<EcsEvent> = json.object.map((members) =>
  structuredClone({ ...members, '@timestamp': '2026-01-01T00:00:00.000Z' }),
)

const field = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }).map((path) => path.join('.')),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '$',
      '$$',
      '$$.a',
      '*',
      'a.*',
      '**',
      '**.b',
      '$x',
      'a[0]',
      'items[-1].b',
      'a[]',
      'items.b[]',
      'nothing.here',
    ),
  },
)
const literal = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...texts).map((text) => JSON.stringify(text)) },
  { weight: 2, arbitrary: fc.constantFrom('0', '1', '2', '-1', '2.5', '4625') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'true',
      'false',
      'null',
      '[]',
      '{}',
      '["x","ab"]',
      '["x","ab","xyz","4625","Abc","X"]',
      '[1..3]',
      '[1,[2]]',
    ),
  },
)
const regex = fc.constantFrom(
  '/x/',
  '/X/i',
  '/^ab/',
  '/(ab|x)c?$/i',
  '/cmd\\.exe$/i',
  '/\\\\(cmd|powershell)\\.exe/i',
  '/[a-c]+/',
  '/und/',
  '/^(4625|x)$/',
  '/\\d{2,}/',
)

/** Expression texts; most are sensible, none needs the clock. */
export const expression: fc.Arbitrary<string> = fc.letrec<{ any: string; truth: string }>((tie) => {
  const any = tie('any')
  const truth = tie('truth')
  const call1 = fc.constantFrom(
    'lowercase',
    'uppercase',
    'length',
    'count',
    'string',
    'exists',
    'not',
    'boolean',
    'sum',
    'max',
    'keys',
    'distinct',
    'reverse',
    'type',
    'number',
    'trim',
    'sort',
    'spread',
    'merge',
    'abs',
    'norm',
    'sid',
  )
  const lambda = fc
    .tuple(fc.constantFrom('$v', '$v, $i', '$v, $i, $a'), any)
    .map(([parameters, body]) => `function(${parameters}){${body}}`)
  return {
    any: fc.oneof(
      { depthSize: 'small' },
      { weight: 6, arbitrary: field },
      { weight: 3, arbitrary: literal },
      { weight: 3, arbitrary: truth },
      { weight: 2, arbitrary: fc.tuple(call1, any).map(([name, of]) => `$${name}(${of})`) },
      { weight: 2, arbitrary: fc.tuple(field, truth).map(([of, test]) => `${of}[${test}]`) },
      {
        weight: 1,
        arbitrary: fc.tuple(field, any, fc.constantFrom(...names)).map(([of, test, name]) => `${of}[${test}].${name}`),
      },
      { weight: 1, arbitrary: fc.tuple(field, any).map(([of, step]) => `${of}.(${step})`) },
      {
        weight: 1,
        arbitrary: fc
          .tuple(any, fc.constantFrom('+', '-', '*', '/', '%', '&'), any)
          .map(([l, op, r]) => `(${l} ${op} ${r})`),
      },
      {
        weight: 1,
        arbitrary: fc.tuple(truth, any, any).map(([test, then, other]) => `(${test} ? ${then} : ${other})`),
      },
      { weight: 1, arbitrary: fc.tuple(any, any).map(([first, other]) => `(${first} ?: ${other})`) },
      { weight: 1, arbitrary: fc.tuple(any, any).map(([first, other]) => `(${first} ?? ${other})`) },
      { weight: 1, arbitrary: fc.tuple(any, any).map(([bound, then]) => `($x := ${bound}; ${then})`) },
      { weight: 1, arbitrary: fc.tuple(any, any).map(([l, r]) => `[${l}, ${r}]`) },
      { weight: 1, arbitrary: fc.tuple(field, any).map(([key, of]) => `{"k": ${of}, "f": ${key}}`) },
      {
        weight: 1,
        arbitrary: fc.tuple(field, field, any).map(([of, key, value]) => `${of}{$string(${key}): ${value}}`),
      },
      { weight: 1, arbitrary: fc.tuple(field, field).map(([of, by]) => `${of}^(${by})`) },
      {
        weight: 1,
        arbitrary: fc
          .tuple(fc.constantFrom('map', 'filter', 'single'), any, lambda)
          .map(([name, of, body]) => `$${name}(${of}, ${body})`),
      },
      {
        weight: 1,
        arbitrary: fc
          .tuple(
            any,
            fc.constantFrom('$lowercase', '$count', '$string', '$uppercase()', '$contains("x")', '$length'),
            any,
          )
          .map(([of, to]) => `(${of} ~> ${to})`),
      },
      {
        weight: 1,
        arbitrary: fc
          .tuple(any, regex, fc.constantFrom('match', 'split'))
          .map(([of, pattern, name]) => `$${name}(${of}, ${pattern})`),
      },
      { weight: 1, arbitrary: fc.tuple(any, regex).map(([of, pattern]) => `$replace(${of}, ${pattern}, "<$0>")`) },
      { weight: 1, arbitrary: fc.tuple(field, field).map(([of, by]) => `$append(${of}, ${by})`) },
    ),
    truth: fc.oneof(
      { depthSize: 'small' },
      {
        weight: 4,
        arbitrary: fc.tuple(field, fc.constantFrom('=', '!='), literal).map(([of, op, to]) => `${of} ${op} ${to}`),
      },
      {
        weight: 1,
        arbitrary: fc
          .tuple(any, fc.constantFrom('=', '!=', 'in', '<', '>=', '>'), any)
          .map(([l, op, r]) => `(${l} ${op} ${r})`),
      },
      { weight: 2, arbitrary: fc.tuple(field, literal).map(([of, list]) => `${of} in ${list}`) },
      { weight: 1, arbitrary: fc.tuple(literal, field).map(([of, list]) => `${of} in ${list}`) },
      {
        weight: 2,
        arbitrary: fc
          .tuple(field, fc.constantFrom(...texts))
          .map(([of, text]) => `$contains(${of}, ${JSON.stringify(text)})`),
      },
      {
        weight: 2,
        arbitrary: fc
          .tuple(field, fc.constantFrom(...texts))
          .map(([of, text]) => `$contains($lowercase(${of}), ${JSON.stringify(text.toLowerCase())})`),
      },
      { weight: 2, arbitrary: fc.tuple(field, regex).map(([of, pattern]) => `$contains(${of}, ${pattern})`) },
      {
        weight: 1,
        arbitrary: fc.tuple(field, regex).map(([of, pattern]) => `$contains($lowercase(${of}), ${pattern})`),
      },
      { weight: 1, arbitrary: fc.tuple(field, regex).map(([of, pattern]) => `(${of} ~> ${pattern})`) },
      {
        weight: 2,
        arbitrary: fc.tuple(truth, fc.constantFrom('and', 'or'), truth).map(([l, op, r]) => `(${l} ${op} ${r})`),
      },
      { weight: 1, arbitrary: truth.map((test) => `$not(${test})`) },
      { weight: 1, arbitrary: field.map((of) => `$exists(${of})`) },
      {
        weight: 1,
        arbitrary: fc
          .tuple(field, truth, fc.constantFrom('> 0', '>= 1', '= 0', '< 2'))
          .map(([of, test, bound]) => `$count(${of}[${test}]) ${bound}`),
      },
      {
        weight: 1,
        arbitrary: fc.tuple(field, fc.constantFrom('> 0', '<= 2', '>= "b"')).map(([of, bound]) => `${of} ${bound}`),
      },
      { weight: 1, arbitrary: field.map((of) => `$cidr(${of}, "10.0.0.0/8")`) },
    ),
  }
}).any
