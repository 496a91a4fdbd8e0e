// The world of the tenants test: a house with two customers, alpha and bravo; everything of bravo holds the word "bravo".
import { type IncomingMessage, request } from 'node:http'
import { type EndpointName, endpoints } from '../../packages/api/src/contract.ts'

export const password = 'a long enough passphrase'

export interface Answer {
  status: number
  text: string
}

export interface Asked {
  params?: Record<string, string>
  query?: Record<string, string | number>
  body?: unknown
}

/** One signed-in person, or a sender with a key. */
export function caller(url: string, headers: Record<string, string>) {
  return async (name: EndpointName, { params = {}, query = {}, body }: Asked = {}): Promise<Answer> => {
    const { method, path } = endpoints[name]
    const filled = path.replace(/:(\w+)/g, (_, key: string) => encodeURIComponent(params[key] ?? ''))
    const search = new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)]))
    const response = await fetch(`${url}${filled}?${search}`, {
      method,
      headers: {
        'sec-fetch-site': 'same-origin',
        ...headers,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, text: Buffer.from(await response.arrayBuffer()).toString('latin1') }
  }
}
export type Caller = ReturnType<typeof caller>

export async function signIn(url: string, name: string): Promise<Caller> {
  const response = await fetch(`${url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, password }),
  })
  if (response.status !== 200) throw new Error(`${name} could not sign in: ${await response.text()}`)
  return caller(url, { cookie: response.headers.get('set-cookie')?.split(';')[0] ?? '' })
}

export function json(answer: Answer): ReturnType<typeof JSON.parse> {
  if (answer.status !== 200) throw new Error(`answered ${answer.status}: ${answer.text}`)
  return JSON.parse(answer.text)
}

/** What a live stream says to somebody, until it is closed. */
export function listen(url: string, cookie: string): Promise<{ said(): string; close(): void }> {
  return new Promise((resolve, reject) => {
    let text = ''
    const out = request(`${url}/api/stream`, { headers: { cookie } }, (response: IncomingMessage) => {
      response.on('data', (chunk: Buffer) => {
        text += chunk
      })
      resolve({ said: () => text, close: () => out.destroy() })
    })
    out.once('error', reject)
    out.end()
  })
}

export const rule = (exception: string): string => `id: beacon
name: The beacon is lit
severity: high
match:
  when: event.action = "beacon-lit"
  group: [user.name]
title: '"Lit by " & user.name'
exceptions:
  - { when: user.name = "${exception}", owner: anna, reason: ${exception} is a test, until: 2099-01-31 }
`

/** Of one customer: events that raise alerts, with fields that nobody else has, and a record that is unreadable. */
export function recordsOf(tenant: string, count: number, time: number): string {
  const lines = Array.from({ length: count }, (_, n) =>
    JSON.stringify({
      '@timestamp': new Date(time + n).toISOString(),
      message: `${tenant} lit its beacon ${n}`,
      event: { action: 'beacon-lit', dataset: `${tenant}.log` },
      user: { name: `${tenant}-user${n % 5}` },
      host: { name: `${tenant}-host` },
      labels: { [`${tenant}_field`]: `${tenant}-label` },
    }),
  )
  const deep = `${'{"a":'.repeat(80)}"${tenant}-deep"${'}'.repeat(80)}`
  return [...lines, deep].map((line) => `${line}\n`).join('')
}

/** Facts that pass by themselves: times, durations, rates, and that a head was signed meanwhile. Everything else must not depend on what others do. */
const passing = new Set(['proof', 'proofs', 'tookMs', 'perSecond', 'perMinute', 'lagMsMean', 'lagMsMax', 'bytes'])

export function lasting(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lasting)
  if (typeof value === 'number') return value > 1_000_000_000_000 ? 'a time' : value
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !passing.has(key))
      .map(([key, one]) => [key, lasting(one)]),
  )
}
