// varde start: the whole of Varde in one process.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildApi, shipperDoors } from '@varde/api'
import { loadConfig, VardeError } from '@varde/runtime'
import { openDataFolder } from '../data-folder.ts'
import { liveIntake } from '../intake.ts'
import { localDoor } from '../local-door.ts'
import { explain, remark } from '../output.ts'
import { hasSample, loadSample } from '../sample/load-sample.ts'
import { version } from '../version.ts'
import { openNode } from '../wiring.ts'

export interface StartOptions {
  data: string
  config?: string
  port?: string
  sample?: boolean
}

const webRoot = join(import.meta.dirname, '..', '..', '..', 'web', 'dist')

export async function start(options: StartOptions): Promise<void> {
  const folder = openDataFolder(options.data)
  const other = folder.running()
  if (other !== undefined) {
    throw new VardeError(
      'DATA_FOLDER_IN_USE',
      `Varde already runs on ${folder.root} (pid ${other.pid}, ${other.url})`,
      { hint: 'Stop it first, or name another folder with --data.' },
    )
  }
  const file = options.config ?? (existsSync(folder.config) ? folder.config : undefined)
  const port = options.port === undefined ? undefined : portOf(options.port)
  const config = loadConfig({
    ...(file === undefined ? {} : { file }),
    environment: process.env,
    override: port === undefined ? {} : { http: { port } },
  })
  const { certificate, key } = config.http
  const tls =
    certificate === undefined || key === undefined
      ? undefined
      : { certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') }

  const node = await openNode(folder, config, { listen: true })
  const intake = liveIntake(node)
  const app = await buildApi({
    ...node,
    intake,
    logger: node.log,
    version,
    webRoot,
    secure: tls !== undefined,
    localToken: node.token,
    hasSample: () => hasSample(node),
    ...(tls === undefined ? {} : { tls }),
    extend(api) {
      shipperDoors(api, node)
      localDoor(api, node)
    },
  })
  const stop = async () => {
    intake.stop()
    folder.withdraw()
    await app.close()
    await node.close()
  }
  try {
    await app.listen({ host: config.http.host, port: config.http.port })
  } catch (cause) {
    await stop()
    throw new VardeError('HTTP_LISTEN', `can't listen on ${config.http.host}:${config.http.port}`, {
      cause,
      hint: 'Another program has the port: choose one with --port.',
    })
  }
  const address = app.server.address()
  const listening = typeof address === 'object' && address !== null ? address.port : config.http.port
  const url = `${tls === undefined ? 'http' : 'https'}://${config.http.host.includes(':') ? `[${config.http.host}]` : config.http.host}:${listening}`
  folder.announce({ pid: process.pid, url, token: node.token, startedAt: new Date().toISOString() })

  let stopping = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) return
      stopping = true
      remark('varde: draining and stopping …')
      stop().then(
        () => process.exit(0),
        (error: unknown) => {
          remark(explain(error))
          process.exit(1)
        },
      )
    })
  }

  remark(`varde ${version} runs at ${url}`)
  for (const { kind, host, port: at } of intake.listeners()) remark(`  ${kind} on ${host}:${at}`)
  remark(`  data in ${folder.root}`)
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
