// Claimed times to UTC: forms, zones, and what is no time.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { epochMs, isoTime, timeOf } from './time.ts'
import { zoneOffsetMs } from './zone.ts'

const arrival = Date.UTC(2026, 10, 18, 12)

test.each([
  ['2026-11-18T09:12:44Z', undefined, '2026-11-18T09:12:44.000Z'],
  ['2026-11-18T09:12:44.123456789Z', undefined, '2026-11-18T09:12:44.123Z'],
  ['2026-11-18 09:12:44,5', undefined, '2026-11-18T09:12:44.500Z'],
  ['2026/11/18 09:12:44', 'Europe/Copenhagen', '2026-11-18T08:12:44.000Z'],
  ['2026-07-18 09:12:44', 'Europe/Copenhagen', '2026-07-18T07:12:44.000Z'],
  ['2026-11-18T09:12:44+0530', undefined, '2026-11-18T03:42:44.000Z'],
  ['2026-11-18T09:12:44-05', undefined, '2026-11-18T14:12:44.000Z'],
  ['18/Nov/2026:09:12:44 +0100', undefined, '2026-11-18T08:12:44.000Z'],
  ['Wed Nov 18 09:12:44 2026', undefined, '2026-11-18T09:12:44.000Z'],
  ['Wed, 18 Nov 2026 09:12:44 GMT', undefined, '2026-11-18T09:12:44.000Z'],
  ['Nov 18 2026 09:12:44 ET', undefined, '2026-11-18T14:12:44.000Z'],
  ['Nov 18 2026 09:12:44 CEST', undefined, '2026-11-18T07:12:44.000Z'],
  ['Nov 18, 2026 9:12:44 PM', undefined, '2026-11-18T21:12:44.000Z'],
  ['11/18/2026 09:12:44', undefined, '2026-11-18T09:12:44.000Z'],
  ['18/11/2026 09:12:44', undefined, '2026-11-18T09:12:44.000Z'],
  ['2026-Nov-18 09:12 PM (UTC+01:00)', undefined, '2026-11-18T20:12:00.000Z'],
  ['2026-11-18T09:12:44--5:00', undefined, '2026-11-18T14:12:44.000Z'],
  ['Nov 18 09:12:44', 'GMT-0200', '2026-11-18T11:12:44.000Z'],
  ['Nov 18 09:12:44', '+02:00', '2026-11-18T07:12:44.000Z'],
  ['2026-13-18T09:12:44Z', undefined, undefined],
  ['2026-11-18T09:61:44Z', undefined, undefined],
  ['hello', undefined, undefined],
  ['', undefined, undefined],
])('%j in %s', (text, zone, expected) => {
  expect(isoTime(timeOf(text, arrival, zone))).toBe(expected)
})

test.each([
  [1795000000, 1795000000000],
  ['1795000000123', 1795000000123],
  [1795000000123456, 1795000000123.456],
  ['1795000000123456789', 1795000000123.4568],
  ['', undefined],
  [-1, undefined],
  ['x', undefined],
])('since 1970: %s', (value, expected) => {
  const ms = epochMs(value)
  if (expected === undefined) expect(ms).toBeUndefined()
  else expect(ms).toBeCloseTo(expected, 2)
})

describe('zones', () => {
  test.each([
    ['Europe/Copenhagen', '2026-03-29T01:30:00Z', 3_600_000],
    ['Europe/Copenhagen', '2026-03-29T03:30:00Z', 7_200_000],
    ['America/New_York', '2026-11-18T00:00:00Z', -18_000_000],
    ['No/Where', '2026-11-18T00:00:00Z', 0],
    ['+0530', '2026-11-18T00:00:00Z', 19_800_000],
    ['-3', '2026-11-18T00:00:00Z', -10_800_000],
  ])('%s at %s', (zone, local, expected) => {
    expect(zoneOffsetMs(zone, Date.parse(local))).toBe(expected)
  })
})

test('any instant, written as ISO, is read back', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }), (date) => {
      const year = date.getUTCFullYear()
      if (year < 100) return
      expect(timeOf(date.toISOString(), arrival)).toBe(date.getTime())
    }),
  )
})
