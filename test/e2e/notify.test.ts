// From a sender's line to somebody's phone: a real alert reaches a webhook, over a kill -9 of the program.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server as HttpServer } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { logCleared } from '../../apps/varde/src/sample/windows-lines.ts'
import { internal } from '../../apps/varde/src/sample/world.ts'
import { type Server, startServer } from './varde.ts'

const folder = mkdtempSync(join(tmpdir(), 'varde-e2e-notify-'))
const received: { alert?: string; kind: string; subject: string; link: string }[] = []
let answer = 503
let asked = 0
let hook: HttpServer
let server: Server

const start = () => startServer(['--data', join(folder, 'data'), '--config', join(folder, 'varde.yaml')])

/** A message that was taken by the process that died is free again after a minute. */
async function until(what: string, done: () => boolean, withinMs = 240_000): Promise<void> {
  const end = Date.now() + withinMs
  while (!done()) {
    if (Date.now() > end) throw new Error(`not in time: ${what}; asked ${asked} times, got ${JSON.stringify(received)}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

beforeAll(async () => {
  hook = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      if (answer === 200) received.push(JSON.parse(Buffer.concat(parts).toString()))
      asked += 1
      response.writeHead(answer).end()
    })
  })
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', () => resolve()))
  const address = hook.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  writeFileSync(
    join(folder, 'varde.yaml'),
    `listeners: [{ kind: syslog-tcp, port: 0 }]
notify:
  page: https://varde.test
  channels: { chat: { kind: webhook, url: 'http://127.0.0.1:${port}/hook' } }
  routes: [{ severity: medium, channels: [chat] }]
`,
  )
  server = await start()
}, 300_000)

afterAll(async () => {
  await server?.kill('SIGKILL')
  hook?.close()
  rmSync(folder, { recursive: true, force: true })
})

test('an alert is told, though the receiver was down and the program was killed in between', async () => {
  const line = logCleared(Date.now(), internal.controller, 7, 'helper', internal)
  await new Promise<void>((resolve) =>
    connect(server.ports['syslog-tcp'] ?? 0, '127.0.0.1').end(`<13>1 - dc1 - - - - ${line}\n`, () => resolve()),
  )
  await until('the receiver is asked', () => asked > 0)
  await server.kill('SIGKILL')
  answer = 200
  server = await start()
  // Varde's own events may raise alerts too: they are not what this is about.
  const told = () => received.filter(({ subject }) => subject.includes('cleared'))
  await until('the alert is told', () => told().length > 0)
  expect(told()).toEqual([
    expect.objectContaining({
      kind: 'alert',
      subject: expect.stringContaining('cleared'),
      link: expect.stringMatching(/^https:\/\/varde\.test\/alerts\?alert=[0-9a-f]{64}$/),
    }),
  ])
}, 900_000)
