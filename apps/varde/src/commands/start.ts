// varde start: the whole of Varde in one process, or some roles of a cluster.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildApi, buildShipperApp, type FastifyInstance, shipperDoors } from '@varde/api'
import { type Config, loadConfig, VardeError } from '@varde/runtime'
import { type DataFolder, openDataFolder } from '../data-folder.ts'
import { type LiveIntake, liveIntake } from '../intake.ts'
import { localDoor } from '../local-door.ts'
import { explain, remark } from '../output.ts'
import { listenForProbes, probeDoors } from '../probes.ts'
import { hasSample, loadSample, removeSample } from '../sample/load-sample.ts'
import { version } from '../version.ts'
import { type Node, openNode } from '../wiring.ts'

export interface StartOptions {
  data: string
  config?: string
  port?: string
  role?: string
  sample?: boolean
}

const webRoot = join(import.meta.dirname, '..', '..', '..', 'web', 'dist')
/** Below the 30 s that Docker and Kubernetes give before they kill. */
const drainMs = 25_000
/** Of a process without the page, where the configuration names none. */
const metricsDefault = { host: '127.0.0.1', port: 7181 }

function readConfig(folder: DataFolder, options: StartOptions): Config {
  const file = options.config ?? (existsSync(folder.config) ? folder.config : undefined)
  const port = options.port === undefined ? undefined : portOf(options.port)
  return loadConfig({
    ...(file === undefined ? {} : { file }),
    environment: process.env,
    override: {
      ...(port === undefined ? {} : { http: { port } }),
      ...(options.role === undefined ? {} : { roles: options.role.split(',').map((role) => role.trim()) }),
    },
  })
}

function openFolder(options: StartOptions): DataFolder {
  const folder = openDataFolder(options.data)
  const other = folder.running()
  if (other === undefined) return folder
  throw new VardeError('DATA_FOLDER_IN_USE', `Varde already runs on ${folder.root} (pid ${other.pid}, ${other.url})`, {
    hint: 'Stop it first, or name another folder with --data.',
  })
}

/** The page with everything behind it, the doors for shippers alone, or nothing, by the roles of the process. */
async function buildDoor(
  node: Node,
  intake: LiveIntake,
  stopping: () => boolean,
): Promise<FastifyInstance | undefined> {
  const { certificate, key, trustedProxies } = node.config.http
  const tls =
    certificate === undefined || key === undefined
      ? undefined
      : { certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') }
  const extend = (app: FastifyInstance) => probeDoors(app, node, stopping)
  if (!node.roles.includes('api')) {
    if (!node.roles.includes('collect')) return undefined
    return buildShipperApp({
      auth: node.auth,
      collectors: node.collectors,
      trustedProxies,
      extend,
      ...(tls === undefined ? {} : { tls }),
    })
  }
  return buildApi({
    ...node,
    intake,
    logger: node.log,
    version,
    webRoot,
    secure: tls !== undefined,
    trustedProxies,
    localToken: node.token,
    hasSample: () => hasSample(node),
    loadSample: sampleOnce(node),
    removeSample: (by) => removeSample(node, by),
    ...(tls === undefined ? {} : { tls }),
    extend(app) {
      extend(app)
      shipperDoors(app, node)
      localDoor(app, node)
    },
  })
}

/** Two who ask at once wait for one loading; one that failed can be tried again. */
function sampleOnce(node: Node): () => ReturnType<typeof loadSample> {
  let running: ReturnType<typeof loadSample> | undefined
  return () => {
    running ??= loadSample(node, () => undefined).finally(() => {
      running = undefined
    })
    return running
  }
}

async function listen(app: FastifyInstance, { http }: Config): Promise<string> {
  try {
    await app.listen({ host: http.host, port: http.port })
  } catch (cause) {
    throw new VardeError('HTTP_LISTEN', `can't listen on ${http.host}:${http.port}`, {
      cause,
      hint: 'Another program has the port: choose one with --port.',
    })
  }
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : http.port
  return `${http.certificate === undefined ? 'http' : 'https'}://${http.host.includes(':') ? `[${http.host}]` : http.host}:${port}`
}

export async function start(options: StartOptions): Promise<void> {
  const folder = openFolder(options)
  const config = readConfig(folder, options)
  const node = await openNode(folder, config, { listen: true })
  const intake = liveIntake(node)
  let stopping = false
  const closing: (() => unknown)[] = [() => intake.stop(), () => folder.withdraw()]
  let endProbes: () => void = () => undefined
  const stop = async () => {
    for (const close of closing) await close()
    await node.close()
    // Last: whoever asks meanwhile hears that we drain.
    endProbes()
  }
  let url: string | undefined
  let probes: string | undefined
  try {
    const app = await buildDoor(node, intake, () => stopping)
    if (app !== undefined) {
      closing.push(() => app.close())
      url = await listen(app, config)
    }
    const metrics = config.metrics ?? (url === undefined ? metricsDefault : undefined)
    if (metrics !== undefined) {
      const server = await listenForProbes(node, metrics, () => stopping)
      endProbes = server.close
      probes = server.url
    }
  } catch (error) {
    await stop()
    throw error
  }
  if (url !== undefined && node.roles.includes('api'))
    folder.announce({ pid: process.pid, url, token: node.token, startedAt: new Date().toISOString() })
  onSignals(async () => {
    stopping = true
    await stop()
  })
  await welcome(node, intake, options, { url, probes })
}

function onSignals(stop: () => Promise<void>): void {
  let stopping = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) return
      stopping = true
      remark('varde: draining and stopping …')
      // What a broker that is away still holds back is found again at the next start; what a sender was told is durable.
      setTimeout(() => {
        remark(`varde: not drained within ${drainMs / 1_000} s; ending as it is, nothing acknowledged is lost`)
        process.exit(1)
      }, drainMs).unref()
      stop().then(
        () => process.exit(0),
        (error: unknown) => {
          remark(explain(error))
          process.exit(1)
        },
      )
    })
  }
}

async function welcome(
  node: Node,
  intake: LiveIntake,
  options: StartOptions,
  { url, probes }: { url: string | undefined; probes: string | undefined },
): Promise<void> {
  remark(`varde ${version} runs at ${url ?? probes ?? 'no address'}`)
  if (node.config.bus === 'kafka')
    remark(`  as ${node.roles.join(', ')} on Kafka ${node.config.kafka?.brokers.join(', ')}`)
  for (const { kind, host, port: at } of intake.listeners()) remark(`  ${kind} on ${host}:${at}`)
  if (probes !== undefined) remark(`  metrics and probes at ${probes}`)
  remark(`  data in ${node.folder.root}`)
  if (!node.roles.includes('api')) return
  if (await node.auth.setUpNeeded())
    remark(`\n  First start: create your administrator at\n  ${url}/setup#token=${node.auth.drawSetUpToken()}\n`)
  if (options.sample === true && !(await hasSample(node))) {
    remark('varde: loading the sample, a working week of a small hosting company …')
    const { events, alerts } = await loadSample(node, () => undefined)
    remark(`varde: the sample is in: ${events} events, ${alerts} alerts`)
  }
}

function portOf(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new VardeError('ARGUMENT_INVALID', `--port ${text} is no port`, {
      hint: 'Give a number from 0 to 65535; 0 takes a free one.',
    })
  return port
}
