// The envelope in all the shapes that devices give it.
import { describe, expect, test } from 'vitest'
import { readSyslog } from './syslog.ts'

const arrival = Date.UTC(2026, 10, 18, 12)
const at = (text: string) => Date.parse(text)

describe('headers', () => {
  test.each([
    [
      'RFC 3164',
      '<34>Oct 11 22:14:15 mymachine su: failed',
      { priority: 34, time: at('2026-10-11T22:14:15Z'), host: 'mymachine', app: 'su' },
      'failed',
    ],
    [
      'a pid',
      '<38>Nov  8 09:12:44 web1 sshd[811]: hello',
      { host: 'web1', app: 'sshd', pid: '811', time: at('2026-11-08T09:12:44Z') },
      'hello',
    ],
    [
      'facility and level before the host',
      '<189>Nov 18 09:12:44 user.info cms1 authp: x',
      { host: 'cms1', app: 'authp', time: at('2026-11-18T09:12:44Z') },
      'x',
    ],
    [
      'no blank before the host',
      '<111>Nov 18 09:12:44broker1 event: x',
      { host: 'broker1', app: 'event', time: at('2026-11-18T09:12:44Z') },
      'x',
    ],
    ['no priority', 'Nov 18 09:12:44 web1 cron[1]: x', { host: 'web1', app: 'cron' }, 'x'],
    [
      'a year after the day',
      'Oct 10 2018 12:34:56 fw1 CiscoASA[999]: %ASA-6-1: x',
      { time: at('2018-10-10T12:34:56Z'), host: 'fw1', app: 'CiscoASA' },
      '%ASA-6-1: x',
    ],
    ['a year after the clock', 'Oct 10 12:34:56 2018 fw1 x: y', { time: at('2018-10-10T12:34:56Z'), host: 'fw1' }, 'y'],
    [
      'no host',
      'Apr 15 2013 09:36:50: %ASA-4-106023: Deny',
      { time: at('2013-04-15T09:36:50Z'), host: undefined },
      '%ASA-4-106023: Deny',
    ],
    [
      'a host that is named like a zone',
      '<30>Nov 18 09:12:44 mt system,info x: y',
      { time: at('2026-11-18T09:12:44Z'), host: 'mt' },
      'system,info x: y',
    ],
    [
      'a zone in small letters',
      'Nov 18 2026 09:12:44 cet: %SYS-5-X: y',
      { time: at('2026-11-18T08:12:44Z') },
      '%SYS-5-X: y',
    ],
    ['host and colon', 'Apr 17 2020 14:08:08 fw-1 : %ASA-6-302016: x', { host: 'fw-1' }, '%ASA-6-302016: x'],
    ['host with colon', 'May  5 17:51:17 dev01: %FTD-6-302013: x', { host: 'dev01' }, '%FTD-6-302013: x'],
    [
      'a zone name',
      'Apr 15 2014 09:34:34 EDT: %ASA-5-1: x',
      { time: at('2014-04-15T13:34:34Z'), zoned: true },
      '%ASA-5-1: x',
    ],
    [
      'a counter',
      '<189>237: Nov 18 09:12:44.123: %SYS-5-CONFIG_I: x',
      { sequence: 237, time: at('2026-11-18T09:12:44.123Z') },
      '%SYS-5-CONFIG_I: x',
    ],
    [
      'host before counter and time',
      '<166>20: gw1: 634: *Nov 18 09:12:44: %SEC-6-X: y',
      { host: 'gw1', time: at('2026-11-18T09:12:44Z') },
      '%SEC-6-X: y',
    ],
    [
      'an ISO time',
      '<30>2026-11-18T09:12:44.5+01:00 host app: x',
      { time: at('2026-11-18T08:12:44.500Z'), host: 'host', app: 'app' },
      'x',
    ],
    [
      'an epoch time',
      '<134>1 1795429696.570141000 mx1 events type=x',
      { time: 1795429696570, host: 'mx1' },
      'events type=x',
    ],
    ['an octet count', '57 <34>Oct 11 22:14:15 mymachine su: failed', { host: 'mymachine' }, 'failed'],
    [
      'no time',
      '<188>date=2020-04-23 time=12:17:48 devname="x"',
      { priority: 188, time: undefined, host: undefined, app: undefined },
      'date=2020-04-23 time=12:17:48 devname="x"',
    ],
    ['only a tag', '<30>dhcpd: DHCPACK', { app: 'dhcpd' }, 'DHCPACK'],
    ['a name with blanks', 'Dec 13 11:35:57 mac Google Chrome[85294]: x', { app: 'Google Chrome', pid: '85294' }, 'x'],
    [
      'a CEF without a tag',
      '<13>Nov 18 09:12:44 fw CEF:0|a|b|c|1|n|3|',
      { host: 'fw', app: undefined },
      'CEF:0|a|b|c|1|n|3|',
    ],
    [
      'a byte order mark',
      '\ufeff<34>Oct 11 22:14:15 mymachine su: failed',
      { priority: 34, host: 'mymachine' },
      'failed',
    ],
    ['an IPv6 host', '<34>Oct 11 22:14:15 2001:db8::1 su: failed', { host: '2001:db8::1' }, 'failed'],
    ['not a header', '2020-01-01,foo,bar', { time: undefined, format: 'none' }, '2020-01-01,foo,bar'],
  ])('%s', (_name, text, expected, message) => {
    const syslog = readSyslog(text, arrival, undefined)
    for (const [key, value] of Object.entries(expected))
      expect({ [key]: Reflect.get(syslog, key) }).toEqual({ [key]: value })
    expect(text.slice(syslog.messageAt)).toBe(message)
  })
})

describe('RFC 5424', () => {
  test('all fields', () => {
    const text =
      '<165>1 2026-11-18T09:12:44.003Z mymachine evntslog 812 ID47 [ex@32473 iut="3" t="a\\"b\\]c"][x@1 y="z"] \ufeffAn application'
    const syslog = readSyslog(text, arrival, undefined)
    expect(syslog).toMatchObject({
      format: 'rfc5424',
      priority: 165,
      host: 'mymachine',
      app: 'evntslog',
      pid: '812',
      messageId: 'ID47',
      data: { 'ex@32473': { iut: '3', t: 'a"b]c' }, 'x@1': { y: 'z' } },
    })
    expect(text.slice(syslog.messageAt)).toBe('An application')
  })

  test('nothing is said with dashes', () => {
    const syslog = readSyslog('<0>1 - - - - - -', arrival, undefined)
    expect(syslog).toMatchObject({ format: 'rfc5424', priority: 0 })
    expect(syslog.host).toBeUndefined()
    expect(syslog.time).toBeUndefined()
  })

  test('a bracket that begins the message stays there', () => {
    const text = '<165>1 2026-11-18T09:12:44Z h a - - [no data here'
    expect(text.slice(readSyslog(text, arrival, undefined).messageAt)).toBe('[no data here')
  })
})

describe('the missing year', () => {
  test.each([
    ['Dec 31 23:59:59 h a: x', Date.UTC(2027, 0, 1, 0, 1), '2026-12-31T23:59:59.000Z'],
    ['Jan  1 00:00:01 h a: x', Date.UTC(2027, 0, 1, 0, 1), '2027-01-01T00:00:01.000Z'],
    ['Nov 18 13:00:00 h a: x', arrival, '2026-11-18T13:00:00.000Z'],
    ['Nov 20 00:00:00 h a: x', arrival, '2025-11-20T00:00:00.000Z'],
  ])('%s', (text, received, expected) => {
    expect(new Date(readSyslog(text, received, undefined).time ?? 0).toISOString()).toBe(expected)
  })
})
