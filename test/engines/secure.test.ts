// A real broker with TLS, client certificates and SCRAM, on docker/kafka.properties with certificates of docker/make-secrets.sh;
// and what `varde doctor` says of each way to get a connection wrong.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { examineKafka, type KafkaConnectSettings, openKafkaBus } from '@varde/bus/kafka'
import { createLogger } from '@varde/runtime'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Engine, engineMissing, freePort, startKafka } from './engine.ts'

const missing = engineMissing('kafka')
const log = createLogger({ level: 'silent' })
const docker = join(import.meta.dirname, '..', '..', 'docker')
let secrets: string
let broker: Engine
let ports: { mutual: number; scram: number; plain: number }

const pem = (name: string) => readFileSync(join(secrets, name), 'utf8')

beforeAll(async () => {
  if (missing !== undefined) return
  secrets = mkdtempSync(join(tmpdir(), 'varde-secrets-'))
  execFileSync(join(docker, 'make-secrets.sh'), [secrets], { stdio: 'pipe' })
  ports = { mutual: await freePort(), scram: await freePort(), plain: await freePort() }
  // The broker's own lines for TLS; listeners and paths are this test's.
  const shipped = readFileSync(join(docker, 'kafka.properties'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('ssl.'))
    .map((line) => line.replace('/secrets/', `${secrets}/`))
  const listeners = `MUTUAL://127.0.0.1:${ports.mutual},SCRAM://127.0.0.1:${ports.scram},PLAIN://127.0.0.1:${ports.plain}`
  const port = await freePort()
  broker = await startKafka({
    port,
    scram: ['SCRAM-SHA-512=[name=varde,password=right]', 'SCRAM-SHA-256=[name=varde,password=right]'],
    config: [
      ...shipped,
      `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${port + 1},${listeners}`,
      `advertised.listeners=PLAINTEXT://127.0.0.1:${port},${listeners}`,
      'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,MUTUAL:SSL,SCRAM:SASL_SSL,PLAIN:SASL_PLAINTEXT',
      'listener.name.scram.ssl.client.auth=none',
      ...['scram', 'plain'].flatMap((name) => [
        `listener.name.${name}.sasl.enabled.mechanisms=SCRAM-SHA-256,SCRAM-SHA-512`,
        ...['256', '512'].map(
          (bits) =>
            `listener.name.${name}.scram-sha-${bits}.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;`,
        ),
      ]),
    ],
  })
})
afterAll(async () => {
  if (missing !== undefined) return
  await broker?.stop()
  rmSync(secrets, { recursive: true })
})

type Given = () => Partial<KafkaConnectSettings>
const at = (port: number) => [`127.0.0.1:${port}`]
const user = (mechanism: 'scram-sha-256' | 'scram-sha-512', password = 'right') => ({
  mechanism,
  username: 'varde',
  password,
})
const ours = () => ({ ca: pem('ca.pem'), cert: pem('varde.pem'), key: pem('varde-key.pem') })

describe.skipIf(missing !== undefined)(`kafka${missing === undefined ? '' : ` (${missing})`}`, () => {
  const right: { name: string; given: Given }[] = [
    { name: 'TLS with our certificate', given: () => ({ brokers: at(ports.mutual), tls: ours() }) },
    {
      name: 'TLS and SCRAM-SHA-512',
      given: () => ({ brokers: at(ports.scram), tls: { ca: pem('ca.pem') }, sasl: user('scram-sha-512') }),
    },
    {
      name: 'SCRAM-SHA-256 without TLS',
      given: () => ({ brokers: at(ports.plain), sasl: user('scram-sha-256') }),
    },
  ]
  test.each(right)('$name: records go in and out', async ({ given }) => {
    const bus = await openKafkaBus({ brokers: [], clientId: 'test', ...given(), log })
    try {
      await bus.ensureTopic('t', { partitions: 1 })
      const { offsets } = await bus.append('t', 0, [{ value: Buffer.from('kept'), headers: {} }])
      const from = offsets[0] ?? 0
      for await (const { records } of bus.read('t', { partition: 0, from, untilEnd: true }))
        expect(records.map(({ value }) => Buffer.from(value).toString())).toEqual(['kept'])
    } finally {
      await bus.close()
    }
  })

  test.each(right)('$name: the doctor finds nothing', async ({ given }) => {
    const found = await Array.fromAsync(examineKafka({ brokers: [], clientId: 'test', ...given() }))
    expect(found.filter(({ ok }) => !ok)).toEqual([])
    expect(found.map(({ check }) => check)).toEqual(['kafka connection', 'kafka version', 'kafka cluster'])
  })

  const wrong: { name: string; given: Given; says: RegExp; hint: RegExp }[] = [
    {
      name: 'a name without an address',
      given: () => ({ brokers: ['no-such-host.invalid:9092'] }),
      says: /no address/,
      hint: /DNS/,
    },
    {
      name: 'a port where nothing listens',
      given: () => ({ brokers: ['127.0.0.1:9'] }),
      says: /nothing listens/,
      hint: /port/,
    },
    {
      name: 'an unknown authority',
      given: () => ({ brokers: at(ports.mutual), tls: {} }),
      says: /no authority/,
      hint: /kafka\.tls\.ca/,
    },
    {
      name: 'no client certificate',
      given: () => ({ brokers: at(ports.mutual), tls: { ca: pem('ca.pem') } }),
      says: /refuses our certificate|hangs up/,
      hint: /certificate/,
    },
    {
      name: 'another name than the certificate’s',
      given: () => ({ brokers: at(ports.mutual), tls: { ...ours(), serverName: 'elsewhere.example' } }),
      says: /for another name/,
      hint: /serverName/,
    },
    {
      name: 'TLS to a port without it',
      given: () => ({ brokers: [broker.address], tls: ours(), connectMs: 2_000 }),
      says: /does not speak TLS|hangs up/,
      hint: /TLS/,
    },
    {
      name: 'no TLS to a port with it',
      given: () => ({ brokers: at(ports.mutual), connectMs: 2_000, requestMs: 2_000 }),
      says: /hangs up|in time/,
      hint: /TLS/,
    },
    {
      name: 'a wrong password',
      given: () => ({ brokers: at(ports.plain), sasl: user('scram-sha-512', 'wrong') }),
      says: /refused/,
      hint: /kafka\.sasl/,
    },
  ]
  test.each(wrong)('$name: the doctor says what to do', async ({ given, says, hint }) => {
    const found = await Array.fromAsync(examineKafka({ brokers: [], clientId: 'test', ...given() }))
    const bad = found.filter(({ ok }) => !ok)
    expect(bad).toEqual([
      expect.objectContaining({ detail: expect.stringMatching(says), hint: expect.stringMatching(hint) }),
    ])
  })
})
