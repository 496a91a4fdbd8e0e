// Rules that want to hang or crash the process, or to reach out of it: each gets a value, an error or a refusal, soon.
import { describe, expect, test } from 'vitest'
import { compileExpression } from './compile-expression.ts'
import { ExpressionError } from './expression.ts'

const long = 'a'.repeat(50_000)
const event: unknown = JSON.parse(
  JSON.stringify({
    '@timestamp': '2026-01-01T00:00:00.000Z',
    text: `${long}!`,
    user: { name: 'anna' },
    items: Array.from({ length: 200 }, (_, n) => ({ n, deep: { of: [n, [n, [n]]] } })),
  }),
)

/** Far above what the limits allow on a busy machine, far below a hang. */
const soonMs = 8_000

type Outcome = { kind: 'value'; value: unknown } | { kind: 'error' | 'refused'; code: string }

async function outcomeOf(source: string, input: unknown = event): Promise<Outcome> {
  const compiled = compileExpression(source)
  if (!compiled.ok) return { kind: 'refused', code: compiled.error.code }
  try {
    return { kind: 'value', value: await compiled.expression.evaluate(input) }
  } catch (error) {
    if (error instanceof ExpressionError) return { kind: 'error', code: error.code }
    throw error
  }
}

const stopped: readonly (readonly [name: string, source: string])[] = [
  ['recursion', '($f := function($n){$f($n + 1) + 1}; $f(1))'],
  ['endless tail recursion', '($f := function($n){$f($n + 1)}; $f(1))'],
  ['two functions that call each other', '($f := function(){$g()}; $g := function(){$f()}; $f())'],
  ['a text that doubles', '$reduce([1..60], function($a, $b){$a & $a}, "x")'],
  ['padding', '$pad("x", 1000000000)'],
  ['padding to the left', '$pad("x", -1000000000000, "ab")'],
  ['a long range', '[1..9000000]'],
  ['a range in a range', '$map([1..50000], function($a){$map([1..50000], function($b){$a * $b})})'],
  ['appending without end', '$reduce([1..60], function($a, $b){$append($a, $a)}, [1, 2])'],
  ['a small value with an endless text', '$string($reduce([1..60], function($a, $b){[[$a], [$a]]}, 1))'],
  [
    'equality of such values',
    '($v := $reduce([1..60], function($a, $b){[[$a], [$a]]}, 1); $w := $reduce([1..60], function($a, $b){[[$a], [$a]]}, 1); $v = $w)',
  ],
  ['predicates in predicates', 'items[$$.items[$$.items[$$.items[n > 1].n > 1].n > 1].n > 1]'],
  ['sorting with a slow comparison', '$sort([1..50000], function($a, $b){$count(items[n > $a]) > $b})'],
  ['joining', '$join($map([1..50000], function($v){$$.text}), $$.text)'],
  ['replacing with more', '$replace($$.text, "a", $$.text)'],
  ['a pattern of the empty text', '$match(text, /b*/)'],
  ['a picture with many parts', `$toMillis("${'1'.repeat(60)}x", "${'[Y]'.repeat(30)}")`],
  ['the interpreter: recursion', '(items#$i; $f := function($n){$f($n + 1) + 1}; $f(1))'],
  ['the interpreter: endless tail recursion', '(items#$i; $f := function($n){$f($n + 1)}; $f(1))'],
  [
    'the interpreter: loops in loops',
    '(items#$i; $map([1..50000], function($a){$map([1..50000], function($b){$a * $b})}))',
  ],
  ['the interpreter: padding', '(items#$i; $pad("x", 1000000000))'],
]

const finished: readonly (readonly [name: string, source: string, value: unknown])[] = [
  ['nested quantifiers', '$contains(text, /(a+)+$/)', false],
  ['nested quantifiers without case', '$contains(text, /(A+)+$/i)', false],
  ['nested quantifiers with counts', '$contains(text, /(a{1,30}){1,30}$/)', undefined],
  ['alternatives that overlap', '$contains(text, /^(a|aa)+$/)', false],
  ['many runs', '$contains(text, /.*.*.*.*.*b/)', false],
  ['many words', '$contains(text, /(\\w+\\s?)*\\$/)', false],
  ['the interpreter: nested quantifiers', '(items#$i; $contains(text, /(a+)+$/))', false],
  ['descendants of descendants', '**.**.**.**.**', undefined],
  [
    'a thousand alternatives',
    `user.name = "anna" and (${Array.from({ length: 1_000 }, (_, n) => `user.name = "u${n}"`).join(' or ')} or true)`,
    true,
  ],
  ['a power out of range', '$string($power(2, 10))', '1024'],
]

