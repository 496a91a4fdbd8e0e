import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseSearch, reader, stringifySearch } from './search-params.ts'

test('what is written is read again', () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.stringMatching(/^[a-z]{1,6}$/),
        fc.oneof(fc.string({ minLength: 1 }), fc.array(fc.string({ minLength: 1 }), { minLength: 2 })),
      ),
      (params) => {
        expect(parseSearch(stringifySearch(params).slice(1))).toEqual({ ...params })
      },
    ),
  )
})

test('a query stays readable in the address', () => {
  expect(stringifySearch({ q: 'user.name: anna', from: 'now-24h', f: ['a: 1', 'not b: 2'], none: undefined })).toBe(
    '?q=user.name:%20anna&from=now-24h&f=a:%201&f=not%20b:%202',
  )
})

test('a reader gives only what it was asked for', () => {
  const read = reader({ tab: 'proof', f: 'one', live: '9', sev: 'high,low,nonsense' })
  expect(read.oneOf('tab', ['raw', 'proof'])).toBe('proof')
  expect(read.list('f')).toEqual(['one'])
  expect(read.oneOf('live', ['5', '15'])).toBeUndefined()
  expect(read.someOf('sev', ['low', 'medium', 'high'])).toEqual(['low', 'high'])
})
