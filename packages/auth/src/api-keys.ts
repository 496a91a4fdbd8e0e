// API keys of senders: `varde_<id>_<secret>`; the secret is shown once and kept as its digest.
import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { type Clock, VardeError } from '@varde/runtime'
import type { JsonObject } from '@varde/schema'
import { collections, type DocumentStore, type Versioned } from '@varde/store'

const collection = collections.apiKeys.name
/** A revoked key works at most this much longer. */
const cacheMs = 5_000

interface KeyDocument extends JsonObject {
  name: string
  source: string
  tenant: string
  dataset: string | null
  digest: string
  createdAt: number
  createdBy: string
  lastUsedAt: number | null
  revokedAt: number | null
}

export interface ApiKey {
  id: string
  name: string
  source: string
  tenant: string
  dataset?: string
  createdAt: number
  createdBy: string
  lastUsedAt?: number
  revokedAt?: number
}

export interface ApiKeys {
  list(): Promise<ApiKey[]>
  create(key: {
    name: string
    source: string
    tenant: string
    dataset?: string | undefined
    createdBy: string
  }): Promise<{ key: ApiKey; secret: string }>
  /** Throws KEY_UNKNOWN. */
  revoke(id: string): Promise<ApiKey>
  /**
   * The key behind a secret: as `varde_…`, or in Elasticsearch's form `id:secret` and its base64 (`Authorization: ApiKey …`), so that shippers
   * that know only that one can be used.
   */
  resolve(secret: string): Promise<ApiKey | undefined>
}

function toKey({ id, doc }: Versioned<KeyDocument>): ApiKey {
  return {
    id,
    name: doc.name,
    source: doc.source,
    tenant: doc.tenant,
    createdAt: doc.createdAt,
    createdBy: doc.createdBy,
    ...(doc.dataset === null ? {} : { dataset: doc.dataset }),
    ...(doc.lastUsedAt === null ? {} : { lastUsedAt: doc.lastUsedAt }),
    ...(doc.revokedAt === null ? {} : { revokedAt: doc.revokedAt }),
  }
}

function partsOf(text: string): { id: string; secret: string } | undefined {
  const plain =
    /^varde_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/.exec(text) ?? /^([0-9a-f]{16}):([A-Za-z0-9_-]{43})$/.exec(text)
  const [, id, secret] =
    plain ?? /^([0-9a-f]{16}):([A-Za-z0-9_-]{43})$/.exec(Buffer.from(text, 'base64').toString('latin1')) ?? []
  return id === undefined || secret === undefined ? undefined : { id, secret }
}

export function createApiKeys(documents: DocumentStore, clock: Clock): ApiKeys {
  const cache = new Map<string, { until: number; found: Versioned<KeyDocument> | undefined }>()

  async function lookUp(id: string): Promise<Versioned<KeyDocument> | undefined> {
    const cached = cache.get(id)
    if (cached !== undefined && cached.until > clock.now()) return cached.found
    const found = await documents.get<KeyDocument>(collection, id)
    if (cache.size > 10_000) cache.clear()
    cache.set(id, { until: clock.now() + cacheMs, found })
    return found
  }

  async function noteUse({ id, doc, version }: Versioned<KeyDocument>): Promise<void> {
    const now = clock.now()
    if (now - (doc.lastUsedAt ?? 0) <= 60_000) return
    const written = await documents.update(collection, id, { ...doc, lastUsedAt: now }, version)
    // Somebody else wrote it, or revoked the key: read it again.
    if (!written.ok) cache.delete(id)
    else
      cache.set(id, { until: now + cacheMs, found: { id, doc: { ...doc, lastUsedAt: now }, version: written.version } })
  }

  return {
    list: async () =>
      (
        await documents.list<KeyDocument>(collection, { sort: { by: 'createdAt', order: 'desc' }, limit: 10_000 })
      ).docs.map(toKey),
    async create({ name, source, tenant, dataset, createdBy }) {
      const id = randomBytes(8).toString('hex')
      const secret = randomBytes(32).toString('base64url')
      const doc: KeyDocument = {
        name,
        source,
        tenant,
        dataset: dataset ?? null,
        digest: hash('sha256', secret),
        createdAt: clock.now(),
        createdBy,
        lastUsedAt: null,
        revokedAt: null,
      }
      const written = await documents.create(collection, id, doc)
      if (!written.ok) throw new VardeError('KEY_EXISTS', 'the drawn key id was taken', { hint: 'Try again.' })
      return { key: toKey({ id, version: written.version, doc }), secret: `varde_${id}_${secret}` }
    },
    async revoke(id) {
      for (;;) {
        const found = await documents.get<KeyDocument>(collection, id)
        if (found === undefined) throw new VardeError('KEY_UNKNOWN', `no API key ${id}`)
        const doc: KeyDocument = { ...found.doc, revokedAt: found.doc.revokedAt ?? clock.now() }
        const written = await documents.update(collection, id, doc, found.version)
        if (!written.ok) continue
        cache.delete(id)
        return toKey({ id, version: written.version, doc })
      }
    },
    async resolve(text) {
      const parts = partsOf(text)
      if (parts === undefined) return undefined
      const found = await lookUp(parts.id)
      if (found === undefined || found.doc.revokedAt !== null) return undefined
      const given = Buffer.from(hash('sha256', parts.secret))
      if (!timingSafeEqual(given, Buffer.from(found.doc.digest))) return undefined
      await noteUse(found)
      return toKey(found)
    },
  }
}
