// Envelopes of transports: what is inside is parsed as if it had come alone, and what the envelope says is kept.
import { expect, test } from 'vitest'
import { parseRecord } from './parse-record.ts'

const arrival = Date.UTC(2026, 10, 25, 12)
const parse = (record: unknown, dataset?: string) =>
  parseRecord({ raw: Buffer.from(JSON.stringify(record)), arrival, ...(dataset === undefined ? {} : { dataset }) })
const sshd = '<38>1 2026-11-24T10:00:00Z host1 sshd 4711 - - Failed password for eva from 203.0.113.9 port 51000 ssh2'
const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } })

test.each([
  {
    name: 'a line in a HEC event',
    record: { event: sshd, host: 'relay', sourcetype: 'linux_secure', fields: { site: 'aarhus' } },
    want: {
      '@timestamp': '2026-11-24T10:00:00.000Z',
      user: { name: 'eva' },
      source: { ip: '203.0.113.9' },
      splunk: { sourcetype: 'linux_secure' },
      labels: { site: 'aarhus' },
    },
  },
  {
    name: 'an object in a HEC event, with the envelope’s time and host',
    record: { time: '1795565000.250', host: 'web1', source: '/var/log/app.json', event: { message: 'hello', n: 1 } },
    want: {
      '@timestamp': new Date(1_795_565_000_250).toISOString(),
      host: { name: 'web1' },
      message: 'hello',
      splunk: { source: '/var/log/app.json' },
    },
  },
  {
    name: 'a log record of OpenTelemetry',
    record: {
      resource: { attributes: [attribute('service.name', 'shop'), attribute('deployment.ring', 'blue')] },
      scope: { name: 'checkout' },
      logRecord: {
        timeUnixNano: '1795565000250000000',
        severityText: 'WARN',
        body: { stringValue: 'order refused' },
        traceId: '5b8efff798038103d269b633813fc60c',
        attributes: [attribute('user.name', 'eva'), { key: 'order.id', value: { intValue: '9007199254740993' } }],
      },
    },
    want: {
      '@timestamp': new Date(1_795_565_000_250).toISOString(),
      message: 'order refused',
      service: { name: 'shop' },
      user: { name: 'eva' },
      log: { level: 'warn' },
      trace: { id: '5b8efff798038103d269b633813fc60c' },
      otel: {
        scope: { name: 'checkout' },
        resource: { deployment: { ring: 'blue' } },
        attributes: { order: { id: '9007199254740993' } },
      },
    },
  },
  {
    name: 'a syslog line as the body of a log record',
    record: { resource: {}, logRecord: { body: { stringValue: sshd } } },
    want: { user: { name: 'eva' }, '@timestamp': '2026-11-24T10:00:00.000Z' },
  },
  {
    name: 'a body of members',
    record: {
      resource: {},
      logRecord: { body: { kvlistValue: { values: [attribute('message', 'from members')] } } },
    },
    want: { message: 'from members' },
  },
])('$name', ({ record, want }) => {
  expect(parse(record)).toMatchObject({ ok: true, event: want })
})

test('what no field explains is told of the whole record’s bytes', () => {
  const record = { sourcetype: 'x', event: 'no parser knows this sentence' }
  const parsed = parse(record)
  const text = JSON.stringify(record)
  const at = text.indexOf(record.event)
  expect(parsed).toMatchObject({ ok: true, unexplained: [{ from: at, to: at + record.event.length }] })
})

test.each([
  { name: 'an ECS document', record: { '@timestamp': '2026-11-24T10:00:00Z', event: { action: 'a' } } },
  { name: 'an ECS document with little in it', record: { event: { action: 'a' }, host: { name: 'h' } } },
  { name: 'another program’s object', record: { event: 'login', user: 'eva' } },
  { name: 'an event alone', record: { event: { action: 'a' } } },
])('$name is no envelope', ({ record }) => {
  const parsed = parse(record)
  expect(parsed.ok ? parsed.event['splunk'] : parsed).toBeUndefined()
  expect(parsed.ok ? JSON.stringify(parsed.event) : '').toMatch(/"action":"a"|"event":"login"/)
})

test('an envelope with nothing in it is a dead letter', () => {
  expect(parse({ event: '  ', host: 'a' })).toMatchObject({ ok: false, reason: 'empty' })
})
