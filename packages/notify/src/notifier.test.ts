// A real SMTP server, real webhooks and a real store: who is told what, when, how often, and after a crash.
import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger, manualClock } from '@varde/runtime'
import { type EmbeddedStore, openEmbeddedStore } from '@varde/store/embedded'
import { SMTPServer } from 'smtp-server'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { AlertNews } from './alert-news.ts'
import { createMailChannel } from './channels/mail.ts'
import { createWebhookChannel } from './channels/webhook.ts'
import { createNotifier, type Notifier, type NotifierOptions } from './notifier.ts'
import type { Route } from './route.ts'

const secret = 'shared with the receiver'
const log = createLogger({ level: 'silent' })
const start = Date.parse('2026-11-24T10:00:00Z')

let folder: string
let store: EmbeddedStore
let hook: Server
let hookUrl: string
let answer: number
let received: { headers: IncomingHttpHeaders; body: string }[]
let clock: ReturnType<typeof manualClock>
let queue: Map<string, AlertNews>
let listeners: Set<() => void>
let running: Notifier[]

function alert(id: string, part: Partial<AlertNews> = {}): AlertNews {
  return {
    id,
    tenant: 'acme',
    title: `Password spray from 203.0.113.9 (${id})`,
    severity: 'high',
    status: 'open',
    rule: { id: 'au-01-password-spray', name: 'Password spray from one address' },
    entities: { user: ['anna', 'bo'], host: ['dc1'], ip: ['203.0.113.9'] },
    anchor: clock.now() - 1_000,
    raisedAt: clock.now(),
    memberCount: 12,
    finality: 'provisional',
    ...part,
  }
}

function put(one: AlertNews): void {
  queue.set(one.id, one)
  for (const listener of listeners) listener()
}

