// key=value, CSV, dissect and XML: the corners of each.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readCsv } from './csv.ts'
import { dissect } from './dissect.ts'
import { readKeyValues } from './key-value.ts'
import { childOf, readXml, unescapeXml } from './xml.ts'

describe('key=value', () => {
  test.each([
    ['a=1 b=two', {}, { a: '1', b: 'two' }],
    ['a="x y" b=\'z\' c=""', {}, { a: 'x y', b: 'z', c: '' }],
    ['a="say \\"hi\\" \\\\ there"', {}, { a: 'say "hi" \\ there' }],
    ['word a=1, other', {}, { a: '1,' }],
    ['a=1,b=2, c=3', { pair: ',' as const }, { a: '1', b: '2', c: '3' }],
    ['a:1|b:2', { pair: '|' as const, equals: ':' as const }, { a: '1', b: '2' }],
    ['msg=hello big world src=10.0.0.1', { spacedValues: true }, { msg: 'hello big world', src: '10.0.0.1' }],
    ['a= b=2', {}, { a: '', b: '2' }],
    ['a="never closed b=2', {}, { a: '"never', b: '2' }],
    ['=x a=1', {}, { a: '1' }],
    ['a=b=c', {}, { a: 'b=c' }],
  ])('%s', (text, options, expected) => {
    const { closed: _closed, ...wanted } = { closed: false, ...expected }
    const got = Object.fromEntries(readKeyValues(text, 0, options))
    expect(got).toMatchObject(wanted)
  })
})

describe('CSV', () => {
  test.each([
    ['a,b,c', ['a', 'b', 'c']],
    ['a,"b,""c""",d', ['a', 'b,"c"', 'd']],
    ['a,,', ['a', '', '']],
    ['"never closed,b', ['never closed,b']],
    ['', ['']],
  ])('%j', (text, expected) => {
    expect(readCsv(text)).toEqual(expected)
  })

  test('what is written by RFC 4180 is read back', () => {
    const quote = (value: string) => `"${value.replaceAll('"', '""')}"`
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 8 }), (columns) => {
        expect(readCsv(columns.map(quote).join(','))).toEqual(columns)
      }),
    )
  })
})

describe('dissect', () => {
  test.each([
    [
      'Teardown <proto> connection <id> for <rest>',
      'Teardown TCP connection 7 for a to b',
      { proto: 'TCP', id: '7', rest: 'a to b' },
    ],
    ['User <_> not allowed', 'User x not allowed', {}],
    ['a <x> b', 'a 1 c', undefined],
    ['plain', 'plain text', {}],
    ['plain', 'other', undefined],
  ])('%s', (pattern, text, expected) => {
    expect(dissect(pattern)(text)).toEqual(expected)
  })
})

describe('XML', () => {
  test('elements, attributes, text, entities, CDATA', () => {
    const root = readXml(
      '<?xml version="1.0"?><!-- c --><e:Event a="1 &lt; 2"><Data Name=\'x\'>a &amp; &#66;</Data><b/><c><![CDATA[<raw>]]></c></e:Event>',
    )
    expect(root).toMatchObject({ name: 'Event', attributes: { a: '1 < 2' } })
    expect(childOf(root, 'Data')).toMatchObject({ attributes: { Name: 'x' }, text: 'a & B' })
    expect(childOf(root, 'c')?.text).toBe('<raw>')
  })

  test.each(['<a><b></a>', '<a', '<a x=1></a>', '<!DOCTYPE a [<!ENTITY x "y">]><a/>', '<a>', 'none'])(
    '%s is refused',
    (text) => {
      expect(readXml(text)).toBeUndefined()
    },
  )

  test('a reference that is none stays as written', () => {
    expect(unescapeXml('&nope; &#xd800; & &lt;')).toBe('&nope; &#xd800; & <')
  })
})
