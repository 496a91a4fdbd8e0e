// The real program for end-to-end tests: commands that run to their end, and a server on a folder of its own.
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { loadConfig } from '@varde/runtime'
import type { Store } from '@varde/store'
import { openElasticsearchStore } from '@varde/store/elasticsearch'
import { openEmbeddedStore } from '@varde/store/embedded'
import { elasticsearchSettings } from '../../apps/varde/src/elasticsearch-settings.ts'

const root = join(import.meta.dirname, '..', '..')
const main = join(root, 'apps', 'varde', 'src', 'main.ts')
const startMs = 200_000

export interface Finished {
  code: number | null
  out: string
  err: string
  /** Standard output as NDJSON. */
  lines(): Record<string, unknown>[]
}

/** The store of a data folder that nobody runs on: in the folder, or where the environment has it. */
export function openStoreOf(data: string): Promise<Store> {
  const config = loadConfig({ environment: process.env })
  return config.store === 'elasticsearch'
    ? openElasticsearchStore(elasticsearchSettings(config))
    : openEmbeddedStore({ dir: join(data, 'store') })
}

export function varde(args: string[], input = ''): Promise<Finished> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...args], { cwd: root })
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk
    })
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk
    })
    child.once('close', (code) =>
      resolve({
        code,
        out,
        err,
        lines: () =>
          out
            .split('\n')
            .filter((line) => line !== '')
            .map((line) => JSON.parse(line)),
      }),
    )
    child.stdin.end(input)
  })
}

export interface Server {
  url: string
  said: string
  /** By kind: `syslog-tcp` and so on. */
  ports: Record<string, number>
  setUpToken: string | undefined
  kill(signal: NodeJS.Signals): Promise<void>
}

export function startServer(args: string[]): Promise<Server> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', main, 'start', '--port', '0', ...args],
      { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] },
    )
    let said = ''
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`not started in time:\n${said}`))
    }, startMs)
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk
      const url = /runs at (\S+)/.exec(said)?.[1]
      if (url === undefined || !/data in .*\n/.test(said)) return
      clearTimeout(timer)
      const ports = Object.fromEntries(
        [...said.matchAll(/(syslog-\w+) on \S+:(\d+)/g)].map(([, kind = '', port]) => [kind, Number(port)]),
      )
      const server: Server = {
        url,
        // A cluster's answer may come later than the start.
        get said() {
          return said
        },
        ports,
        get setUpToken() {
          return /setup#token=(\S+)/.exec(said)?.[1]
        },
        kill: (signal) => ended(child, signal),
      }
      void saidAll(server).then(() => resolve(server))
    })
    child.once('exit', (code) => {
      clearTimeout(timer)
      reject(new Error(`ended with ${code}:\n${said}`))
    })
  })
}

/** The set-up link is the last thing that a first start says; a process without the page knows of none. */
async function saidAll(server: Server): Promise<void> {
  const health = await fetch(`${server.url}/api/health`).then(
    async (answer) => answer.text(),
    () => '',
  )
  const end = Date.now() + startMs
  while (health.includes('"setUpNeeded":true') && server.setUpToken === undefined && Date.now() < end)
    await new Promise((resolve) => setTimeout(resolve, 20))
}

/** Makes the first administrator, anna, by the set-up link, and gives her cookie. */
export async function setUp(server: Server): Promise<string> {
  const response = await fetch(`${server.url}/api/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
    body: JSON.stringify({ token: server.setUpToken, name: 'anna', password: 'a long enough passphrase' }),
  })
  if (!response.ok) throw new Error(`the set-up link was refused: ${response.status} ${await response.text()}`)
  return response.headers.get('set-cookie')?.split(';')[0] ?? ''
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill(signal)
  })
}
