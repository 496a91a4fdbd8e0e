// Real engines for tests: starts, kills and stops a Kafka broker or an Elasticsearch node of this machine.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Engine {
  /** `127.0.0.1:PORT` of Kafka, `http://127.0.0.1:PORT` of Elasticsearch. */
  address: string
  port: number
  /** Keeps the data: another start on it goes on where this one ended. */
  folder: string
  /** Processor time of all of it so far, milliseconds; Linux alone tells it. */
  cpuMs(): number
  /** As a power cut: SIGKILL to all of it; resolves when it is gone. */
  kill(): Promise<void>
  /** Stands still without letting go of its sockets, and goes on again. */
  freeze(): void
  thaw(): void
  /** Resolves when it is gone, whatever ended it. */
  ended: Promise<void>
  /** Clean end; `keep` leaves the folder. */
  stop(options?: { keep?: boolean }): Promise<void>
}

export interface EngineOptions {
  /** A temporary one otherwise, removed at `stop`. */
  folder?: string
  /** A free one otherwise. */
  port?: number
  /** As of Java: `512m`. */
  heap?: string
  /** More lines for server.properties or elasticsearch.yml. */
  config?: string[]
  /** For measurements: compiled as well as Java can. Otherwise it starts fast, in half the processor time. */
  steady?: boolean
}

const here = import.meta.dirname
const java = { kafka: 17, elasticsearch: 21 } as const
export type EngineName = keyof typeof java

/** In words why an engine can't run here, or undefined where it can. In CI everything can: a start that fails fails its tests. */
export function engineMissing(name: EngineName): string | undefined {
  if (process.env['CI'] === 'true') return undefined
  if (process.platform === 'win32') return 'the start scripts need bash'
  for (const tool of ['bash', 'curl', 'flock']) {
    if (spawnSync(tool, ['--version'], { stdio: 'ignore' }).error !== undefined) return `no ${tool} here`
  }
  if (spawnSync('bash', ['-c', `. "${here}/engine.sh"; java_home ${java[name]}`], { stdio: 'ignore' }).status !== 0)
    return `no Java ${java[name]} or newer here`
  return spawnSync('mvn', ['--version'], { stdio: 'ignore' }).error === undefined ? undefined : 'no Maven here'
}

export interface KafkaOptions extends EngineOptions {
  /** No file may grow beyond this many KiB: to the broker as a disk that is full. Above 10 MiB, the size of its indices. */
  fileKiBMax?: number
  /** Users made with the log, for SCRAM: `SCRAM-SHA-256=[name=varde,password=secret]`. */
  scram?: string[]
}

export function startKafka(options: KafkaOptions = {}): Promise<Engine> {
  const scram = (options.scram ?? []).flatMap((user) => ['--add-scram', user])
  return start('kafka', options, (port) => ({
    KAFKA_PORT: String(port),
    KAFKA_HEAP: options.heap ?? '512m',
    KAFKA_CONFIG: (options.config ?? []).join('\n'),
    KAFKA_FORMAT: scram.join(' '),
    KAFKA_FILE_KIB: String(options.fileKiBMax ?? ''),
  }))
}

export interface ElasticsearchOptions extends EngineOptions {
  /** Turns security on, with user `elastic` and this password. */
  password?: string
}

export function startElasticsearch(options: ElasticsearchOptions = {}): Promise<Engine> {
  return start('elasticsearch', options, (port) => ({
    ES_PORT: String(port),
    ES_HEAP: options.heap ?? '1g',
    ES_CONFIG: (options.config ?? []).join('\n'),
    ...(options.password === undefined ? {} : { ES_PASSWORD: options.password }),
  }))
}

async function start(
  name: EngineName,
  options: EngineOptions,
  environment: (port: number) => Record<string, string>,
): Promise<Engine> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), `varde-${name}-`)))
  const port = options.port ?? (await freePort())
  const child = spawn(join(here, `start-${name}`), [folder], {
    // A group of its own, so that a kill reaches the JVM too; ENGINE_PARENT ends it with us.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ...environment(port),
      ENGINE_PARENT: String(process.pid),
      ENGINE_JAVA: options.steady === true ? '' : '-XX:TieredStopAtLevel=1',
    },
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const address = await ready(child, name)
  const signal = (which: NodeJS.Signals) => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    process.kill(-child.pid, which)
  }
  return {
    address,
    port,
    folder,
    ended: exited,
    cpuMs: () => cpuMsOfGroup(child.pid ?? 0),
    async kill() {
      signal('SIGKILL')
      await exited
    },
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    async stop({ keep = false } = {}) {
      signal('SIGTERM')
      await exited
      if (!keep && options.folder === undefined) await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The kernel counts in hundredths of a second. */
function cpuMsOfGroup(group: number): number {
  let ticks = 0
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      // Behind the name, which may hold anything: state, parent, group, …, user and system time as the 14th and 15th.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      if (Number(fields[2]) === group) ticks += Number(fields[11]) + Number(fields[12])
    } catch {
      // It ended meanwhile.
    }
  }
  return ticks * 10
}

/** What all files of a run share. */
export interface SharedEngine {
  address: string
  folder: string
}

/** The run's own broker: topics and groups need names that no other file has. */
export const sharedKafka = () => shared('kafka')

/** The run's own node, or one that runs already while somebody works on the adapter; prefixes are the caller's own. */
export function sharedElasticsearch(): Promise<SharedEngine> {
  const address = process.env['VARDE_ELASTICSEARCH']
  if (address === undefined) return shared('elasticsearch')
  return Promise.resolve({ address, folder: process.env['VARDE_ELASTICSEARCH_FOLDER'] ?? '' })
}

async function shared(name: EngineName): Promise<SharedEngine> {
  const { inject } = await import('vitest')
  for (;;) {
    const answer = await fetch(`${inject('engines')}/${name}`)
    const body = await answer.text()
    if (answer.status === 200) return JSON.parse(body)
    if (answer.status !== 202) throw new Error(body)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

function ready(child: ChildProcess, name: EngineName): Promise<string> {
  return new Promise((resolve, reject) => {
    let out = ''
    let wrong = ''
    child.stdout?.on('data', (bytes: Buffer) => {
      out += bytes.toString()
      const address = /^ready (\S+)$/m.exec(out)?.[1]
      if (address !== undefined) resolve(address)
    })
    child.stderr?.on('data', (bytes: Buffer) => {
      wrong += bytes.toString()
    })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${name} did not start (${code}): ${wrong.slice(-4_000)}`)))
  })
}

/** Below the range that systems give to clients; the one behind it is free too (Kafka's controller takes it). */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + 2 * Math.floor(Math.random() * 6_000)
    if ((await isFree(port)) && (await isFree(port + 1))) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
