import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRowCounter } from './count-rows.ts'

test('rows are counted alike however the bytes are cut', () => {
  const cell = fc.constantFrom('a', '"x,""y"""', '"two\r\nlines"', 'æ', '')
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 1 })), fc.integer({ min: 1, max: 9 }), (rows, size) => {
      const bytes = new TextEncoder().encode(
        ['id,a', ...rows.map((row) => row.join(','))].map((row) => `${row}\r\n`).join(''),
      )
      const counter = createRowCounter('csv')
      for (let at = 0; at < bytes.length; at += size) counter.add(bytes.subarray(at, at + size))
      expect(counter.rows()).toBe(rows.length)
    }),
  )
})

test('each line of JSON Lines is a row', () => {
  const counter = createRowCounter('ndjson')
  counter.add(new TextEncoder().encode('{"a":"\\""}\n{"b":1}\n'))
  expect(counter.rows()).toBe(2)
})
