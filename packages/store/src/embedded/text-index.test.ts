// The text index says the same of a line's bytes as of its text, whatever is escaped in it or lies beyond ASCII.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTextIndexBuilder, foldText, unpackTextIndex } from './text-index.ts'

function ofBytes(text: string): Uint8Array {
  const json = Buffer.from(`{"_raw":${JSON.stringify(text)}}\n`)
  const builder = createTextIndexBuilder()
  builder.addJson(json, 8, json.length - 2)
  return builder.finish()
}

function ofText(text: string): Uint8Array {
  const builder = createTextIndexBuilder()
  builder.addText(text)
  return builder.finish()
}

test.each([
  ['plain', 'Failed password for ANNA from 10.0.0.1'],
  ['quotes and backslashes', 'path="C:\\Windows\\System32" \\'],
  ['control characters', 'a\tb\nc\rd\be\ff\u0001g\u001fh\u007fi'],
  ['letters beyond ASCII', 'Åse Ærø ød 😀 logged in'],
  ['letters that fold to ASCII', 'ſervice \u212aelvin \u0130stanbul “quoted”'],
  ['nothing', ''],
])('%s', (_name, text) => {
  expect(ofBytes(text)).toEqual(ofText(text))
  expect(unpackTextIndex(Buffer.from(ofBytes(text)))).toHaveLength(1)
})

test('no other letter folds to ASCII', () => {
  const folding: string[] = []
  for (let code = 128; code < 0x1_0000; code += 1) {
    const letter = String.fromCharCode(code)
    if ([...foldText(letter)].some((one) => one.charCodeAt(0) < 128)) folding.push(letter)
  }
  expect(folding).toEqual(['\u0130', 'ſ', '\u212a'])
})

test('any text', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('"', '\\', '\t', 'ſ', 'word')), {
        maxLength: 8,
      }),
      (parts) => {
        const text = parts.join('')
        expect(ofBytes(text)).toEqual(ofText(text))
      },
    ),
    { numRuns: 300 },
  )
})
