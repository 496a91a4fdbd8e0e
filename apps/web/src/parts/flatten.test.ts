import { expect, test } from 'vitest'
import { flatten, showValue, valueAt } from './flatten.ts'

const event = {
  user: { name: 'anna', roles: ['admin', 'ops'] },
  threat: [{ name: 'one', tags: ['x', 'y'] }, { name: 'two' }, 'bare'],
  empty: [],
  none: null,
}

test('objects become paths, arrays of objects the values of each', () => {
  expect([...flatten(event)]).toEqual([
    ['user.name', 'anna'],
    ['user.roles', ['admin', 'ops']],
    ['threat.name', ['one', 'two']],
    ['threat.tags', [['x', 'y']]],
    ['threat', ['bare']],
    ['empty', []],
    ['none', null],
  ])
})

test('a value is found by its path, also through arrays', () => {
  expect(valueAt(event, 'user.name')).toBe('anna')
  expect(valueAt(event, 'threat.name')).toEqual(['one', 'two'])
  expect(valueAt(event, 'user.nothing')).toBeUndefined()
  expect(showValue(valueAt(event, 'user.roles'))).toBe('admin, ops')
})
