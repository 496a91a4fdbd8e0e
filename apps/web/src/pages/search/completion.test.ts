import { describe, expect, test } from 'vitest'
import { colourQuery, completionAt, rankFields } from './completion.ts'

describe('completionAt', () => {
  // `|` is the caret.
  const cases: { typed: string; gives: ReturnType<typeof completionAt> }[] = [
    { typed: '|', gives: { kind: 'field', prefix: '', from: 0 } },
    { typed: 'us|', gives: { kind: 'field', prefix: 'us', from: 0 } },
    { typed: 'user.name: |', gives: { kind: 'value', field: 'user.name', prefix: '', from: 11, quoted: false } },
    { typed: 'user.name: an|', gives: { kind: 'value', field: 'user.name', prefix: 'an', from: 11, quoted: false } },
    { typed: 'user.name: "an|', gives: { kind: 'value', field: 'user.name', prefix: 'an', from: 11, quoted: true } },
    {
      typed: 'user.name: "anna k|',
      gives: { kind: 'value', field: 'user.name', prefix: 'anna k', from: 11, quoted: true },
    },
    {
      typed: 'user.name: (anna or b|',
      gives: { kind: 'value', field: 'user.name', prefix: 'b', from: 20, quoted: false },
    },
    { typed: 'user.name: anna |', gives: { kind: 'operator', from: 16 } },
    { typed: 'user.name: anna and so|urce', gives: { kind: 'field', prefix: 'so', from: 20 } },
    { typed: '(host|', gives: { kind: 'field', prefix: 'host', from: 1 } },
    { typed: '"free text|', gives: { kind: 'none' } },
  ]
  test.each(cases)('$typed', ({ typed, gives }) => {
    const caret = typed.indexOf('|')
    expect(completionAt(typed.replace('|', ''), caret)).toEqual(gives)
  })
})

test('fields that begin with the text come before those that only hold it', () => {
  const fields = ['related.user', 'user.name', 'source.user.name', 'host.name'].map((field) => ({ field }))
  expect(rankFields(fields, 'user', 10).map((one) => one.field)).toEqual([
    'user.name',
    'related.user',
    'source.user.name',
  ])
  expect(rankFields(fields, 'nothing', 10)).toEqual([])
})

test.each(['user.name: "anna k" and not source.ip: 10.0.0.0/8', 'a >= 5 or (b: x*)', '"open', ''])(
  'colours lose no character of %s',
  (text) => {
    expect(
      colourQuery(text)
        .map((piece) => piece.text)
        .join(''),
    ).toBe(text)
  },
)
