// The automaton finds what looking for each text finds.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createAutomaton, type Pattern } from './automaton.ts'

const text = fc
  .array(fc.constantFrom('a', 'b', 'A', 'B', 'c', 'k', 'i', '\u212a', '\u0130', 'é', '\\', '.'), { maxLength: 20 })
  .map((chars) => chars.join(''))
const pattern = fc
  .array(fc.constantFrom('a', 'b', 'c', 'k', 'i', '\\', '.'), { minLength: 1, maxLength: 4 })
  .map((chars) => chars.join(''))

/** The automaton's own folding: ASCII letters, and the two characters whose lower case is one of them. */
function folded(subject: string): string {
  return [...subject]
    .map((char) => (char === '\u212a' ? 'k' : char === '\u0130' ? 'i' : /[A-Z]/.test(char) ? char.toLowerCase() : char))
    .join('')
}

test('every text at its place', () => {
  const anchored = fc.tuple(
    pattern,
    fc.constantFrom<Pattern['anchor']>(
      { kind: 'anywhere' },
      { kind: 'start', before: 0 },
      { kind: 'start', before: 2 },
      { kind: 'end', after: 0 },
      { kind: 'end', after: 1 },
    ),
  )
  let found = 0
  fc.assert(
    fc.property(
      fc.array(anchored, { minLength: 1, maxLength: 12 }),
      fc.array(text, { minLength: 3, maxLength: 3 }),
      (wanted, subjects) => {
        const automaton = createAutomaton(wanted.map(([one, anchor], id) => ({ id, text: one, anchor })))
        for (const subject of subjects) {
          const ids = new Set<number>()
          automaton.run(subject, (id) => ids.add(id))
          const plain = folded(subject)
          const expected = wanted.flatMap(([one, anchor], id) => {
            if (anchor.kind === 'anywhere') return plain.includes(one) ? [id] : []
            if (anchor.kind === 'start') return plain.startsWith(one, anchor.before) ? [id] : []
            return plain.slice(0, plain.length - anchor.after).endsWith(one) &&
              plain.length >= one.length + anchor.after
              ? [id]
              : []
          })
          found += expected.length
          expect([...ids].sort((a, b) => a - b)).toEqual(expected)
        }
      },
    ),
    { seed: 7, numRuns: 2_000 },
  )
  expect(found).toBeGreaterThan(1_000)
})
