import { describe, expect, test } from 'vitest'
import type { AlertNews } from './alert-news.ts'
import { fits, isWithin, type OfficeHours, type Route } from './route.ts'

const alert: AlertNews = {
  id: 'a',
  tenant: 'acme',
  title: 'Spray',
  severity: 'high',
  status: 'open',
  rule: { id: 'au-01', name: 'Spray' },
  entities: { user: [], host: [], ip: [] },
  anchor: 0,
  raisedAt: 0,
  memberCount: 1,
  finality: 'final',
}
const route = (part: Partial<Route>): Route => ({ severity: 'medium', channels: ['ops'], ...part })

describe('a route fits', () => {
  test.each<[string, Partial<Route>, boolean]>([
    ['this severe', { severity: 'high' }, true],
    ['more severe than asked', { severity: 'low' }, true],
    ['less severe than asked', { severity: 'critical' }, false],
    ['its tenant', { tenants: ['acme', 'other'] }, true],
    ['another tenant', { tenants: ['other'] }, false],
    ['its rule', { rules: ['au-01'] }, true],
    ['another rule', { rules: ['au-02'] }, false],
    ['its rule of another tenant', { rules: ['au-01'], tenants: ['other'] }, false],
  ])('%s', (_, part, expected) => {
    expect(fits(route(part), alert)).toBe(expected)
  })
})

describe('hours', () => {
  const office: OfficeHours = { days: [1, 2, 3, 4, 5], from: 8 * 60, to: 16 * 60, zone: 'Europe/Copenhagen' }
  const night: OfficeHours = { days: [5], from: 22 * 60, to: 6 * 60, zone: 'Europe/Copenhagen' }
  test.each<[string, OfficeHours | undefined, string, boolean]>([
    ['none: always', undefined, '2026-11-24T03:00:00Z', true],
    ['a Tuesday at 08:00 in winter', office, '2026-11-24T07:00:00Z', true],
    ['a minute earlier', office, '2026-11-24T06:59:59Z', false],
    ['the end is outside', office, '2026-11-24T15:00:00Z', false],
    ['08:00 in summer is another UTC', office, '2026-07-14T06:00:00Z', true],
    ['a Saturday', office, '2026-11-28T10:00:00Z', false],
    ['Friday night', night, '2026-11-27T22:00:00Z', true],
    ['the Saturday morning of that night', night, '2026-11-28T04:59:00Z', true],
    ['the Friday morning before', night, '2026-11-27T04:00:00Z', false],
    ['Saturday night', night, '2026-11-28T22:00:00Z', false],
  ])('%s', (_, hours, time, expected) => {
    expect(isWithin(hours, Date.parse(time))).toBe(expected)
  })
})
