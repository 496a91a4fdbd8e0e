// The embedded store alone: how fast it takes events in, what they cost on disk, and how long the searches of the design take.
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Query, StoredEvent } from '@varde/schema'
import type { EventFilter, Store } from '@varde/store'
import { openEmbeddedStore } from '@varde/store/embedded'
import { type Figure, percentile } from './figure.ts'

export interface StoreBenchOptions {
  events: number
  /** Kept where it is given, so that a second run can search the same store; else a temporary one. */
  dir?: string
  batch?: number
  runs?: number
}

export interface StoreRate extends Figure {
  p95?: number
  found?: number
}

/** Of DESIGN §7, p50 in milliseconds over ten million events. */
const searchGoals: Record<string, number> = {
  'histogram of 24 h': 30,
  'newest 100 of a common user': 200,
  'newest 100 of a rarer user': 200,
  'rare text': 30,
  'absent text': 30,
  'common text': 150,
  'top 10 addresses of 4625, 7 d': 80,
  'five facets of failures, all time': 600,
}

const hour = 3_600_000
const day = 24 * hour
/** Thirty days that end here. */
export const syntheticEnd = Date.UTC(2026, 10, 1)
const end = syntheticEnd

/** Mulberry32: the same events for the same seed. */
export function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const entropy =
  'reference mix: 60 % firewall, 30 % Windows sign-ins, 10 % sshd; 5k users and 100k addresses (squared: few are common), 2k hosts, random ports, 16-byte seeds'

/** One of the reference mix; `n` of `total` spread over thirty days. */
export function syntheticEvent(n: number, total: number, next: () => number): StoredEvent {
  const time = Math.floor(end - 30 * day + (n / total) * 30 * day)
  const timestamp = new Date(time).toISOString()
  const skewed = (count: number) => Math.floor(next() ** 2 * count)
  const user = `user${skewed(5_000)}`
  const host = `host${skewed(2_000)}`
  const number = skewed(100_000)
  const ip = `10.${number >> 14}.${(number >> 7) & 127}.${number & 127}`
  const port = 1_024 + Math.floor(next() * 64_000)
  const kind = next()
  const made =
    kind < 0.6
      ? firewall(time, ip, port, next)
      : kind < 0.9
        ? windows(user, host, ip, next)
        : sshd(time, user, host, ip, port, next)
  const seed = new Uint8Array(16)
  for (let at = 0; at < 16; at += 1) seed[at] = next() * 256
  const partition = n % 4
  const offset = Math.floor(n / 4)
  return {
    id: `main.0.${partition}.${offset}`,
    home: { stream: 'main', generation: 0, partition, offset },
    tenant: kind < 0.5 ? 'house' : `customer${skewed(20)}`,
    source: made.source,
    retention: 'default',
    arrival: time + 40,
    raw: new TextEncoder().encode(made.raw),
    seed,
    event: { '@timestamp': timestamp, ...made.event },
    ingested: time + 90,
  }
}

interface Made {
  source: string
  raw: string
  event: Omit<StoredEvent['event'], '@timestamp'>
}

function firewall(time: number, ip: string, port: number, next: () => number): Made {
  const to = `192.0.2.${Math.floor(next() * 250)}`
  const bytes = Math.floor(next() ** 4 * 1_000_000)
  const denied = next() < 0.2
  const action = denied ? 'deny' : 'accept'
  const raw = `date=${new Date(time).toISOString().slice(0, 10)} devname="fw1" type="traffic" srcip=${ip} srcport=${port} dstip=${to} dstport=443 proto=6 action="${action}" policyid=12 sentbyte=${bytes} service="HTTPS"`
  return {
    source: 'fw1',
    raw,
    event: {
      event: {
        kind: 'event',
        category: ['network'],
        type: ['connection', denied ? 'denied' : 'allowed'],
        action,
        outcome: denied ? 'failure' : 'success',
        dataset: 'fortinet_fortigate.log',
      },
      source: { ip, port, bytes },
      destination: { ip: to, port: 443 },
      network: { transport: 'tcp', protocol: 'https', iana_number: '6', bytes },
      observer: { name: 'fw1', vendor: 'Fortinet', product: 'FortiGate', type: 'firewall' },
      related: { ip: [ip, to] },
      rule: { id: '12' },
    },
  }
}

