import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sentence } from './sentence.ts'

describe('sentence', () => {
  test.each([
    {
      name: 'holes between literals',
      pattern: 'Deny {t} src {s} dst {d} by',
      text: 'Deny tcp src a:1 dst b:2 by x',
      holes: ['tcp', 'a:1', 'b:2'],
    },
    { name: 'a last hole takes the rest', pattern: 'reason: {r}', text: 'reason: a, b', holes: ['a, b'] },
    { name: 'an empty hole', pattern: 'user "{u}"', text: 'user ""', holes: [''] },
    { name: 'a missing literal', pattern: 'a {x} b', text: 'a 1 c', holes: undefined },
    { name: 'another beginning', pattern: 'a {x}', text: 'b 1', holes: undefined },
    { name: 'no holes', pattern: 'exact', text: 'exactly', holes: [] },
  ])('$name', ({ pattern, text, holes }) => expect(sentence(pattern).match(text)).toEqual(holes))

  test('what is put into the holes comes out, unless it holds the next literal', () => {
    const word = fc.string({ minLength: 0, maxLength: 20 }).filter((text) => !text.includes('|'))
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(sentence('<{a}|{b}|').match(`<${a}|${b}|rest`)).toEqual([a, b])
      }),
    )
  })

  test('a pattern with an open brace is refused', () => expect(() => sentence('a {b')).toThrow('closing brace'))
})
