// Senders over HTTP that never end: half a head, half a body, a byte at a time. The others are served meanwhile.
import { once } from 'node:events'
import { connect } from 'node:net'
import Fastify from 'fastify'
import { afterEach, expect, test } from 'vitest'
import { createWebServer, onStalled } from './http-server.ts'

const app = Fastify({
  forceCloseConnections: true,
  serverFactory: (handler) => createWebServer(handler, { headersMs: 800, requestMs: 1_600 }),
})
app.post('/in', async (request) => ({ got: request.body }))
const address = await app.listen({ host: '127.0.0.1', port: 0 })
let stalled = 0
onStalled(app.server, () => {
  stalled += 1
})
afterEach(() => app.close())

/** What the server says before it closes, and whether a byte every 20 ms kept it open. */
async function slowly(begin: string): Promise<string> {
  const socket = connect(Number(new URL(address).port), '127.0.0.1')
  let said = ''
  socket.on('data', (chunk: Buffer) => {
    said += chunk
  })
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(begin)
  const drip = setInterval(() => socket.write('x'), 20)
  await once(socket, 'close')
  clearInterval(drip)
  return said
}

test('a head and a body that never end are answered 408, closed, and counted', async () => {
  const [head, body] = await Promise.all([
    slowly('POST /in HTTP/1.1\r\nhost: a\r\nx-slow: '),
    slowly('POST /in HTTP/1.1\r\nhost: a\r\ncontent-type: text/plain\r\ncontent-length: 100000\r\n\r\n'),
    fetch(`${address}/in`, { method: 'POST', body: 'hello', headers: { 'content-type': 'text/plain' } }).then(
      async (answer) => expect(await answer.json()).toEqual({ got: 'hello' }),
    ),
  ])
  expect(head).toContain('408')
  expect(body).toContain('408')
  expect(stalled).toBe(2)
})
