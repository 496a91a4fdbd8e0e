import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadConfig } from './config.ts'
import { isVardeError } from './errors.ts'

function withFile(text: string) {
  const file = join(mkdtempSync(join(tmpdir(), 'varde-config-')), 'varde.yaml')
  writeFileSync(file, text)
  return file
}

function messageOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    return isVardeError(error) ? `${error.code}: ${error.message}` : String(error)
  }
  return 'no error'
}

describe('loadConfig', () => {
  test('nothing given: loopback only', () => {
    const config = loadConfig()
    expect(config.http).toEqual({ host: '127.0.0.1', port: 7180, trustedProxies: [] })
    expect(config.listeners.every((listener) => listener.host === '127.0.0.1')).toBe(true)
    expect(config.lateness).toBe(300_000)
  })

  test('file, then environment, then command line', () => {
    const file = withFile('http: { port: 1001 }\nlateness: 2m\n')
    expect(loadConfig({ file }).http.port).toBe(1001)
    expect(loadConfig({ file }).lateness).toBe(120_000)
    expect(loadConfig({ file, environment: { VARDE_CONFIG_HTTP__PORT: '1002' } }).http.port).toBe(1002)
    expect(
      loadConfig({ file, environment: { VARDE_CONFIG_HTTP__PORT: '1002' }, override: { http: { port: 1003 } } }).http
        .port,
    ).toBe(1003)
  })

  test('all errors at once, with their lines', () => {
    const file = withFile('http:\n  port: much\nlateness: soon\nsources:\n  - { id: A B, match: {} }\ncolour: blue\n')
    const message = messageOf(() => loadConfig({ file }))
    expect(message).toContain('CONFIG_INVALID')
    expect(message).toContain('4 error(s)')
    for (const part of [`${file}:2: http.port`, `${file}:3: lateness`, 'sources.0.id', 'colour'])
      expect(message).toContain(part)
  })

  test.each([
    { name: 'an open address without TLS', text: 'http: { host: 0.0.0.0 }', part: 'is not loopback' },
    { name: 'a certificate without its key', text: 'http: { certificate: a.pem }', part: 'go together' },
    {
      name: 'TLS syslog without a certificate',
      text: 'listeners: [{ kind: syslog-tls, port: 6514 }]',
      part: 'needs certificate and key',
    },
    { name: 'kafka without brokers', text: 'bus: kafka', part: 'needs kafka.brokers' },
    { name: 'one role without a cluster', text: 'roles: [api]', part: 'need bus: kafka and store: elasticsearch' },
    { name: 'elasticsearch without nodes', text: 'store: elasticsearch', part: 'needs elasticsearch.nodes' },
    { name: 'a node that is no URL', text: 'elasticsearch: { nodes: ["es:9200"] }', part: 'https://host:9200' },
    {
      name: 'a user without a password',
      text: 'elasticsearch: { nodes: ["https://es:9200"], username: varde }',
      part: 'go together',
    },
    { name: 'a broker without its port', text: 'kafka: { brokers: [kafka] }', part: 'host:port' },
    {
      name: 'more copies in sync than there are',
      text: 'kafka: { brokers: ["k:9092"], replicationFactor: 1 }',
      part: '2 copies',
    },
    {
      name: 'a user without a password',
      text: 'kafka: { brokers: ["k:9092"], sasl: { username: varde } }',
      part: 'needs password or passwordFile',
    },
    {
      name: 'two sources of one name',
      text: 'sources: [{ id: a, match: {} }, { id: a, match: {} }]',
      part: 'there twice',
    },
    { name: 'broken YAML', text: 'http: [', part: 'CONFIG_INVALID' },
  ])('$name is refused', ({ text, part }) => {
    expect(messageOf(() => loadConfig({ file: withFile(text) }))).toContain(part)
  })

  test('a named file that is not there', () => {
    expect(messageOf(() => loadConfig({ file: '/nonexistent/varde.yaml' }))).toContain('CONFIG_UNREADABLE')
  })
})
