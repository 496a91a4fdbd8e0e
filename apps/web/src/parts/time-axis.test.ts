import fc from 'fast-check'
import { expect, test } from 'vitest'
import { axisTimes } from './time-axis.ts'

const start = Date.UTC(2026, 10, 24)

test.each([
  { name: 'a minute', ms: 60_000, first: '00:00:15' },
  { name: 'a day', ms: 86_400_000, first: '03:00' },
  { name: 'a month', ms: 30 * 86_400_000, first: '11-26' },
  { name: 'thirty years', ms: 30 * 365 * 86_400_000, first: '2029-10' },
])('$name is labelled with what it needs', ({ ms, first }) => {
  expect(axisTimes(start, start + ms, 'utc', 900)[0]?.label).toBe(first)
})

test('labels never touch, whatever the range and width', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1_000, max: 100 * 366 * 86_400_000 }),
      fc.integer({ min: 100, max: 3_000 }),
      (ms, width) => {
        const places = axisTimes(start, start + ms, 'utc', width).map(({ time }) => ((time - start) / ms) * width)
        for (const [index, place] of places.entries()) expect(place - (places[index - 1] ?? -100)).toBeGreaterThan(60)
      },
    ),
  )
})