async function run(routes: Route[], part: Partial<NotifierOptions> = {}): Promise<Notifier> {
  const notifier = createNotifier({
    documents: store.documents,
    alerts: {
      all: () => queue.values(),
      onChange(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
    channels: [
      createWebhookChannel({ name: 'chat', url: hookUrl, format: 'json', secret, perHourMax: 3 }, clock),
      createWebhookChannel({ name: 'boss', url: hookUrl, format: 'text', perHourMax: 3 }, clock),
    ],
    routes,
    context: { page: 'https://varde.test', zone: 'Europe/Copenhagen' },
    clock,
    log,
    ...part,
  })
  running.push(notifier)
  await notifier.start()
  return notifier
}

async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000
  while (!(await done())) {
    if (Date.now() > end) throw new Error('not in time')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function countOf(
  notifier: Notifier,
  status: 'sent' | 'held' | 'dropped' | 'pending' | 'failed',
): Promise<number> {
  return (await notifier.list({ status, limit: 100 })).notifications.length
}

beforeAll(async () => {
  hook = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      if (answer === 200) received.push({ headers: request.headers, body: Buffer.concat(parts).toString() })
      response.writeHead(answer).end()
    })
  })
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', () => resolve()))
  const address = hook.address()
  hookUrl = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/hook`
})
afterAll(() => hook.close())
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'varde-notify-'))
  store = await openEmbeddedStore({ dir: folder })
  clock = manualClock(start)
  queue = new Map()
  listeners = new Set()
  running = []
  received = []
  answer = 200
})
afterEach(async () => {
  for (const notifier of running) await notifier.stop()
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const toChat: Route = { severity: 'high', channels: ['chat'] }

describe('a webhook', () => {
  test('gets each alert once, signed, with a key that names it', async () => {
    const notifier = await run([toChat])
    put(alert('one'))
    put(alert('quiet', { severity: 'low' }))
    await until(() => received.length === 1)
    put(alert('one', { memberCount: 13 }))
    put(alert('two'))
    await until(() => received.length === 2)
    await until(async () => (await countOf(notifier, 'sent')) === 2)
    const { headers, body } = received[0] ?? { headers: {}, body: '' }
    const [, seconds, mac] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['varde-signature'])) ?? []
    expect(mac).toBe(createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex'))
    expect(JSON.parse(body)).toMatchObject({
      id: headers['idempotency-key'],
      kind: 'alert',
      alert: 'one',
      severity: 'high',
      subject: '[high] Password spray from 203.0.113.9 (one)',
      link: 'https://varde.test/alerts?alert=one',
    })
    expect(JSON.parse(body).text).toContain('When      2026-11-24 10:59:59 UTC+01:00, 12 events')
  })

  test('that is down gets it later, and no second one', async () => {
    answer = 503
    const notifier = await run([toChat])
    put(alert('one'))
    await until(() => notifier.status().channels[0]?.problem?.includes('503') === true)
    answer = 200
    clock.advance(60_000)
    put(alert('one'))
    await until(() => received.length === 1)
    await until(async () => (await countOf(notifier, 'sent')) === 1)
    expect(notifier.status().channels[0]?.problem).toBeUndefined()
  })
})

test('what was in the queue before the first start is not news; what came while nobody ran is', async () => {
  put(alert('old', { raisedAt: start - 60_000 }))
  const first = await run([toChat])
  put(alert('one'))
  await until(() => received.length === 1)
  await first.stop()
  clock.advance(60_000)
  put(alert('meanwhile'))
  const second = await run([toChat])
  await until(() => received.length === 2)
  expect(received.map(({ body }) => JSON.parse(body).alert)).toEqual(['one', 'meanwhile'])
  await until(async () => (await countOf(second, 'sent')) === 2)
})

test('two processes tell it once', async () => {
  await Promise.all([run([toChat]), run([toChat])])
  for (const id of ['a', 'b', 'c']) put(alert(id))
  await until(() => received.length === 3)
  clock.advance(10_000)
  put(alert('c'))
  await new Promise((resolve) => setTimeout(resolve, 800))
  expect(received.map(({ body }) => JSON.parse(body).alert).sort()).toEqual(['a', 'b', 'c'])
})

test('an alert that nobody takes goes to the next; one that somebody took does not', async () => {
  await run([{ ...toChat, escalation: { afterMs: 15 * 60_000, channels: ['boss'] } }])
  put(alert('taken'))
  put(alert('lost'))
  await until(() => received.length === 2)
  put(alert('taken', { raisedAt: start, status: 'acknowledged' }))
  clock.advance(15 * 60_000)
  put(alert('lost', { raisedAt: start }))
  await until(() => received.length === 3)
  await new Promise((resolve) => setTimeout(resolve, 600))
  expect(received.length).toBe(3)
  const { text } = JSON.parse(received[2]?.body ?? '{}')
  expect(text).toContain('*Not taken: [high] Password spray from 203.0.113.9 (lost)*')
  expect(text).toContain('Nobody has taken this alert since 2026-11-24 11:00:00 UTC+01:00.')
})

test('beyond the limit of an hour: held, counted, and told in one digest', async () => {
  const notifier = await run([toChat])
  for (let n = 0; n < 8; n += 1) put(alert(`n${n}`))
  await until(async () => (await countOf(notifier, 'held')) === 5)
  expect(received.length).toBe(3)
  clock.advance(10 * 60_000)
  put(alert('n0', { raisedAt: start }))
  await until(() => received.length === 4)
  expect(JSON.parse(received[3]?.body ?? '{}')).toMatchObject({ kind: 'digest', count: 5, subject: '5 more alerts' })
  await until(async () => (await countOf(notifier, 'held')) === 0)
  await until(async () => (await countOf(notifier, 'sent')) === 9)
})

test('what is settled before it could be sent is dropped', async () => {
  answer = 500
  const notifier = await run([toChat])
  put(alert('one'))
  await until(() => notifier.status().channels[0]?.problem !== undefined)
  answer = 200
  queue.set('one', alert('one', { raisedAt: start, status: 'closed' }))
  clock.advance(60_000)
  put(alert('two'))
  await until(async () => (await countOf(notifier, 'dropped')) === 1)
  expect(received.map(({ body }) => JSON.parse(body).alert)).toEqual(['two'])
})

test('a test of a channel says what is wrong', async () => {
  const notifier = await run([toChat])
  expect(await notifier.test('chat')).toBe(true)
  expect(received.length).toBe(1)
  expect(await notifier.test('nobody')).toBe(false)
  answer = 401
  clock.advance(1)
  await expect(notifier.test('chat')).rejects.toMatchObject({
    code: 'NOTIFY_FAILED',
    message: expect.stringContaining('401'),
  })
  expect(await countOf(notifier, 'failed')).toBe(1)
})

test('mail: signed in, from, to, thread, one line of subject', async () => {
  const mails: string[] = []
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: (auth, _session, done) =>
      auth.username === 'varde' && auth.password === 'secret' ? done(null, { user: 'varde' }) : done(new Error('no')),
    onData(stream, _session, done) {
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', () => {
        mails.push(Buffer.concat(parts).toString())
        done()
      })
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const address = server.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const mail = (password: string) =>
    createMailChannel({
      name: 'mail',
      host: '127.0.0.1',
      port,
      security: 'none',
      user: 'varde',
      password,
      from: 'Varde <varde@nordvarde.test>',
      to: ['soc@nordvarde.test'],
      perHourMax: 10,
    })
  try {
    const notifier = await run([{ severity: 'high', channels: ['mail'] }], { channels: [mail('secret')] })
    put(alert('one', { title: 'A line\r\nBcc: everybody@nordvarde.test' }))
    await until(() => mails.length === 1)
    const [head = '', ...body] = (mails[0] ?? '').split('\r\n\r\n')
    expect(head).toContain('To: soc@nordvarde.test')
    expect(head).toContain('Subject: [high] A line Bcc: everybody@nordvarde.test')
    expect(head).toContain('Auto-Submitted: auto-generated')
    expect(head).not.toMatch(/^Bcc:/m)
    expect(body.join('\r\n\r\n')).toContain('User      anna, bo')
    await notifier.stop()
    const refused = await run([], { channels: [mail('wrong')] })
    await expect(refused.test('mail')).rejects.toMatchObject({ code: 'NOTIFY_FAILED' })
  } finally {
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }
})
