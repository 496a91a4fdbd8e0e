// The outbox: notifications as documents, made once, taken by one process at a time, tried until they are sent or given up.
import { createHash } from 'node:crypto'
import type { Clock } from '@varde/runtime'
import { type JsonObject, Notification, type NotificationKind } from '@varde/schema'
import { collections, type DocumentStore, type Versioned } from '@varde/store'

const collection = collections.notifications.name
/** Longer than any channel's own timeouts. */
const claimMs = 60_000
const firstRetryMs = 5_000
const retryMsMax = 10 * 60_000
/** With the doubling pause: about a day and a half. */
const attemptsMax = 220
const pageMax = 200

export interface Owed extends Pick<Notification, 'channel' | 'kind' | 'tenant' | 'title' | 'severity' | 'alert'> {
  /** What it is about: together with channel and kind its identity. */
  subject: string
  /** UTC milliseconds; now without it. */
  dueAt?: number
}

export type Taken = { notification: Notification; version: number }

export interface Outbox {
  /** False where it exists: it was owed before. */
  add(owed: Owed): Promise<boolean>
  /** Those due now, each taken by this process alone for a minute. */
  take(): Promise<Taken[]>
  sent(taken: Taken): Promise<void>
  failed(taken: Taken, error: string): Promise<void>
  /** Settled otherwise: held back for a digest, or dropped. */
  settle(taken: Taken, status: 'held' | 'dropped'): Promise<void>
  held(channel: string): Promise<Taken[]>
  /** Sent to the channel since then, digests and tests not counted. */
  sentSince(channel: string, since: number): Promise<number>
  list(query: {
    status?: Notification['status']
    limit: number
    cursor?: string
  }): Promise<{ notifications: Notification[]; next?: string }>
}

function notificationId(channel: string, kind: NotificationKind, subject: string): string {
  return createHash('sha256')
    .update(JSON.stringify([channel, kind, subject]))
    .digest('hex')
}

export function openOutbox({ documents, clock }: { documents: DocumentStore; clock: Clock }): Outbox {
  const write = async ({ notification, version }: Taken, change: Partial<Notification>): Promise<Taken | undefined> => {
    const next = { ...notification, ...change }
    const written = await documents.update<JsonObject>(collection, next.id, documentOf(next), version)
    return written.ok ? { notification: next, version: written.version } : undefined
  }
  const read = ({ doc, version }: Versioned<JsonObject>): Taken => ({ notification: Notification.parse(doc), version })

  return {
    async add({ subject, dueAt, ...owed }) {
      const now = clock.now()
      const id = notificationId(owed.channel, owed.kind, subject)
      const made: Notification = {
        ...owed,
        id,
        status: 'pending',
        createdAt: now,
        attempts: 0,
        dueAt: dueAt ?? now,
        claimedUntil: 0,
      }
      return (await documents.create<JsonObject>(collection, id, documentOf(made))).ok
    },
    async take() {
      const now = clock.now()
      const { docs } = await documents.list<JsonObject>(collection, {
        where: { status: 'pending', dueAt: { lt: now + 1 } },
        sort: { by: 'dueAt', order: 'asc' },
        limit: pageMax,
      })
      const mine: Taken[] = []
      for (const found of docs.map(read)) {
        if (found.notification.claimedUntil > now) continue
        // Whoever is second loses here, and leaves it to the first.
        const claimed = await write(found, { claimedUntil: now + claimMs, attempts: found.notification.attempts + 1 })
        if (claimed !== undefined) mine.push(claimed)
      }
      return mine
    },
    async sent(taken) {
      await write(taken, { status: 'sent', sentAt: clock.now(), claimedUntil: 0 })
    },
    async failed(taken, error) {
      const { attempts, kind } = taken.notification
      // Whoever asked for a test has seen that it failed.
      const givenUp = kind === 'test' || attempts >= attemptsMax
      const pauseMs = Math.min(retryMsMax, firstRetryMs * 2 ** Math.min(attempts - 1, 20))
      await write(taken, {
        error,
        claimedUntil: 0,
        dueAt: clock.now() + pauseMs,
        ...(givenUp ? { status: 'failed' } : {}),
      })
    },
    async settle(taken, status) {
      await write(taken, { status, claimedUntil: 0 })
    },
    async held(channel) {
      const found: Taken[] = []
      for (let cursor: string | undefined; ; ) {
        const page = await documents.list<JsonObject>(collection, {
          where: { status: 'held', channel },
          sort: { by: 'createdAt', order: 'asc' },
          limit: pageMax,
          ...(cursor === undefined ? {} : { cursor }),
        })
        found.push(...page.docs.map(read))
        cursor = page.next
        if (cursor === undefined) return found
      }
    },
    async sentSince(channel, since) {
      const where = { channel, status: 'sent', sentAt: { gte: since } }
      const [alerts, escalations] = await Promise.all([
        documents.count(collection, { ...where, kind: 'alert' }),
        documents.count(collection, { ...where, kind: 'escalation' }),
      ])
      return alerts + escalations
    },
    async list({ status, limit, cursor }) {
      const { docs, next } = await documents.list<JsonObject>(collection, {
        ...(status === undefined ? {} : { where: { status } }),
        sort: { by: 'createdAt', order: 'desc' },
        limit,
        ...(cursor === undefined ? {} : { cursor }),
      })
      return { notifications: docs.map((found) => read(found).notification), ...(next === undefined ? {} : { next }) }
    },
  }
}

function documentOf(notification: Notification): JsonObject {
  return JSON.parse(JSON.stringify(notification))
}