const refusals: readonly (readonly [name: string, source: string, code: string])[] = [
  ['lookahead', '$contains(text, /(?=a)b/)', 'V0005'],
  ['more alternatives than the parser takes', Array.from({ length: 30_000 }, () => 'a = 1').join(' or '), 'V0003'],
  ['a backreference', '$contains(text, /(a+)\\1/)', 'V0005'],
  ['counts of counts', '$contains(text, /((a{1,900}){1,900}){1,900}/)', 'V0005'],
  ['the clock', '$millis() > 0', 'V0006'],
  ['the clock as a value', '($f := $now; $f())', 'V0006'],
  ['chance', '$random() > 0.5', 'V0006'],
  ['text that is evaluated', '$eval("$now()")', 'V0006'],
]

const outside: readonly (readonly [name: string, source: string])[] = [
  ['the prototype', 'user.__proto__'],
  ['the constructor', 'user.constructor'],
  ['the constructor of a text', 'user.name.constructor.constructor("return process")()'],
  ['the prototype by look-up', '$lookup(user, "__proto__")'],
  ['an inherited method', 'user.toString'],
  ['a method of arrays', 'items.push'],
  ['the length of an array', 'items.length'],
  ['a global', 'process'],
  ['the code around it', 'root'],
  ['a constant of it', 'k0'],
]

describe('a hostile rule', () => {
  test.each(stopped)(
    'is stopped: %s',
    async (_name, source) => {
      const from = performance.now()
      expect((await outcomeOf(source)).kind).not.toBe('value')
      expect(performance.now() - from).toBeLessThan(soonMs)
    },
    30_000,
  )

  test.each(finished)(
    'finishes: %s',
    async (_name, source, value) => {
      const from = performance.now()
      const outcome = await outcomeOf(source)
      if (value !== undefined) expect(outcome).toEqual({ kind: 'value', value })
      expect(performance.now() - from).toBeLessThan(soonMs)
    },
    30_000,
  )

  test.each(refusals)('is refused: %s', async (_name, source, code) => {
    expect(await outcomeOf(source)).toEqual({ kind: 'refused', code })
  })

  test.each(outside)('sees nothing of %s', async (_name, source) => {
    const outcome = await outcomeOf(source)
    expect(outcome.kind === 'value' ? outcome.value : undefined).toBeUndefined()
  })

  test('pollutes no prototype', async () => {
    for (const source of [
      '$ ~> |user|{"__proto__": {"polluted": true}}|',
      '$merge([{"__proto__": {"polluted": true}}, {"constructor": {"polluted": true}}])',
      '{"__proto__": {"polluted": true}}',
      'items{"__proto__": n}',
    ]) {
      await outcomeOf(source)
      expect(Reflect.get({}, 'polluted')).toBeUndefined()
    }
  })

  test('cannot write code through its texts', async () => {
    const quotes = ['"', "'", '`', '\\', `$\{1}`, '\u2028', '*/', '//', '});process.exit(1);({']
    for (const quote of quotes) {
      const name = quote.replaceAll('`', '')
      const source = `${JSON.stringify(quote)} = $lookup({${JSON.stringify(quote)}: ${JSON.stringify(quote)}}, ${JSON.stringify(quote)}) and $exists(user.\`${name}\`) = false`
      expect(await outcomeOf(source), quote).toEqual({ kind: 'value', value: true })
    }
  })

  test('with ten thousand parentheses is refused or understood', async () => {
    const outcome = await outcomeOf(`${'('.repeat(10_000)}1${')'.repeat(10_000)}`)
    expect(['refused', 'value', 'error']).toContain(outcome.kind)
  })
})

describe('a hostile event', () => {
  test('that is nested without end ends the evaluation, not the process', async () => {
    let deep: unknown = 'x'
    for (let level = 0; level < 100_000; level++) deep = { a: deep }
    for (const source of ['**.b', '$string($)', '$ = $', '$count(**) > 1', '$keys($) = "a"']) {
      const outcome = await outcomeOf(source, deep)
      expect(['value', 'error']).toContain(outcome.kind)
    }
  })

  test('cannot hide from a rule behind the names that mark functions and arrays', async () => {
    const hidden: unknown = JSON.parse(
      '{"_jsonata_lambda": true, "_jsonata_function": true, "outerWrapper": true, "sequence": true, "__proto__": {"a": 2}, "a": 1}',
    )
    expect(await outcomeOf('a = 1 and $.a = 1 and $$.a = 1 and $exists($lookup($, "a"))', hidden)).toEqual({
      kind: 'value',
      value: true,
    })
  })
})