function windows(user: string, host: string, ip: string, next: () => number): Made {
  const failed = next() < 0.15
  const code = failed ? '4625' : '4624'
  const record = String(Math.floor(next() * 1e9))
  const logon = `0x${Math.floor(next() * 0xffffff).toString(16)}`
  const raw = `<Event><System><EventID>${code}</EventID><EventRecordID>${record}</EventRecordID><Computer>${host}.corp.example</Computer></System><EventData><Data Name="TargetUserName">${user}</Data><Data Name="LogonType">3</Data><Data Name="IpAddress">${ip}</Data><Data Name="TargetLogonId">${logon}</Data></EventData></Event>`
  return {
    source: 'ad1',
    raw,
    event: {
      event: {
        kind: 'event',
        category: ['authentication'],
        type: ['start'],
        action: failed ? 'logon-failed' : 'logged-in',
        outcome: failed ? 'failure' : 'success',
        code,
        provider: 'Microsoft-Windows-Security-Auditing',
        dataset: 'windows.security',
      },
      user: { name: user, domain: 'CORP', id: `S-1-5-21-1-2-3-${user.length}${user.slice(4)}` },
      host: { name: `${host}.corp.example` },
      source: { ip },
      related: { ip: [ip], user: [user], hosts: [host] },
      winlog: {
        channel: 'Security',
        record_id: record,
        computer_name: `${host}.corp.example`,
        logon: { type: 'Network', id: logon },
        event_data: {
          LogonType: '3',
          TargetUserName: user,
          IpAddress: ip,
          AuthenticationPackageName: 'NTLM',
          KeyLength: '128',
        },
      },
    },
  }
}

function sshd(time: number, user: string, host: string, ip: string, port: number, next: () => number): Made {
  const failed = next() < 0.5
  // One word in some hundred thousand lines: the rare text of the measurements.
  const rare = next() < 0.00001 ? ' xyzzy' : ''
  const raw = `${new Date(time).toISOString().slice(0, 19)}Z ${host} sshd[${Math.floor(next() * 30_000)}]: ${failed ? 'Failed' : 'Accepted'} password for ${user} from ${ip} port ${port} ssh2${rare}`
  return {
    source: 'linux',
    raw,
    event: {
      event: {
        kind: 'event',
        category: ['authentication'],
        type: ['start'],
        action: 'ssh_login',
        outcome: failed ? 'failure' : 'success',
        dataset: 'system.auth',
      },
      user: { name: user },
      host: { name: host },
      process: { name: 'sshd' },
      source: { ip, port },
      related: { ip: [ip], user: [user] },
    },
  }
}

export async function benchStore(options: StoreBenchOptions): Promise<StoreRate[]> {
  const { events: total, batch = 2_000, runs = 7 } = options
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'varde-bench-store-'))
  const store = await openEmbeddedStore({ dir })
  try {
    console.log(entropy)
    const written = await ingest(store, total - (await store.events.stats()).events, total, batch)
    const searches = await search(store, runs)
    const peakMiB = Math.round(process.resourceUsage().maxRSS / 1024)
    const bytes = Math.round(bytesBelow(join(dir, 'events')) / total)
    return [
      { name: 'events', value: total, unit: '' },
      { name: 'store alone', value: written.eventsPerSecond, unit: 'ev/s', goal: '>= 60000' },
      { name: 'create of 2,000', value: written.createMs.p50, unit: 'ms p50', p95: written.createMs.p95 },
      { name: 'kept on disk, everything included', value: bytes, unit: 'B/ev', goal: '<= 160' },
      { name: 'the same as JSON with its raw line', value: written.jsonBytes, unit: 'B/ev' },
      { name: 'memory of the process, highest', value: peakMiB, unit: 'MiB', goal: '<= 1536 at 10 M' },
      ...Object.entries(searches).map(([name, { p50, p95, found }]) => ({
        name,
        value: p50,
        unit: 'ms p50',
        goal: `<= ${searchGoals[name]} at 10 M`,
        p95,
        found,
      })),
    ]
  } finally {
    await store.close()
    if (options.dir === undefined) rmSync(dir, { recursive: true, force: true })
  }
}

