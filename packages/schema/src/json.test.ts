// The canonical spelling against RFC 8785's own examples, and against its definition on anything.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson, type Json } from './json.ts'

/** What the RFC says, in the fewest words: the oracle. */
function byDefinition(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(byDefinition).join(',')}]`
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${byDefinition(member)}`).join(',')}}`
}

describe('RFC 8785', () => {
  test('§3.2.2: literals, numbers and escapes', () => {
    const input =
      '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}'
    expect(canonicalJson(JSON.parse(input))).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    )
  })

  test('§3.2.3: members by UTF-16 code units', () => {
    const input = {
      '€': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '😀': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      ö: 'Latin Small Letter O With Diaeresis',
    }
    const values = [...canonicalJson(input).matchAll(/:"([^"]*)"/g)].map((match) => match[1])
    expect(values).toEqual([
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ])
  })

  // Appendix B: IEEE 754 bits → text.
  test.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('Appendix B: %s is %s', (bits, text) => {
    expect(canonicalJson(Buffer.from(bits, 'hex').readDoubleBE())).toBe(text)
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY, [1, [Number.NaN]], { a: { b: Number.NEGATIVE_INFINITY } }])(
    'refuses %j',
    (value) => {
      expect(() => canonicalJson(value)).toThrow(TypeError)
    },
  )
})

describe('orders that an object can’t hold', () => {
  test.each([
    [JSON.parse('{"b":1,"10":2,"9":3}'), '{"10":2,"9":3,"b":1}'],
    [JSON.parse('{"a":{"x":{"2":0,"-1":0,"11":0}}}'), '{"a":{"x":{"-1":0,"11":0,"2":0}}}'],
    [JSON.parse('{"z":1,"__proto__":{"b":1,"a":2}}'), '{"__proto__":{"a":2,"b":1},"z":1}'],
  ])('%j', (value, text) => {
    expect(canonicalJson(value)).toBe(text)
  })
})

test('undefined members are left out, and nothing in the value changes', () => {
  const value = { b: [{ d: 1, c: 2 }], a: undefined }
  const given: unknown = value
  expect(canonicalJson(JSON.parse('{"b":[{"d":1,"c":2}]}'))).toBe('{"b":[{"c":2,"d":1}]}')
  expect(Reflect.apply(canonicalJson, undefined, [given])).toBe('{"b":[{"c":2,"d":1}]}')
  expect(Object.keys(value)).toEqual(['b', 'a'])
})

test('any JSON is spelled as defined, and reads back as itself', () => {
  const anyJson = fc.jsonValue({ maxDepth: 5 })
  fc.assert(
    fc.property(anyJson, (value) => {
      const json: Json = JSON.parse(JSON.stringify(value))
      expect(canonicalJson(json)).toBe(byDefinition(json))
      expect(JSON.parse(canonicalJson(json))).toEqual(json)
    }),
    { numRuns: 500 },
  )
})

test('many members too', () => {
  const value = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`k${(n * 7919) % 300}`, n]))
  expect(canonicalJson(value)).toBe(byDefinition(value))
})
