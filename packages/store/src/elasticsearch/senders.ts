// Senders' own names for their records, in a small index that never rolls: written before the event, and whose home decides.
import { createHash } from 'node:crypto'
import type { EventId, StoredEvent } from '@varde/schema'
import { type BulkItem, type BulkOptions, bulkCreate } from './bulk.ts'
import type { Connection } from './connection.ts'
import type { Names } from './names.ts'

/** What the names say of an event that has one. */
export type Identity =
  /** Its name is new, or its own from an earlier try. */
  { own: true; sameKeyAs?: EventId } | { own: false; of: EventId }

interface Claim {
  event: StoredEvent
  id: string
}

/**
 * One answer an event with a sender; the claims are durable when it resolves. A crash between claim and event leaves the
 * claim: the record is still in its topic, and its replay finds the claim its own.
 */
export async function identify(
  connection: Connection,
  names: Names,
  events: readonly StoredEvent[],
  options: BulkOptions,
): Promise<Map<StoredEvent, Identity>> {
  const answers = new Map<StoredEvent, Identity>()
  const named = events.filter((event) => event.sender !== undefined)
  if (named.length === 0) return answers
  const claims = named.map((event): Claim => ({ event, id: claimId(event, false) }))
  const contested: (Claim & { first: EventId })[] = []
  for (const { claim, of } of await claimAll(connection, names, claims, options)) {
    const { event } = claim
    if (of === undefined || of.of === event.id) answers.set(event, { own: true })
    else if (of.digest === contentDigest(event) || !hasKey(event)) answers.set(event, { own: false, of: of.of })
    else contested.push({ event, id: claimId(event, true), first: of.of })
  }
  // The same key with other content: an event of its own, once for each content.
  for (const { claim, of } of await claimAll(connection, names, contested, options)) {
    const { event } = claim
    const first = contested.find((one) => one.event === event)?.first
    if (of !== undefined && of.of !== event.id) answers.set(event, { own: false, of: of.of })
    else answers.set(event, first === undefined ? { own: true } : { own: true, sameKeyAs: first })
  }
  return answers
}

interface ClaimDocument {
  of: EventId
  digest: string
}

async function claimAll(
  connection: Connection,
  names: Names,
  claims: readonly Claim[],
  options: BulkOptions,
): Promise<{ claim: Claim; of: ClaimDocument | undefined }[]> {
  if (claims.length === 0) return []
  const items = claims.map(
    ({ event, id }): BulkItem => ({
      index: names.senders,
      id,
      body: JSON.stringify({ of: event.id, digest: contentDigest(event), arrival: event.arrival }),
    }),
  )
  const results = await bulkCreate(connection, items, options)
  const taken = claims.filter((_, at) => results[at] !== 'created')
  const found = new Map<string, ClaimDocument>()
  for (let from = 0; from < taken.length; from += readMax) {
    const ids = taken.slice(from, from + readMax).map(({ id }) => id)
    const { body } = await connection.ask<{ docs: { _id: string; found?: boolean; _source?: ClaimDocument }[] }>(
      'POST',
      `/${names.senders}/_mget`,
      { body: { ids } },
    )
    for (const { _id: id, _source: source } of body.docs) if (source !== undefined) found.set(id, source)
  }
  return claims.map((claim, at) => ({ claim, of: results[at] === 'created' ? undefined : found.get(claim.id) }))
}

const readMax = 5_000

function hasKey({ sender }: StoredEvent): boolean {
  return sender !== undefined && 'key' in sender
}

function claimId({ tenant, source, sender, raw }: StoredEvent, withContent: boolean): string {
  const own = sender === undefined ? [] : 'key' in sender ? ['k', sender.key] : ['p', sender.producer, sender.sequence]
  const hash = createHash('sha256').update(JSON.stringify([tenant, source, ...own]))
  if (withContent) hash.update('\0').update(raw)
  return hash.digest('base64url').slice(0, 32)
}

const digests = new WeakMap<StoredEvent, string>()

function contentDigest(event: StoredEvent): string {
  const known = digests.get(event)
  if (known !== undefined) return known
  const made = createHash('sha256').update(event.raw).digest('base64url')
  digests.set(event, made)
  return made
}

const dayMs = 86_400_000

/** Names older than so many days are forgotten: a resend after that is a new record. Runs on in the cluster. */
export async function forgetNames(connection: Connection, names: Names, days: number, now: number): Promise<void> {
  await connection.ask('POST', `/${names.senders}/_delete_by_query`, {
    body: { query: { range: { arrival: { lt: now - (days + 1) * dayMs } } } },
    query: { conflicts: 'proceed', wait_for_completion: false },
  })
}
