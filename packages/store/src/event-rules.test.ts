// Times of events: exactly what a Date writes of itself is taken, whatever came before it.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { timeOf } from './event-rules.ts'

const plainly = (text: string): number | undefined => {
  const time = Date.parse(text)
  return !Number.isNaN(time) && text.length === 24 && new Date(time).toISOString() === text ? time : undefined
}

test('any time of a few days, and with a character changed, reads as Date reads it', () => {
  const time = fc
    .integer({ min: 0, max: 4 * 86_400_000 })
    .map((ms) => new Date(Date.UTC(2024, 1, 28) + ms).toISOString())
  const change = fc.record({ at: fc.nat(23), to: fc.constantFrom(...'0123456789 :.-TZ/;é') })
  const changed = fc.tuple(time, change).map(([text, { at, to }]) => text.slice(0, at) + to + text.slice(at + 1))
  fc.assert(
    fc.property(fc.array(fc.oneof(time, changed), { minLength: 1, maxLength: 20 }), (texts) => {
      expect(texts.map(timeOf)).toEqual(texts.map(plainly))
    }),
    { numRuns: 500 },
  )
})
