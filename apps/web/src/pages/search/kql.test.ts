import { parseQuery } from '@varde/schema'
import { describe, expect, test } from 'vitest'
import { existsFilter, fieldFilter, invertFilter, switchFilter, wholeQuery, withFilter } from './kql.ts'

describe('fieldFilter', () => {
  test.each([
    { value: 'anna', text: 'user.name: anna' },
    { value: 'anna k', text: 'user.name: "anna k"' },
    { value: 'OR', text: 'user.name: "OR"' },
    { value: 'say "hi"\\', text: 'user.name: "say \\"hi\\"\\\\"' },
    { value: '10.0.0.0/8', text: 'user.name: "10.0.0.0/8"' },
    { value: 4625, text: 'user.name: 4625' },
    { value: '*', text: 'user.name: "*"' },
  ])('$value', ({ value, text }) => {
    expect(fieldFilter('user.name', value)).toBe(text)
    expect(parseQuery(text).ok).toBe(true)
    expect(fieldFilter('user.name', value, true)).toBe(`not ${text}`)
  })
})

test('a filter inverts both ways', () => {
  expect(invertFilter('user.name: anna')).toBe('not user.name: anna')
  expect(invertFilter('not user.name: anna')).toBe('user.name: anna')
  expect(invertFilter('~not user.name: anna')).toBe('~user.name: anna')
  expect(invertFilter(existsFilter('a'))).toBe('not a: *')
})

test('a filter replaces its opposite and itself switched off', () => {
  const off = switchFilter('user.name: anna')
  expect(off).toBe('~user.name: anna')
  expect(withFilter(['a: 1', 'not user.name: anna', off], 'user.name: anna')).toEqual(['a: 1', 'user.name: anna'])
})

test.each([
  { q: '', f: [], whole: '' },
  { q: 'anna or bob', f: [], whole: 'anna or bob' },
  { q: '', f: ['a: 1'], whole: 'a: 1' },
  { q: 'anna or bob', f: ['a: 1'], whole: '(anna or bob) and (a: 1)' },
  { q: 'anna', f: ['~a: 1'], whole: 'anna' },
])('$q with $f is $whole', ({ q, f, whole }) => {
  expect(wholeQuery(q, f)).toBe(whole)
})