async function ingest(
  store: Awaited<ReturnType<typeof openEmbeddedStore>>,
  missing: number,
  total: number,
  batch: number,
) {
  const next = random(7)
  const createMs: number[] = []
  let jsonBytes = 0
  let spentMs = 0
  const inFlight = new Set<Promise<void>>()
  for (let from = total - missing; from < total; from += batch) {
    const made = Array.from({ length: Math.min(batch, total - from) }, (_, index) =>
      syntheticEvent(from + index, total, next),
    )
    const [one] = made
    if (one !== undefined) jsonBytes = jsonBytes * 0.99 + 0.01 * (JSON.stringify(one.event).length + one.raw.length)
    const begun = performance.now()
    const created = store.events.create(made).then(() => {
      createMs.push(performance.now() - begun)
      inFlight.delete(created)
    })
    inFlight.add(created)
    if (inFlight.size >= 4) await Promise.race(inFlight)
    spentMs += performance.now() - begun
  }
  const begun = performance.now()
  await Promise.all(inFlight)
  // Until the last log is a segment too: that belongs to the price, and is what searches and the disk are measured on.
  await store.expiry?.due('default', { before: 0, closeBefore: Number.MAX_SAFE_INTEGER })
  spentMs += performance.now() - begun
  return {
    eventsPerSecond: missing === 0 ? 0 : Math.round((missing / spentMs) * 1000),
    createMs: percentiles(createMs),
    jsonBytes: Math.round(jsonBytes),
  }
}

interface Timed {
  p50: number
  p95: number
  found: number
}

async function search(store: Store, runs: number): Promise<Record<string, Timed>> {
  const scope = { tenants: 'all' as const }
  const over = (query: Query, from?: number): EventFilter =>
    from === undefined ? { scope, query } : { scope, query, from, to: end }
  const field = (name: string, text: string): Query => ({ kind: 'field', field: name, value: { kind: 'word', text } })
  const word = (text: string): Query => ({ kind: 'text', value: { kind: 'word', text } })
  const newest = (query: Query) => async () => (await store.events.search(over(query), { limit: 100 })).events.length
  const facets = ['event.action', 'user.name', 'source.ip', 'host.name', 'event.dataset']
  const measured: Record<string, () => Promise<number>> = {
    'histogram of 24 h': async () =>
      (await store.events.histogram({ ...over({ kind: 'all' }), from: end - day, to: end }, { intervalMs: hour }))
        .length,
    'newest 100 of a common user': newest(field('user.name', 'user1')),
    'newest 100 of a rarer user': newest(field('user.name', 'user4711')),
    'rare text': newest(word('xyzzy')),
    'absent text': newest(word('plughquux')),
    'common text': newest(word('password')),
    'top 10 addresses of 4625, 7 d': async () =>
      (await store.events.values(over(field('event.code', '4625'), end - 7 * day), { field: 'source.ip', limit: 10 }))
        .values.length,
    'five facets of failures, all time': async () => {
      const pages = await Promise.all(
        facets.map((name) => store.events.values(over(field('event.outcome', 'failure')), { field: name, limit: 10 })),
      )
      return pages.reduce((sum, page) => sum + page.values.length, 0)
    },
  }
  const figures: Record<string, Timed> = {}
  for (const [name, run] of Object.entries(measured)) {
    const times: number[] = []
    let found = 0
    for (let n = 0; n < runs; n += 1) {
      const begun = performance.now()
      found = await run()
      times.push(performance.now() - begun)
    }
    figures[name] = { ...percentiles(times), found }
  }
  return figures
}

function percentiles(times: readonly number[]): { p50: number; p95: number } {
  return { p50: percentile(times, 0.5, 1), p95: percentile(times, 0.95, 1) }
}

function bytesBelow(dir: string): number {
  let bytes = 0
  for (const entry of readdirSync(dir, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) bytes += statSync(join(entry.parentPath, entry.name)).size
  }
  return bytes
}

if (import.meta.main) {
  const [, , events = '1000000', dir] = process.argv
  const figures = await benchStore(dir === undefined ? { events: Number(events) } : { events: Number(events), dir })
  process.stdout.write(`${JSON.stringify(figures, undefined, 2)}\n`)
}
