// The cluster in one run: ingest to sealed in Elasticsearch beside a bare bulk loader with the same documents, two processes beside one,
// whose processor time it is, and from a line sent to its alert on the page.
import { type ChildProcess, fork } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openKafkaBus } from '@varde/bus/kafka'
import { createCollectors, type Incoming } from '@varde/ingest'
import { createLogger } from '@varde/runtime'
import { openElasticsearchStore } from '@varde/store/elasticsearch'
import { fortigateTraffic } from '../../apps/varde/src/sample/device-lines.ts'
import { startServer } from '../e2e/varde.ts'
import { type Engine, startElasticsearch, startKafka } from '../engines/engine.ts'
import type { ProcessFacts, ProcessStart } from './cluster-process.ts'
import { type Figure, percentile } from './figure.ts'
import { linesOf } from './ingest.ts'

interface Engines {
  kafka: Engine
  elasticsearch: Engine
}

const partitions = 4
const rules = join(import.meta.dirname, '../../detections')
const log = createLogger({ level: 'error' })
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const middle = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** `records` of one round. */
export async function benchCluster({ records = 20_000, rounds = 3, latencySeconds = 30 } = {}): Promise<Figure[]> {
  const [kafka, elasticsearch] = await Promise.all([
    // All processes of a group join in one round, so that nobody begins with what is another's.
    startKafka({ steady: true, config: ['group.initial.rebalance.delay.ms=3000'] }),
    startElasticsearch({ steady: true, heap: '1g' }),
  ])
  const engines = { kafka, elasticsearch }
  try {
    const lines = linesOf(records)
    const real = await intoElasticsearch(engines, lines, rounds)
    const one = await cheap(engines, lines, 1)
    const two = await cheap(engines, lines, 2)
    const scale: Figure[] = [
      { name: 'a store that keeps nothing: one process', value: Math.round(one.rate), unit: 'ev/s' },
      { name: 'the same: two processes', value: Math.round(two.rate), unit: 'ev/s' },
      { name: 'two of one', value: Math.round((two.rate / one.rate) * 100) / 100, unit: '', goal: '>= 1.6' },
      { name: 'the same by CPU of the processes: one', value: Math.round(one.cpu), unit: 'us/ev' },
      { name: 'the same by CPU of the processes: two', value: Math.round(two.cpu), unit: 'us/ev' },
    ]
    const latency = await latencies(engines, real.rate / 2, latencySeconds)
    return [...real.figures, ...scale, ...latency]
  } finally {
    await kafka.stop()
    await elasticsearch.stop()
  }
}

interface Processes {
  all: ChildProcess[]
  ask<T>(what: string): Promise<T[]>
}

/** Started, joined, each with its share. */
async function startProcesses(start: ProcessStart, count: number): Promise<Processes> {
  const all = Array.from({ length: count }, () =>
    fork(join(import.meta.dirname, 'cluster-process.ts'), [JSON.stringify(start)], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
    }),
  )
  const answerOf = <T>(child: ChildProcess, what: string) =>
    new Promise<T>((resolve, reject) => {
      const hear = (message: { asked: string; answer: T }) => {
        if (message.asked !== what) return
        child.off('message', hear)
        resolve(message.answer)
      }
      child.on('message', hear)
      child.once('exit', (code) => reject(new Error(`an ingest process ended with ${code}`)))
    })
  await Promise.all(all.map((child) => answerOf(child, 'ready')))
  const ask = <T>(what: string) =>
    Promise.all(
      all.map((child) => {
        const answer = answerOf<T>(child, what)
        child.send(what)
        return answer
      }),
    )
  await ask('start')
  while ((await ask<ProcessFacts>('facts')).some((facts) => facts.partitions !== partitions / count)) await pause(50)
  return { all, ask }
}

/** Lines into the topic, two thousand a request as shippers send them, until all is sealed. */
async function throughIngest(
  collect: (some: readonly Incoming[]) => Promise<unknown>,
  processes: Processes,
  lines: readonly Incoming[],
) {
  const before = await processes.ask<ProcessFacts>('facts')
  const started = performance.now()
  for (let at = 0; at < lines.length; at += 2_000) await collect(lines.slice(at, at + 2_000))
  await processes.ask('drained')
  const seconds = (performance.now() - started) / 1_000
  const after = await processes.ask<ProcessFacts>('facts')
  const sum = (all: ProcessFacts[]) => all.reduce((total, { cpu }) => total + cpu, 0)
  return { rate: lines.length / seconds, cpu: (sum(after) - sum(before)) / lines.length, seconds }
}

