import { expect, test } from 'vitest'
import { colourLine } from './CodeBlock.tsx'

test.each([
  { line: 'severity: high', language: 'yaml' as const, tones: ['key'] },
  { line: '  within: 5m # five minutes', language: 'yaml' as const, tones: ['key', 'number', 'comment'] },
  { line: 'attack: [TA0006/T1110.003]', language: 'yaml' as const, tones: ['key'] },
  { line: 'id: am-03-created-and-made-privileged', language: 'yaml' as const, tones: ['key'] },
  { line: '  when: a.b-3 > 4 and c', language: 'yaml' as const, tones: ['key', 'number', 'word'] },
  { line: '  "count": 3, "ok": true', language: 'json' as const, tones: ['key', 'number', 'key', 'word'] },
])('$line', ({ line, language, tones }) => {
  const pieces = colourLine(line, language)
  expect(pieces.map((piece) => piece.text).join('')).toBe(line)
  expect(pieces.flatMap((piece) => (piece.tone === undefined ? [] : [piece.tone]))).toEqual(tones)
})
