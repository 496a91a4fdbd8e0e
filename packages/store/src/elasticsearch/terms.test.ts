// What needs no cluster: terms that sort as their values, names of indices, alarms, and which texts need a script.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { textClause } from './compile-text.ts'
import { alarmsOf } from './guard.ts'
import { namesOf } from './names.ts'
import { nativeFields } from './native-fields.ts'
import { createScripts } from './scripts.ts'
import { addressText, escapePath, isPlainAddress, numberText, readNumber } from './tokens.ts'

const number = fc.double({ noNaN: true, noDefaultInfinity: true })

describe('tokens', () => {
  test('numbers sort as their digits do, and come back', () => {
    fc.assert(
      fc.property(number, number, (a, b) => {
        expect(readNumber(numberText(a))).toBe(a + 0)
        expect(Math.sign(a - b)).toBe(numberText(a) < numberText(b) ? -1 : numberText(a) > numberText(b) ? 1 : 0)
      }),
    )
  })

  test.each([
    ['10.0.0.5', '40a000005', true],
    ['255.255.255.255', '4ffffffff', true],
    ['10.0.0', undefined, false],
    ['10.0.0.256', undefined, false],
    ['010.0.0.1', undefined, false],
    ['10.0.0.5.', undefined, false],
    ['::1', `6${'0'.repeat(31)}1`, true],
    ['2001:DB8::1', '620010db8000000000000000000000001', false],
    ['2001:db8:0:0:0:0:0:1', '620010db8000000000000000000000001', false],
    ['2001:db8::1', '620010db8000000000000000000000001', true],
    ['::ffff:10.0.0.1', undefined, false],
    ['fe80::1%eth0', undefined, false],
    ['unknown', undefined, false],
  ])('the address %s', (text, digits, isPlain) => {
    expect(addressText(text)).toBe(digits)
    expect(isPlainAddress(text)).toBe(isPlain)
  })

  test('no path looks like the beginning of another with its mark', () => {
    const paths = ['a', 'a=b', 'a#', 'a\\', 'a\\=b', 'a?', 'a@', 'a~']
    const heads = paths.flatMap((path) => ['=', '#', '?', '@', '~'].map((mark) => `${escapePath(path)}${mark}`))
    for (const one of heads) expect(heads.filter((other) => other.startsWith(one))).toEqual([one])
  })
})

describe('names', () => {
  const names = namesOf('varde')

  test('class, tenant and UTC day of arrival make the index, and can be read back', () => {
    const last = names.eventIndex('default', 'house', Date.UTC(2026, 10, 20) - 1)
    expect(last).toBe('varde-events.default.house.20261119')
    expect(names.eventIndex('default', 'house', Date.UTC(2026, 10, 20))).toBe('varde-events.default.house.20261120')
    expect(names.readEventIndex(last)).toEqual({
      retention: 'default',
      tenantSlug: 'house',
      day: Date.UTC(2026, 10, 19),
    })
    expect(names.readEventIndex('varde-senders')).toBeUndefined()
    expect(names.readEventIndex('varde-events.default.house.x')).toBeUndefined()
  })

  test('no two of class and tenant share an index, and any tenant has a name that an index can bear', () => {
    const pairs = [
      ['a-b', 'c'],
      ['a', 'b-c'],
      ['a', 'B-C'],
      ['a', 'b c'],
      ['a', 'b.c'],
      ['a', 'æøå'],
      ['a', 'æøæ'],
      ['a', ''],
      ['a', 'x'.repeat(300)],
    ]
    const found = pairs.map(([retention = '', tenant = '']) => names.eventIndex(retention, tenant, 0))
    expect(new Set(found).size).toBe(pairs.length)
    for (const index of found) expect(index).toMatch(/^[a-z0-9._~-]{1,255}$/)
  })
})

test('the typed fields are those of ECS that our sources write', () => {
  expect(nativeFields.size).toBeGreaterThan(600)
  expect(nativeFields.size).toBeLessThan(900)
  const wanted = {
    'source.ip': 'ip',
    'source.port': 'long',
    'user.name': 'keyword',
    'event.created': 'date',
    message: 'keyword',
  }
  for (const [field, type] of Object.entries(wanted)) expect(nativeFields.get(field)).toBe(type)
})

test.each([
  [{ used: 799, max: 1_000 }, 0.79, 0],
  [{ used: 800, max: 1_000 }, 0.5, 1],
  [{ used: 10, max: 1_000 }, 0.8, 1],
  [{ used: 990, max: 1_000 }, 0.96, 2],
])('%o shards and a disk at %f raise %i alarms', (shards, usedShare, alarms) => {
  expect(alarmsOf(shards, [{ node: 'n1', usedShare, freeBytes: 1 }])).toHaveLength(alarms)
})

describe('texts that a phrase or a term decides need no script', () => {
  const scriptsFor = (value: Parameters<typeof textClause>[0]) => {
    const scripts = createScripts()
    textClause(value, scripts)
    return Object.keys(scripts.mappings()).length
  }
  test.each(['anna', '10.0.0.5', 'DOM\\anna', 'Failed password for', '%', ''])('%j', (text) => {
    expect(scriptsFor({ kind: 'phrase', text })).toBe(0)
  })
  test.each(['fail*', '*word', '*ass*', '*'])('%j', (pattern) => {
    expect(scriptsFor({ kind: 'wildcard', pattern })).toBe(0)
  })
  test.each(['p*d', '10.*', '*bs*nt'])('but %j does', (pattern) => {
    expect(scriptsFor({ kind: 'wildcard', pattern })).toBe(1)
  })
  test.each([' for anna', 'user=', 'x'.repeat(2_000)])('and so does %j', (text) => {
    expect(scriptsFor({ kind: 'phrase', text })).toBe(1)
  })
})
