import { describe, expect, test } from 'vitest'
import { resolveRange, resolveTime, widen } from './range.ts'

const now = Date.UTC(2026, 10, 24, 12)
const hour = 3_600_000

describe('resolveTime', () => {
  test.each([
    { text: 'now', time: now },
    { text: 'now-15m', time: now - 15 * 60_000 },
    { text: 'now-2w', time: now - 14 * 24 * hour },
    { text: '2026-11-23T12:00:00.000Z', time: now - 24 * hour },
    { text: 'now-5y', time: undefined },
    { text: 'yesterday', time: undefined },
    { text: '5', time: undefined },
  ])('$text', ({ text, time }) => {
    expect(resolveTime(text, now)).toBe(time)
  })
})

test('a range that is none is the last day', () => {
  for (const range of [
    { from: 'nonsense', to: 'now' },
    { from: 'now', to: 'now-1h' },
  ]) {
    expect(resolveRange(range, now)).toEqual({ from: now - 24 * hour, to: now })
  }
})

test('zooming out doubles the range and keeps its middle', () => {
  expect(widen({ from: now - 4 * hour, to: now - 2 * hour }, now)).toEqual({
    from: new Date(now - 5 * hour).toISOString(),
    to: new Date(now - hour).toISOString(),
  })
})
