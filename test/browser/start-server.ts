// Starts the real server on a data folder of its own, empty with the sample unless one is given, and stops it.
import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface RunningServer {
  url: string
  /** The one-time set-up link that it printed. */
  setUpLink: string
  stop(): Promise<void>
}

const root = join(import.meta.dirname, '..', '..')
const readyMs = 240_000

/** Resolves when it answers, with the sample in. Rejects with what the server said where that takes too long. */
export async function startServer(given?: { data: string }): Promise<RunningServer> {
  if (!existsSync(join(root, 'apps', 'web', 'dist', 'index.html'))) {
    throw new Error('apps/web/dist is missing: run node_modules/.bin/vite build in apps/web (npm test does)')
  }
  const data = given?.data ?? mkdtempSync(join(tmpdir(), 'varde-browser-'))
  // Its usual ports may be taken on the machine that tests.
  writeFileSync(join(data, 'varde.yaml'), 'listeners: []\n')
  // By its door, as `npm start` runs it: with its pool of threads, and what was compiled once.
  const child = spawn(
    process.execPath,
    [
      join(root, 'apps', 'varde', 'bin', 'varde.mjs'),
      'start',
      ...(given === undefined ? ['--sample'] : []),
      '--data',
      data,
      '--port',
      '0',
    ],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  // What it says is kept beside the pictures, for whoever looks into a failure.
  mkdirSync(join(root, 'test', 'results'), { recursive: true })
  const log = createWriteStream(join(root, 'test', 'results', 'browser-server.log'))
  child.stdout.on('data', (chunk: Buffer) => log.write(chunk))
  child.stderr.on('data', (chunk: Buffer) => log.write(chunk))
  const stop = async () => {
    await ended(child)
    log.end()
    // Its private keys lie beside it.
    if (given === undefined)
      for (const folder of [data, `${data}.keys`]) rmSync(folder, { recursive: true, force: true })
  }
  try {
    const said = await until(child, given === undefined ? /the sample is in/ : /\/setup#token=\S+/)
    const setUpLink = /\S+\/setup#token=\S+/.exec(said)?.[0]
    if (setUpLink === undefined) throw new Error(`no set-up link in:\n${said}`)
    return { url: new URL(setUpLink).origin, setUpLink, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function until(child: ChildProcess, sign: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    const timer = setTimeout(() => reject(new Error(`the server is not ready after ${readyMs} ms:\n${said}`)), readyMs)
    const hear = (chunk: Buffer) => {
      said += chunk.toString()
      if (!sign.test(said)) return
      clearTimeout(timer)
      resolve(said)
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    child.once('exit', (code) => {
      clearTimeout(timer)
      reject(new Error(`the server ended with ${code}:\n${said}`))
    })
  })
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    const force = setTimeout(() => child.kill('SIGKILL'), 20_000)
    child.once('exit', () => {
      clearTimeout(force)
      resolve()
    })
    child.kill('SIGTERM')
  })
}
