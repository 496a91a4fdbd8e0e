import { describe, expect, test } from 'vitest'
import { formatInstant, zoneOffset } from './format.ts'
import { isZone, wallTime } from './offset.ts'

describe('the wall clock of a zone', () => {
  test.each([
    { zone: 'utc', wall: '2026-11-24T08:05:12', utc: '2026-11-24T08:05:12.000Z', offset: 'Z' },
    { zone: 'Europe/Copenhagen', wall: '2026-11-24T08:05:12', utc: '2026-11-24T07:05:12.000Z', offset: '+01:00' },
    { zone: 'Europe/Copenhagen', wall: '2026-07-01T08:00:00', utc: '2026-07-01T06:00:00.000Z', offset: '+02:00' },
    { zone: 'America/St_Johns', wall: '2026-01-02T00:15:00', utc: '2026-01-02T03:45:00.000Z', offset: '-03:30' },
    { zone: 'Asia/Kolkata', wall: '2026-01-02T00:15:00', utc: '2026-01-01T18:45:00.000Z', offset: '+05:30' },
  ])('$zone $wall', ({ zone, wall, utc, offset }) => {
    const time = Date.parse(utc)
    expect(wallTime(wall, zone)).toBe(time)
    expect(formatInstant(time, zone)).toBe(wall.replace('T', ' '))
    expect(zoneOffset(time, zone)).toBe(offset)
  })

  test('a name that is no zone is refused', () => {
    expect(isZone('Nowhere/Town')).toBe(false)
    expect(wallTime('soon', 'utc')).toBeNaN()
  })
})
