import { describe, expect, test } from 'vitest'
import { createEnricher } from './enrich.ts'
import { openGeo } from './geo.ts'

const geo = await openGeo()
const enricher = createEnricher(
  {
    zones: [
      { name: 'servers', networks: ['10.1.0.0/16'] },
      { name: 'dmz', networks: ['10.1.9.0/24'] },
      { name: 'public', networks: ['130.225.0.0/24', '2001:db8:5::/48'] },
    ],
    lists: [
      { name: 'admins', of: 'user', values: ['Anna'] },
      { name: 'blocked', of: 'ip', values: ['8.8.8.0/24'] },
    ],
  },
  geo,
)

const cases = [
  {
    name: 'a public source has a country',
    event: { source: { ip: '8.8.8.8' } },
    want: { source: { geo: { country_iso_code: 'US' } }, varde: { lists: ['blocked'] } },
  },
  {
    name: 'inbound',
    event: { source: { ip: '8.8.4.4' }, destination: { ip: '10.1.2.3' } },
    want: { network: { direction: 'inbound' }, varde: { zone: { destination: 'servers' } } },
  },
  {
    name: 'the longest prefix names the zone',
    event: { source: { ip: '10.1.9.3' }, destination: { ip: '10.2.0.1' } },
    want: { network: { direction: 'internal' }, varde: { zone: { source: 'dmz' } } },
  },
  {
    name: 'public addresses of the house are internal',
    event: { source: { ip: '130.225.0.9' }, destination: { ip: '1.1.1.1' } },
    want: { network: { direction: 'outbound' } },
  },
  { name: 'IPv6 zones', event: { source: { ip: '2001:db8:5::1' } }, want: { varde: { zone: { source: 'public' } } } },
  {
    name: 'what the sender said stays',
    event: {
      source: { ip: '8.8.8.8', geo: { country_iso_code: 'XX' } },
      destination: { ip: '10.0.0.1' },
      network: { direction: 'egress' },
    },
    want: { source: { geo: { country_iso_code: 'XX' } }, network: { direction: 'egress' } },
  },
  { name: 'user lists ignore case', event: { user: { name: 'ANNA' } }, want: { varde: { lists: ['admins'] } } },
  {
    name: 'no address at all',
    event: { source: { ip: 'not an address' } },
    want: { source: { ip: 'not an address' } },
  },
]

describe('enrich', () => {
  test.each(cases)('$name', ({ event, want }) => {
    const given = { '@timestamp': '2026-01-01T00:00:00.000Z', ...structuredClone(event) }
    enricher.enrich(given)
    expect(given).toMatchObject(want)
  })

  test('a private address has no country', () => {
    const given: { '@timestamp': string; source: { ip: string } } = {
      '@timestamp': '2026-01-01T00:00:00.000Z',
      source: { ip: '10.9.9.9' },
    }
    enricher.enrich(given)
    expect(given).toEqual({ '@timestamp': '2026-01-01T00:00:00.000Z', source: { ip: '10.9.9.9' } })
  })

  test('a database that is missing is an error with a code', async () => {
    await expect(openGeo({ city: '/nowhere.mmdb' })).rejects.toMatchObject({ code: 'INGEST_GEO' })
  })
})
