import fc from 'fast-check'
import { expect, test } from 'vitest'
import { spansOf } from './raw-spans.ts'

const raw = '<38>Nov 23 web1 sshd[102]: Failed password for root from 10.0.0.1 port 22 ssh2'
const event = {
  host: { name: 'web1' },
  process: { name: 'sshd', pid: 102 },
  user: { name: 'root' },
  source: { ip: '10.0.0.1', port: 22 },
  message: 'Failed password for root',
}

test('values are found where they stand, as whole words, and what no field explains is told', () => {
  const at = raw.indexOf('ssh2')
  const spans = spansOf(raw, event, [{ from: at, to: raw.length }])
  expect(spans.filter((span) => span.field !== undefined).map(({ field, text }) => `${field} ${text}`)).toEqual([
    'host.name web1',
    'process.name sshd',
    'process.pid 102',
    'user.name root',
    'source.ip 10.0.0.1',
    'source.port 22',
  ])
  expect(spans.filter((span) => span.unexplained).map(({ text }) => text)).toEqual(['ssh2'])
})

test('the spans joined are the line, whatever the values and the stretches', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '1', ' ', '.', 'æ'), maxLength: 40 })
  fc.assert(
    fc.property(text, fc.array(text, { maxLength: 5 }), fc.nat(20), fc.nat(20), (line, values, from, length) => {
      const spans = spansOf(line, { x: values }, [{ from, to: from + length }])
      expect(spans.map((span) => span.text).join('')).toBe(line)
    }),
  )
})