async function withCollector<T>(
  broker: string,
  prefix: string,
  work: (collect: (some: readonly Incoming[]) => Promise<unknown>) => Promise<T>,
): Promise<T> {
  const bus = await openKafkaBus({ brokers: [broker], clientId: 'bench', prefix: `${prefix}.`, log })
  const config = { collector: 'bench', stream: 'main', partitions, listeners: [], sources: [] }
  const collectors = createCollectors({ bus, log, config })
  await collectors.start()
  try {
    return await work((some) => collectors.append([...some]))
  } finally {
    await collectors.stop()
    await bus.close()
  }
}

async function intoElasticsearch({ kafka, elasticsearch }: Engines, lines: readonly Incoming[], rounds: number) {
  const prefix = 'real'
  const loader = { rate: [] as number[], cluster: [] as number[] }
  const ingest = { rate: [] as number[], cpu: [] as number[], cluster: [] as number[], broker: [] as number[] }
  await withCollector(kafka.address, prefix, async (collect) => {
    const processes = await startProcesses(
      { broker: kafka.address, prefix, store: elasticsearch.address, rules, partitions },
      1,
    )
    // The first pays for compiled code on all sides.
    await throughIngest(collect, processes, lines)
    const documents = await documentsOf(elasticsearch.address, prefix)
    await bareLoader(elasticsearch, 'load0', documents)
    for (let round = 1; round <= rounds; round += 1) {
      const [broker, cluster] = [kafka.cpuMs(), elasticsearch.cpuMs()]
      const { rate, cpu } = await throughIngest(collect, processes, lines)
      ingest.rate.push(rate)
      ingest.cpu.push(cpu)
      ingest.cluster.push(((elasticsearch.cpuMs() - cluster) * 1_000) / lines.length)
      ingest.broker.push(((kafka.cpuMs() - broker) * 1_000) / lines.length)
      const bare = await bareLoader(elasticsearch, `load${round}`, documents)
      loader.rate.push(bare.rate)
      loader.cluster.push(bare.cluster)
    }
    await processes.ask('stop')
  })
  const rate = middle(ingest.rate)
  const figure = (name: string, value: number, unit: string, goal?: string): Figure => ({
    name,
    value: Math.round(value * 100) / 100 > 10 ? Math.round(value) : Math.round(value * 100) / 100,
    unit,
    ...(goal === undefined ? {} : { goal }),
  })
  return {
    rate,
    figures: [
      figure('ingest to sealed in Elasticsearch, one process', rate, 'ev/s'),
      figure('a bare bulk loader, the same documents', middle(loader.rate), 'ev/s'),
      figure('ingest of loader, by the clock, all on the same cores', rate / middle(loader.rate), '', '>= 0.8'),
      figure('CPU of Elasticsearch under ingest', middle(ingest.cluster), 'us/ev'),
      figure('CPU of Elasticsearch under the loader', middle(loader.cluster), 'us/ev'),
      figure(
        'the loader’s Elasticsearch of ingest’s, by CPU',
        middle(loader.cluster) / middle(ingest.cluster),
        '',
        '>= 0.8',
      ),
      figure('CPU of the ingest process', middle(ingest.cpu), 'us/ev'),
      figure('CPU of Kafka', middle(ingest.broker), 'us/ev'),
    ],
  }
}

interface Loaded {
  index: string
  id: string
  body: string
}

