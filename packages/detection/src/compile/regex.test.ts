// The linear form of a regular expression says the same as the expression, and texts stand for those that only spell texts.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkLinear, linearTest, RegexRefused, safePattern } from './regex.ts'
import { requiredTexts } from './regex-texts.ts'
import { textTestOf } from './text-test.ts'

const atom = fc.oneof(
  fc.constantFrom(
    'a',
    'B',
    'k',
    'é',
    'ß',
    '\\\\',
    '\\.',
    '.',
    '\\d',
    '\\w',
    '[a-c]',
    '[^a-c]',
    '[A-K]',
    '\\x5c',
    '\\u212a',
    '\\b',
    'ab',
    '-',
    ' ',
  ),
  fc.constantFrom('(a|b)', '(?:ab|ba)', '(?:a|B|é)', '(k)'),
)
const quantified = fc
  .tuple(atom, fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,3}', '{0,20}', '{17,}', '*?', '+?'))
  .map(([of, times]) => (of === '\\b' ? of : of + times))
const source = fc
  .tuple(
    fc.constantFrom('', '^'),
    fc.array(fc.oneof(quantified, fc.constant('.*')), { minLength: 1, maxLength: 5 }),
    fc.constantFrom('', '$', '|b'),
  )
  .map(([start, parts, end]) => start + parts.join('') + end)
const subject = fc.oneof(
  fc
    .array(
      fc.constantFrom(
        'a',
        'b',
        'A',
        'B',
        'c',
        'k',
        'K',
        '\u212a',
        'é',
        'É',
        'ß',
        'ẞ',
        '1',
        '\\',
        '.',
        ' ',
        '-',
        '\n',
        '\u0130',
      ),
      { maxLength: 25 },
    )
    .map((chars) => chars.join('')),
  fc.string({ maxLength: 10 }),
)

/** Long counts of groups with captures are. */
function isRefused(pattern: RegExp): boolean {
  try {
    checkLinear(pattern)
    return false
  } catch (error) {
    if (error instanceof RegexRefused) return true
    throw error
  }
}

describe('the linear form', () => {
  test.each(['', 'i', 'm', 'im'])('with the flags "%s" matches what the expression matches', (flags) => {
    let compared = 0
    fc.assert(
      fc.property(source, fc.array(subject, { minLength: 5, maxLength: 5 }), (text, subjects) => {
        const original = new RegExp(text, `${flags}g`)
        if (isRefused(original)) return
        compared++
        const linear = safePattern(original)
        const tested = linearTest(original)
        for (const one of subjects) {
          const expected = new RegExp(text, flags).exec(one)
          linear.lastIndex = 0
          const found = linear.exec(one)
          expect(found === null ? null : [found.index, ...found], `${original} on ${JSON.stringify(one)}`).toEqual(
            expected === null ? null : [expected.index, ...expected],
          )
          expect(tested.test(one), `${original} on ${JSON.stringify(one)}`).toBe(expected !== null)
        }
      }),
      { seed: 5, numRuns: 400 },
    )
    expect(compared).toBeGreaterThan(300)
  })

  test.each(['(a+)+$', '(a|aa)+$', '([a-z]+)*1', '(.*a){12}', '(?:a{1,30}){1,30}$', '^(([a-z])+.)+[A-Z]([a-z])+$'])(
    '%s ends soon',
    (text) => {
      for (const flags of ['', 'i']) {
        const from = performance.now()
        linearTest(new RegExp(text, flags)).test(`${'a'.repeat(5_000)}!`)
        expect(performance.now() - from).toBeLessThan(2_000)
      }
    },
  )

  test.each(['(?=a)b', '(?!a)b', '(a)\\1', '(?<n>a)\\k<n>', '((a{900}){900}){900}'])('%s is refused', (text) => {
    expect(() => checkLinear(new RegExp(text))).toThrow(RegexRefused)
  })
})

test.each([
  ['aa|bb|cc|dd|ee|ff|[-–—]s', ['..–s', 'x-s', 'FF', 'ff', '', '–']],
  ['aa|bb|cc|dd|ee|é', ['é', 'e', 'xbb']],
  ['(?:aa|bb|cc|dd|ee|ff|)', ['', 'x', 'é']],
])('%s, as texts, says the same', (text, subjects) => {
  const tested = linearTest(new RegExp(text))
  for (const one of subjects) expect(tested.test(one), one).toBe(new RegExp(text).test(one))
})

describe('required texts', () => {
  test('stand in every text that the expression matches', () => {
    fc.assert(
      fc.property(source, subject, (text, one) => {
        const pattern = new RegExp(text)
        const found = pattern.exec(one)
        if (found === null) return
        for (const clause of requiredTexts(pattern)) {
          const met = clause.some(({ text: required, start, end }) =>
            start ? one.startsWith(required) : end ? one.endsWith(required) : one.includes(required),
          )
          expect(met, `${pattern} on ${JSON.stringify(one)}: ${JSON.stringify(clause)}`).toBe(true)
        }
      }),
      { seed: 6, numRuns: 3_000 },
    )
  })

  test.each([
    ['\\\\cmd\\.exe$', [[{ text: '\\cmd.exe', start: false, end: true }]]],
    [
      '^(?:ab|cd)',
      [
        [
          { text: 'ab', start: true, end: false },
          { text: 'cd', start: true, end: false },
        ],
      ],
    ],
    ['ab.*cd', [[{ text: 'ab', start: false, end: false }], [{ text: 'cd', start: false, end: false }]]],
    [
      '(?:ab.*|cd+)x',
      [
        [
          { text: 'ab', start: false, end: false },
          { text: 'cd', start: false, end: false },
        ],
        [{ text: 'x', start: false, end: false }],
      ],
    ],
    ['a*', []],
  ])('of %s', (text, expected) => {
    expect(requiredTexts(new RegExp(text))).toEqual(expected)
  })
})

describe('a pattern that only spells texts', () => {
  test.each([
    ['^(?:ab|cd)$', true],
    ['(?:\\.exe|\\.dll|\\.com|\\.scr)$', true],
    ['a1|b2|c3|d4|e5|f6|g7', true],
    ['a.*b.*c', true],
    ['a\\d', false],
    ['a+', false],
  ])('%s is tested as texts: %s', (text, isTexts) => {
    expect(textTestOf(new RegExp(text), () => false) !== undefined).toBe(isTexts)
  })
})
