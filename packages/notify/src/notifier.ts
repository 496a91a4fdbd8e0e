// The notifier: sees to it that each alert's people are told, in order of its routes, and told again when nobody takes it.
import { type Clock, type Logger, type Service, VardeError } from '@varde/runtime'
import type { JsonObject, Notification } from '@varde/schema'
import { collections, type DocumentStore } from '@varde/store'
import type { AlertNews } from './alert-news.ts'
import type { Channel, Message } from './channel.ts'
import { alertMessage, digestMessage, type MessageContext, testMessage } from './message.ts'
import { type Outbox, openOutbox, type Taken } from './outbox.ts'
import { fits, isWithin, type Route } from './route.ts'

/** The queue as the wiring hands it over: siblings do not import each other. */
export interface AlertQueue {
  all(): Iterable<AlertNews>
  onChange(listener: () => void): () => void
}

export interface NotifierStatus {
  channels: { name: string; kind: Channel['kind']; lastSentAt?: number; problem?: string }[]
}

export interface Notifier extends Service {
  /** Sends a test now; false where there is no such channel. Throws NOTIFY_FAILED with what the channel said. */
  test(channel: string): Promise<boolean>
  list: Outbox['list']
  status(): NotifierStatus
}

export interface NotifierOptions {
  documents: DocumentStore
  alerts: AlertQueue
  channels: readonly Channel[]
  routes: readonly Route[]
  context: MessageContext
  clock: Clock
  log: Logger
}

/** Escalations and retries are looked for this often; a new alert is told at once. */
const sweepMs = 5_000
/** A burst of alerts is one round. */
const gatherMs = 250
const hourMs = 60 * 60_000
const digestEveryMs = 10 * 60_000
const sendMs = 30_000
/** Alerts older than this are history: somebody who is told of them now is told nothing. */
const lookBackMs = 24 * hourMs
const state = collections.state.name
const sinceId = 'notify.since'