/** What ingest has stored, as it lies in Elasticsearch. */
async function documentsOf(address: string, prefix: string): Promise<Loaded[]> {
  interface Page {
    _scroll_id: string
    hits: { hits: { _index: string; _id: string; _source: object }[] }
  }
  const ask = async (path: string, body: object): Promise<Page> => {
    const answer = await fetch(`${address}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return JSON.parse(await answer.text())
  }
  await fetch(`${address}/${prefix}-events*/_refresh`, { method: 'POST' })
  const found: Loaded[] = []
  let page = await ask(`/${prefix}-events*/_search?scroll=1m`, { size: 2_000 })
  while (page.hits.hits.length > 0) {
    for (const { _index, _id, _source } of page.hits.hits)
      found.push({ index: _index, id: _id, body: JSON.stringify(_source) })
    page = await ask('/_search/scroll', { scroll: '1m', scroll_id: page._scroll_id })
  }
  return found
}

const requestLength = 2 * 1024 * 1024

/** Into indices of the same templates under another prefix, three requests at a time. */
async function bareLoader(elasticsearch: Engine, prefix: string, documents: readonly Loaded[]) {
  const { address } = elasticsearch
  const store = await openElasticsearchStore({ nodes: [address], prefix, replicas: 0 })
  const indexOf = (index: string) => index.replace(/^[^-]+/, prefix)
  for (const index of new Set(documents.map((one) => indexOf(one.index))))
    await fetch(`${address}/${index}`, { method: 'PUT' })
  const bodies: string[] = ['']
  for (const { index, id, body } of documents) {
    if ((bodies.at(-1)?.length ?? 0) > requestLength) bodies.push('')
    bodies[bodies.length - 1] += `{"create":{"_index":"${indexOf(index)}","_id":"${id}"}}\n${body}\n`
  }
  const left = bodies.values()
  const before = elasticsearch.cpuMs()
  const started = performance.now()
  const worker = async () => {
    for (const body of left) {
      const answer = await fetch(`${address}/_bulk?filter_path=errors`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson' },
        body,
      })
      if ((await answer.text()).includes('true')) throw new Error('the loader met errors')
    }
  }
  await Promise.all([worker(), worker(), worker()])
  const seconds = (performance.now() - started) / 1_000
  const cluster = ((elasticsearch.cpuMs() - before) * 1_000) / documents.length
  await store.close()
  await fetch(`${address}/${prefix}-events*`, { method: 'DELETE' })
  return { rate: documents.length / seconds, cluster }
}

/** What the processes themselves can do, where store and loader cost little. */
async function cheap({ kafka }: Engines, lines: readonly Incoming[], count: number) {
  const prefix = `cheap${count}`
  return withCollector(kafka.address, prefix, async (collect) => {
    const processes = await startProcesses({ broker: kafka.address, prefix, rules, partitions }, count)
    await throughIngest(collect, processes, lines)
    const all = [...lines, ...lines]
    const measured = await throughIngest(collect, processes, all)
    await processes.ask('stop')
    return measured
  })
}

const probesASecond = 10

/** The whole program on Kafka and Elasticsearch at a steady rate of firewall lines; ten of each second's raise an alert of their own. */
async function latencies({ kafka, elasticsearch }: Engines, rate: number, seconds: number): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'varde-bench-'))
  cpSync(rules, join(folder, 'rules'), { recursive: true })
  writeFileSync(
    join(folder, 'rules', 'probe.yaml'),
    'id: probe\nname: A probe\nseverity: high\nmatch:\n  when: $contains(user.name, "probe")\n  group: [user.name]\n',
  )
  writeFileSync(
    join(folder, 'varde.yaml'),
    [
      'bus: kafka',
      `kafka: { brokers: ['${kafka.address}'], prefix: whole., replicationFactor: 1, minInSyncReplicas: 1 }`,
      'store: elasticsearch',
      `elasticsearch: { nodes: ['${elasticsearch.address}'], prefix: whole, replicas: 0 }`,
      `rules: ${join(folder, 'rules')}`,
      'listeners: [{ kind: syslog-tcp, port: 0 }]',
      'log: { level: error }',
    ].join('\n'),
  )
  const server = await startServer(['--data', join(folder, 'data'), '--config', join(folder, 'varde.yaml')])
  const stopHearing = new AbortController()
  try {
    while (server.setUpToken === undefined) await pause(50)
    const headers = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' }
    const body = JSON.stringify({ token: server.setUpToken, name: 'anna', password: 'a long enough passphrase' })
    const made = await fetch(`${server.url}/api/setup`, { method: 'POST', headers, body })
    const cookie = made.headers.get('set-cookie')?.split(';')[0] ?? ''
    const visible = new Map<string, number>()
    const stream = await fetch(`${server.url}/api/stream`, { headers: { cookie }, signal: stopHearing.signal })
    const hearing = hear(stream, visible).catch(() => undefined)
    const sent = new Map<string, number>()
    // Seconds of warming up first: its probes are not counted.
    await sendLines(server.ports['syslog-tcp'] ?? 0, rate, 10, 'warm', sent)
    await sendLines(server.ports['syslog-tcp'] ?? 0, rate, seconds, 'probe', sent)
    const alerts = await alertsByUser(server.url, cookie, sent.size)
    stopHearing.abort()
    await hearing
    const took = [...sent]
      .filter(([user]) => user.startsWith('probe'))
      .map(([user, at]) => (visible.get(alerts.get(user) ?? '') ?? Number.POSITIVE_INFINITY) - at)
    return [
      { name: 'line to alert on the page: at', value: Math.round(rate), unit: 'ev/s' },
      { name: 'line to alert on the page: p50', value: percentile(took, 0.5), unit: 'ms' },
      { name: 'line to alert on the page: p99', value: percentile(took, 0.99), unit: 'ms', goal: '<= 2000' },
      { name: 'line to alert on the page: of alerts', value: took.length, unit: '' },
    ]
  } finally {
    stopHearing.abort()
    await server.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}

/** When each alert was first told to the page. */
async function hear(stream: Response, visible: Map<string, number>): Promise<void> {
  let text = ''
  for await (const chunk of stream.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk
    const messages = text.split('\n\n')
    text = messages.pop() ?? ''
    for (const message of messages) {
      const data = /^event: alert\ndata: (.*)$/m.exec(message)?.[1]
      const id: string | undefined = data === undefined ? undefined : JSON.parse(data).id
      if (id !== undefined && !visible.has(id)) visible.set(id, Date.now())
    }
  }
}

async function sendLines(port: number, rate: number, seconds: number, name: string, sent: Map<string, number>) {
  const socket = connect(port, '127.0.0.1')
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  const stepMs = 1_000 / probesASecond
  const each = Math.round(rate / probesASecond)
  const started = Date.now()
  for (let step = 0; step < seconds * probesASecond; step += 1) {
    await pause(Math.max(0, started + step * stepMs - Date.now()))
    const now = Date.now()
    let text = ''
    for (let n = 0; n < each; n += 1) text += `${firewallLine(now, step * each + n)}\n`
    // Users of the warm-up are probes to the rule as well.
    const user = name === 'probe' ? `probe${step}` : `warmprobe${step}`
    text += `<38>1 ${new Date(now).toISOString()} host1 sshd 4711 - - Failed password for ${user} from 203.0.113.9 port 51000 ssh2\n`
    sent.set(user, now)
    if (!socket.write(text)) await new Promise((resolve) => socket.once('drain', resolve))
  }
  await new Promise<void>((resolve) => socket.end(resolve))
}

function firewallLine(time: number, n: number): string {
  const flow = {
    time,
    source: `10.20.${n % 200}.${n % 250}`,
    sourcePort: 30_000 + (n % 30_000),
    destination: `192.0.2.${n % 250}`,
    destinationPort: 443,
    protocol: 6 as const,
    sentBytes: 1_000 + (n % 5_000),
    receivedBytes: 9_000 + (n % 50_000),
    seconds: n % 60,
    session: n,
  }
  return fortigateTraffic(flow, { action: 'close', inward: false, policy: 7 })
}

/** Alert ids by the user that they name, once all are there or time is up. */
async function alertsByUser(url: string, cookie: string, count: number): Promise<Map<string, string>> {
  interface Page {
    alerts: { id: string; entities: { user: string[] } }[]
    next?: string
  }
  const found = new Map<string, string>()
  for (const end = Date.now() + 30_000; Date.now() < end && found.size < count; await pause(500)) {
    for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
      const answer = await fetch(`${url}/api/alerts/search`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', cookie },
        body: JSON.stringify({
          filter: { rule: ['probe'] },
          limit: 1_000,
          ...(cursor === undefined ? {} : { cursor }),
        }),
      })
      const page: Page = JSON.parse(await answer.text())
      for (const { id, entities } of page.alerts) for (const user of entities.user) found.set(user, id)
      cursor = page.next
    }
  }
  return found
}

if (import.meta.main) {
  const [, , records = '20000', rounds = '3', seconds = '30'] = process.argv
  const figures = await benchCluster({
    records: Number(records),
    rounds: Number(rounds),
    latencySeconds: Number(seconds),
  })
  console.table(figures)
}
