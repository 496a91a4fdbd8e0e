// A broken connection explained step by step: name, port, TLS, user, version, and the addresses that brokers tell of themselves.
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { type Address, openLink, parseAddress } from './connect.ts'
import { explainFault } from './faults.ts'
import { askMetadata } from './metadata.ts'
import type { KafkaConnectSettings } from './settings.ts'

export interface ConnectionCheck {
  check: string
  ok: boolean
  detail: string
  hint?: string
}

/** What the bus asks of a broker, by the numbers of Kafka's protocol: lowest version that is needed. */
const needs: [name: string, key: number, version: number][] = [
  ['Produce', 0, 7],
  ['Fetch', 1, 11],
  ['Metadata', 3, 12],
]

export async function* examineKafka(settings: KafkaConnectSettings): AsyncGenerator<ConnectionCheck> {
  const told = new Map<string, Address>()
  for (const text of settings.brokers) {
    const address = parseAddress(text)
    const steps = examineBroker(address, settings)
    for await (const step of steps) {
      if ('check' in step) yield step
      else for (const other of step.brokers) told.set(`${other.host}:${other.port}`, other)
    }
  }
  for (const text of settings.brokers) {
    const { host, port } = parseAddress(text)
    told.delete(`${host}:${port}`)
  }
  for (const address of told.values()) {
    for await (const step of examineBroker(address, settings)) {
      if ('check' in step && !step.ok)
        yield {
          ...step,
          detail: `${step.detail} (the cluster names this address of a broker: advertised.listeners)`,
        }
    }
  }
}

type Step = ConnectionCheck | { brokers: Address[] }

async function* examineBroker(address: Address, settings: KafkaConnectSettings): AsyncGenerator<Step> {
  const name = `${address.host}:${address.port}`
  const fail = (check: string, error: unknown): ConnectionCheck => {
    const { message, hint } = explainFault(error, address, 'connecting')
    return { check: `kafka ${check}`, ok: false, detail: message, ...(hint === undefined ? {} : { hint }) }
  }
  if (isIP(address.host) === 0) {
    try {
      const { address: found } = await lookup(address.host)
      yield { check: 'kafka name', ok: true, detail: `${address.host} is ${found}` }
    } catch (error) {
      yield fail('name', error)
      return
    }
  }
  const { tls, sasl } = settings
  const means = `${tls === undefined ? 'no TLS' : tls.cert === undefined ? 'TLS' : 'TLS with our certificate'}, ${sasl === undefined ? 'no user' : `${sasl.mechanism} as ${sasl.username}`}`
  try {
    const link = await openLink(address, settings)
    try {
      yield { check: 'kafka connection', ok: true, detail: `${name}: ${means}` }
      const versions = link.broker.versions ?? {}
      const old = needs.filter(([, key, version]) => (versions[key]?.maxVersion ?? -1) < version)
      yield {
        check: 'kafka version',
        ok: old.length === 0,
        detail:
          old.length === 0
            ? `${name} speaks what Varde needs`
            : `${name} is too old for ${old.map(([api]) => api).join(', ')}`,
        ...(old.length === 0 ? {} : { hint: 'Varde needs Kafka 3.3 or newer, and is tested with 4.x.' }),
      }
      if (old.length > 0) return
      const { brokers, topics } = await askMetadata(link)
      yield {
        check: 'kafka cluster',
        ok: true,
        detail: `${brokers.size} broker${brokers.size === 1 ? '' : 's'}, ${topics.filter((topic) => !topic.internal).length} topics that we may see`,
      }
      yield { brokers: [...brokers.values()] }
    } finally {
      link.drop()
    }
  } catch (error) {
    yield fail('connection', error)
  }
}
