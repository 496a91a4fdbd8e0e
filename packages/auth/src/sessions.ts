// Server-side sessions: a cookie holds a random token, the store its digest, so that sessions can be listed and revoked.
import { hash, randomBytes } from 'node:crypto'
import type { Clock } from '@varde/runtime'
import type { JsonObject } from '@varde/schema'
import { collections, type DocumentStore } from '@varde/store'

const collection = collections.sessions.name
const idleMs = 12 * 3_600_000
const absoluteMs = 7 * 24 * 3_600_000
/** The idle time is pushed on no more often than this: a read must not write each time. */
const touchMs = 5 * 60_000

interface SessionDocument extends JsonObject {
  userId: string
  createdAt: number
  expiresAt: number
}

export interface Sessions {
  /** The token for the cookie; it is stored nowhere. */
  create(userId: string): Promise<string>
  /** The user's id while the session lasts. `idle`: nobody did anything, so that it lasts no longer for it. */
  resolve(token: string, options?: { idle?: boolean }): Promise<string | undefined>
  end(token: string): Promise<void>
  endAllOf(userId: string): Promise<void>
}

export function createSessions(documents: DocumentStore, clock: Clock): Sessions {
  const idOf = (token: string) => hash('sha256', token)

  async function remove(id: string): Promise<void> {
    const found = await documents.get<SessionDocument>(collection, id)
    if (found !== undefined) await documents.delete(collection, id, found.version)
  }

  return {
    async create(userId) {
      const token = randomBytes(32).toString('base64url')
      const now = clock.now()
      await documents.create<SessionDocument>(collection, idOf(token), {
        userId,
        createdAt: now,
        expiresAt: now + idleMs,
      })
      const expired = await documents.list<SessionDocument>(collection, {
        where: { expiresAt: { lt: now } },
        limit: 100,
      })
      for (const { id, version } of expired.docs) await documents.delete(collection, id, version)
      return token
    },
    async resolve(token, { idle = false } = {}) {
      const found = await documents.get<SessionDocument>(collection, idOf(token))
      const now = clock.now()
      if (found === undefined || found.doc.expiresAt <= now) return undefined
      const extended = Math.min(now + idleMs, found.doc.createdAt + absoluteMs)
      if (!idle && extended - found.doc.expiresAt > touchMs)
        await documents.update(collection, found.id, { ...found.doc, expiresAt: extended }, found.version)
      return found.doc.userId
    },
    end: (token) => remove(idOf(token)),
    async endAllOf(userId) {
      const { docs } = await documents.list<SessionDocument>(collection, { where: { userId }, limit: 10_000 })
      for (const { id } of docs) await remove(id)
    },
  }
}
