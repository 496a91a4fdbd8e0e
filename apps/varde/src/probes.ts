// What an orchestrator and Prometheus ask of a process: alive, ready, metrics. On a port of its own, or beside the page.
import { createServer, type Server } from 'node:http'
import type { FastifyInstance } from '@varde/api'
import { VardeError } from '@varde/runtime'
import { isToken } from './local-door.ts'
import { metricsText } from './metrics.ts'
import type { Node } from './wiring.ts'

export interface Readiness {
  ready: boolean
  /** Which part is missing, and no more: anybody may ask. */
  waitingFor: string[]
  /** What is wrong with it, for whoever has the token of this machine's commands. */
  details: string[]
}

const metricsType = 'text/plain; version=0.0.4; charset=utf-8'
const storeMs = 3_000

/** Ready is who can do its work now: the store answers, and what this process runs does not fail. */
export async function readiness(node: Node, stopping: () => boolean): Promise<Readiness> {
  const waitingFor: string[] = []
  const details: string[] = []
  const wait = (part: string, detail: string | undefined) => {
    waitingFor.push(part)
    if (detail !== undefined) details.push(`${part}: ${detail}`)
  }
  if (stopping()) waitingFor.push('it is stopping')
  const answered = await Promise.race([
    node.store.documents.get('state', 'ready').then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    ),
    new Promise<string>((resolve) => setTimeout(() => resolve('no answer in time'), storeMs).unref()),
  ])
  if (answered !== undefined) wait('the store', answered)
  if (node.roles.includes('ingest')) {
    const { state, detail } = await node.ingest.health()
    if (state !== 'ok') wait(`ingest is ${state}`, detail)
  }
  if (node.roles.includes('collect')) {
    const { state, detail } = node.collectors.health()
    if (state !== 'ok') wait(`the collector is ${state}`, detail)
  }
  return { ready: waitingFor.length === 0, waitingFor, details }
}

interface Answer {
  status: number
  type: string
  body: string
}

/** `authorization`: the header of whoever asks. */
export async function answerProbe(
  path: string,
  authorization: string | undefined,
  node: Node,
  stopping: () => boolean,
): Promise<Answer | undefined> {
  if (path === '/health/live') return { status: 200, type: 'application/json', body: '{"alive":true}' }
  if (path === '/health/ready') {
    const { details, ...found } = await readiness(node, stopping)
    const told = isToken(authorization, node.token) ? { ...found, details } : found
    return { status: found.ready ? 200 : 503, type: 'application/json', body: JSON.stringify(told) }
  }
  if (path === '/metrics') return { status: 200, type: metricsType, body: await metricsText(node) }
  return undefined
}

/** Beside the page only this machine may read figures; probes say no more than well or unwell. */
export function probeDoors(app: FastifyInstance, node: Node, stopping: () => boolean): void {
  for (const path of ['/health/live', '/health/ready', '/metrics']) {
    app.get(path, async (request, reply) => {
      // What a proxy on this machine passes on is nobody of this machine.
      const isOwn = isLoopback(request.socket.remoteAddress) && request.headers['x-forwarded-for'] === undefined
      if (path === '/metrics' && !isOwn) return reply.callNotFound()
      const answer = await answerProbe(path, request.headers.authorization, node, stopping)
      if (answer === undefined) return reply.callNotFound()
      return reply.code(answer.status).type(answer.type).send(answer.body)
    })
  }
}

function isLoopback(address: string | undefined): boolean {
  return address === '127.0.0.1' || address === '::1' || address === '::ffff:127.0.0.1'
}

export function listenForProbes(
  node: Node,
  at: { host: string; port: number },
  stopping: () => boolean,
): Promise<{ url: string; close(): void }> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://probe').pathname
    answerProbe(path, request.headers.authorization, node, stopping).then(
      (answer) =>
        answer === undefined
          ? response.writeHead(404).end()
          : response.writeHead(answer.status, { 'content-type': answer.type }).end(answer.body),
      (error: unknown) => {
        node.log.error({ err: error, path }, 'a probe failed')
        response.writeHead(500).end()
      },
    )
  })
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new VardeError('HTTP_LISTEN', `can't listen on ${at.host}:${at.port}`, {
          cause,
          hint: 'Choose another port under metrics.',
        }),
      ),
    )
    server.listen(at, () => resolve({ url: urlOf(server, at.host), close: () => stop(server) }))
  })
}

function urlOf(server: Server, host: string): string {
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

function stop(server: Server): void {
  server.close()
  server.closeAllConnections()
}
