import { describe, expect, test } from 'vitest'
import { lineText } from './line-text.ts'

const event = {
  '@timestamp': '2026-11-24T08:00:00.000Z',
  event: { code: '4625', category: ['authentication'] },
  user: { name: 'anna' },
  winlog: { event_data: { LogonType: '3' } },
  related: { user: ['anna'] },
}

describe('the line of a row', () => {
  test.each([
    ['priority and time go', '<164>Nov 24 08:00:00 fw : denied', 'fw : denied'],
    ['with a year or a single day', '<164>Nov  4 2026 08:00:00 fw : denied', 'fw : denied'],
    ['and the version', '<34>1 2026-11-24T08:00:00.123+01:00 fw app - - - x', 'fw app - - - x'],
    ['and the time of key=value', '<189>date=2026-11-24 time=08:00:00 devname="fg"', 'devname="fg"'],
    ['a line that is only an envelope stays', '<164>', '<164>'],
    ['a plain line stays', 'denied tcp', 'denied tcp'],
    ['XML is its fields', '<Event xmlns="x"><System>', 'code=4625  LogonType=3'],
    ['JSON too', '{"a":1}', 'code=4625  LogonType=3'],
  ])('%s', (_, line, shown) => {
    expect(lineText({ line, event }, ['user.name'])).toBe(shown)
  })

  test('a document without other fields stays as it is', () => {
    expect(lineText({ line: '{"a":1}', event: { '@timestamp': 'x' } }, [])).toBe('{"a":1}')
  })
})
