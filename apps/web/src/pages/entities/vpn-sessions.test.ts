import type { EventRow } from '@varde/api/contract'
import { describe, expect, test } from 'vitest'
import { vpnSessions } from './vpn-sessions.ts'

const event = (time: number, action: string, user: string, ip?: string): EventRow => ({
  id: String(time),
  time,
  arrival: time,
  source: 'vpn1',
  tenant: 'house',
  line: '',
  event: {
    '@timestamp': '',
    event: { action },
    user: { name: user },
    ...(ip === undefined ? {} : { source: { ip } }),
  },
})
const told = (events: EventRow[]) =>
  vpnSessions(events).map(({ user, address, start, end }) => [user, address, start?.time, end?.time])

describe('VPN sessions', () => {
  test.each([
    [
      'a start and its end are one',
      [event(1, 'vpn-connected', 'anna', '192.0.2.1'), event(9, 'vpn-disconnected', 'anna', '192.0.2.1')],
      [['anna', '192.0.2.1', 1, 9]],
    ],
    [
      'two at once are told apart by their addresses',
      [
        event(1, 'tunnel-up', 'anna', '192.0.2.1'),
        event(2, 'tunnel-up', 'anna', '192.0.2.2'),
        event(3, 'tunnel-down', 'anna', '192.0.2.1'),
      ],
      [
        ['anna', '192.0.2.2', 2, undefined],
        ['anna', '192.0.2.1', 1, 3],
      ],
    ],
    [
      'an end without an address ends the newest of its user',
      [event(1, 'client-vpn-connected', 'anna', '192.0.2.1'), event(2, 'client-vpn-disconnected', 'anna')],
      [['anna', '192.0.2.1', 1, 2]],
    ],
    [
      'an end alone is a session whose start was not seen',
      [event(5, 'vpn-disconnected', 'bo', '192.0.2.9')],
      [['bo', '192.0.2.9', undefined, 5]],
    ],
  ])('%s', (_, events, sessions) => {
    expect(told(events)).toEqual(sessions)
  })
})
