import { describe, expect, test } from 'vitest'
import { createSources, plainAddress, type SourceRule } from './sources.ts'
import { syslogHostname } from './syslog-hostname.ts'
import { kernelDrops } from './syslog-udp.ts'

const rules: SourceRule[] = [
  {
    match: { peer: ['192.0.2.0/24', '2001:db8::/32'], hostname: ['fw1'] },
    source: 'firewall-1',
    dataset: 'cisco_asa.log',
    timeZone: 'Europe/Copenhagen',
    latenessMs: 600_000,
  },
  { match: { peer: ['192.0.2.7'] }, source: 'relay', tenant: 'acme', retention: 'long' },
  { match: { listener: ['secure'], certificate: ['db.example'] }, source: 'database' },
]

describe('sources', () => {
  const sources = createSources({ collector: 'c1', rules, discoveredMax: 3 })
  const udp = { listener: 'syslog', transport: 'udp' } as const
  test.each([
    {
      name: 'peer and hostname',
      facts: { ...udp, peer: '192.0.2.9', hostname: 'FW1' },
      want: {
        source: 'firewall-1',
        tenant: 'house',
        dataset: 'cisco_asa.log',
        timeZone: 'Europe/Copenhagen',
        latenessMs: 600_000,
      },
    },
    { name: 'an IPv6 peer', facts: { ...udp, peer: '2001:db8::7', hostname: 'fw1' }, want: { source: 'firewall-1' } },
    {
      name: 'the first that fits',
      facts: { ...udp, peer: '192.0.2.7' },
      want: { source: 'relay', tenant: 'acme', retention: 'long' },
    },
    {
      name: 'a certificate',
      facts: { listener: 'secure', transport: 'tls', peer: '198.51.100.1', certificate: 'db.example' } as const,
      want: { source: 'database' },
    },
    {
      name: 'an unknown peer',
      facts: { ...udp, peer: '192.0.2.1' },
      want: { source: 'udp-192.0.2.1', tenant: 'house', retention: 'standard' },
    },
    {
      name: 'an unknown certificate',
      facts: { listener: 'secure', transport: 'tls', peer: '198.51.100.1', certificate: 'web.example' } as const,
      want: { source: 'tls-web.example' },
    },
  ])('$name', ({ facts, want }) => {
    expect(sources.resolve(facts)).toMatchObject({ ...want, collector: 'c1' })
    expect(sources.resolve(facts)).toBe(sources.resolve(facts))
  })

  test('unknown peers beyond the limit share a source', () => {
    const few = createSources({ collector: 'c1', rules: [], discoveredMax: 2 })
    const names = ['198.51.100.1', '198.51.100.2', '198.51.100.3', '198.51.100.1'].map(
      (peer) => few.resolve({ ...udp, peer }).source,
    )
    expect(names).toEqual(['udp-198.51.100.1', 'udp-198.51.100.2', 'udp-other', 'udp-198.51.100.1'])
    expect(few.discovered()).toBe(2)
  })

  test('an API key names source and tenant; its dataset wins over the one asked for', () => {
    const facts = { listener: 'bulk', transport: 'bulk', dataset: 'asked' } as const
    expect(sources.ofApiKey({ source: 'dc1', tenant: 'acme', dataset: 'system.security' }, facts)).toMatchObject({
      source: 'dc1',
      tenant: 'acme',
      dataset: 'system.security',
    })
    expect(sources.ofApiKey({ source: 'dc1', tenant: 'acme' }, facts)).toMatchObject({ dataset: 'asked' })
  })

  test.each([
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['2001:db8::1', '2001:db8::1'],
  ])('%s is written %s', (given, want) => expect(plainAddress(given)).toBe(want))

  test.each([
    ['<34>Oct 11 22:14:15 mymachine su: x', 'mymachine'],
    ['<34>1 2003-10-11T22:14:15.003Z web.example.com su - ID47 - x', 'web.example.com'],
    ['<166>Jan  5 2026 01:02:03 asa-1 : %ASA-6-1: x', 'asa-1'],
    ['2026-01-01T00:00:00.1+01:00 host app: x', 'host'],
    ['no header at all', undefined],
  ])('the hostname of %s', (raw, want) => expect(syslogHostname(Buffer.from(raw))).toBe(want))

  test('kernel drops are told where the kernel tells them', async () => {
    const { writeFile, mkdtemp, rm } = await import('node:fs/promises')
    const dir = await mkdtemp('/tmp/varde-udp-')
    const table =
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n 1: 0100007F:0202 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 1 2 0 42\n 2: 00000000:0202 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 1 2 0 8\n 3: 00000000:0303 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 1 2 0 7\n'
    await writeFile(`${dir}/udp`, table)
    expect(await kernelDrops(514, [`${dir}/udp`])).toBe(50)
    expect(await kernelDrops(514, ['/nowhere'])).toBeUndefined()
    await rm(dir, { recursive: true })
  })
})