export function createNotifier(options: NotifierOptions): Notifier {
  const { documents, alerts, channels, routes, context, clock, log } = options
  const outbox = openOutbox({ documents, clock })
  const byName = new Map(channels.map((channel) => [channel.name, channel]))
  const seen = new Map<string, { lastSentAt?: number; problem?: string }>()
  /** The alerts of the last round that are young enough to be told of. */
  let recent = new Map<string, AlertNews>()
  /** Owed before, as far as this process knows: saves the store a question an alert and round. */
  const owed = new Set<string>()
  let since = Number.POSITIVE_INFINITY
  let timer: NodeJS.Timeout | undefined
  let forget = () => {}
  let round: Promise<void> = Promise.resolve()
  let gathering: NodeJS.Timeout | undefined
  let stopped = false

  const owe = async (channel: string, kind: 'alert' | 'escalation', alert: AlertNews): Promise<void> => {
    const key = `${channel}/${kind}/${alert.id}`
    if (owed.has(key) || !byName.has(channel)) return
    const { id, tenant, title, severity } = alert
    await outbox.add({ channel, kind, subject: id, alert: id, tenant, title, severity })
    owed.add(key)
  }

  /** From the queue to the outbox: creating what exists changes nothing, so a crash in between costs nothing. */
  const collect = async (): Promise<void> => {
    const now = clock.now()
    const oldest = Math.max(since, now - lookBackMs)
    recent = new Map()
    for (const alert of alerts.all()) {
      if (alert.raisedAt < oldest) continue
      recent.set(alert.id, alert)
      if (alert.status !== 'open' || alert.finality === 'retracted') continue
      for (const route of routes) {
        if (!fits(route, alert) || !isWithin(route.hours, now)) continue
        for (const channel of route.channels) await owe(channel, 'alert', alert)
        const { escalation } = route
        if (escalation === undefined || alert.assignee !== undefined) continue
        if (now - alert.raisedAt < escalation.afterMs) continue
        for (const channel of escalation.channels) await owe(channel, 'escalation', alert)
      }
    }
    for (const key of owed) if (!recent.has(key.slice(key.lastIndexOf('/') + 1))) owed.delete(key)
  }

  /** Nothing where it is settled: taken, undone, or too old to be news. */
  const newsOf = ({ alert }: Notification): AlertNews | undefined => {
    const found = recent.get(alert ?? '')
    return found?.status === 'open' && found.finality !== 'retracted' ? found : undefined
  }

  const deliver = async (taken: Taken): Promise<void> => {
    const { notification } = taken
    const channel = byName.get(notification.channel)
    if (channel === undefined) return outbox.settle(taken, 'dropped')
    if (notification.kind === 'test') return send(channel, taken, testMessage(notification))
    if (notification.kind === 'digest') {
      const held = await outbox.held(channel.name)
      if (held.length === 0) return outbox.settle(taken, 'dropped')
      const counted = { ...notification, count: held.length }
      const all = held.map((one) => one.notification)
      return send(channel, taken, digestMessage(counted, all, context), held)
    }
    const alert = newsOf(notification)
    if (alert === undefined) return outbox.settle(taken, 'dropped')
    if ((await outbox.sentSince(channel.name, clock.now() - hourMs)) >= channel.perHourMax) {
      await outbox.settle(taken, 'held')
      return oweDigest(channel.name, notification)
    }
    return send(channel, taken, alertMessage(notification, alert, context))
  }

  const send = async (channel: Channel, taken: Taken, message: Message, told: readonly Taken[] = []): Promise<void> => {
    try {
      await channel.send(message, AbortSignal.timeout(sendMs))
    } catch (error) {
      const problem = problemOf(error)
      seen.set(channel.name, { ...seen.get(channel.name), problem })
      log.warn({ channel: channel.name, err: error }, 'notify: not delivered, tried again')
      return outbox.failed(taken, problem)
    }
    seen.set(channel.name, { lastSentAt: clock.now() })
    for (const one of told) await outbox.sent(one)
    await outbox.sent(taken)
  }

  const oweDigest = async (channel: string, { tenant, severity }: Notification): Promise<void> => {
    const period = Math.floor(clock.now() / digestEveryMs)
    const dueAt = (period + 1) * digestEveryMs
    await outbox.add({
      channel,
      kind: 'digest',
      subject: String(period),
      tenant,
      severity,
      title: 'more alerts',
      dueAt,
    })
  }

  const run = async (): Promise<void> => {
    await collect()
    for (const taken of await outbox.take()) {
      if (stopped) return
      await deliver(taken)
    }
  }

  /** One round after the other; a failure is the next round's business. */
  const turn = (): Promise<void> => {
    round = round.then(run).catch((error: unknown) => log.error({ err: error }, 'notify: a round failed, tried again'))
    return round
  }

  return {
    name: 'notify',
    async start() {
      const now = clock.now()
      // What was in the queue before anybody asked to be told is not news.
      const first = await documents.create<JsonObject>(state, sinceId, { since: now })
      since = first.ok ? now : Number(first.current?.doc['since'] ?? now)
      forget = alerts.onChange(() => {
        gathering ??= setTimeout(() => {
          gathering = undefined
          void turn()
        }, gatherMs)
      })
      timer = setInterval(() => void turn(), sweepMs)
      void turn()
    },
    async stop() {
      stopped = true
      clearInterval(timer)
      clearTimeout(gathering)
      forget()
      await round
    },
    async test(name) {
      const channel = byName.get(name)
      if (channel === undefined) return false
      const subject = String(clock.now())
      seen.set(name, {})
      await outbox.add({ channel: name, kind: 'test', subject, tenant: 'house', title: 'A test', severity: 'info' })
      await turn()
      const { problem } = seen.get(name) ?? {}
      if (problem !== undefined)
        throw new VardeError('NOTIFY_FAILED', problem, {
          hint: `See the channel ${name} under notify in the configuration.`,
        })
      return true
    },
    list: outbox.list,
    status: () => ({ channels: channels.map(({ name, kind }) => ({ name, kind, ...seen.get(name) })) }),
  }
}

/** `fetch failed` alone tells nobody that the name does not resolve. */
function problemOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
