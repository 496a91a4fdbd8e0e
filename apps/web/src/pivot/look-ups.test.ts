import { describe, expect, test } from 'vitest'
import { entityOfField } from './entity.ts'
import { fitsField, lookUpsFor } from './look-ups.ts'

describe('a look-up fits', () => {
  test.each([
    ['*.ip', 'source.ip', true],
    ['*.ip', 'source_ip', false],
    ['user.name', 'user.name', true],
    ['user.name', 'user.names', false],
    ['*', 'anything.at.all', true],
    ['win*data.*', 'winlog.event_data.Status', true],
    ['a.b', 'axb', false],
  ])('%s on %s: %s', (pattern, field, fits) => expect(fitsField(pattern, field)).toBe(fits))

  test('and carries the value so that it stays a value', () => {
    const lookUps = [{ name: 'CMDB', fields: ['host.name'], url: 'https://cmdb.example/{value}?q=1' }]
    expect(lookUpsFor(lookUps, 'host.name', 'a/../b?x')).toEqual([
      { name: 'CMDB', url: 'https://cmdb.example/a%2F..%2Fb%3Fx?q=1' },
    ])
    expect(lookUpsFor(lookUps, 'user.name', 'a')).toEqual([])
  })
})

test.each([
  ['user.name', 'user'],
  ['source.user.name', 'user'],
  ['host.name', 'host'],
  ['destination.ip', 'ip'],
  ['related.hosts', 'host'],
  ['event.action', undefined],
  ['network.zip', undefined],
])('%s names a %s', (field, kind) => expect(entityOfField(field)).toBe(kind))
