// Time stamps of heads by outside authorities (RFC 3161 over HTTP): asked for, checked, kept beside the head.
import { randomBytes } from 'node:crypto'
import { headText, type SignedHead, type StampAuthority, stampRequest, verifyStamp } from '@varde/evidence'
import { VardeError } from '@varde/runtime'
import type { JsonObject } from '@varde/schema'
import { collections, type DocumentStore } from '@varde/store'

export interface Stamper {
  /** Lower case letters, digits and dashes: it names the stamp's file in a bundle. */
  name: string
  url: string
  /** The authority's own certificate or its root (PEM), where the house knows it: a stamp that does not lead to it is refused. */
  authority?: StampAuthority
}

export interface StoredStamp {
  head: number
  name: string
  /** DER of the response, base64. */
  response: string
  /** UTC milliseconds that the authority says. */
  time: number
  authority: string
  trusted: boolean
}

const stampMs = 20_000
/** A response holds a few certificates: some kilobytes. */
const responseBytesMax = 256 * 1024

function stampId(head: number, name: string): string {
  return `${String(head).padStart(10, '0')}.${name}`
}

export async function stampHead(
  documents: DocumentStore,
  stamper: Stamper,
  { head }: SignedHead,
  now: number,
): Promise<void> {
  const text = Buffer.from(headText(head))
  const nonce = randomBytes(12)
  const wrong = (problem: string) =>
    new VardeError('STAMP_REFUSED', `${stamper.name}: ${problem}`, {
      hint: 'See heads.authorities in the configuration.',
      facts: { url: stamper.url },
    })
  const response = await fetch(stamper.url, {
    method: 'POST',
    headers: { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' },
    body: stampRequest(text, nonce),
    signal: AbortSignal.timeout(stampMs),
    redirect: 'error',
  })
  if (!response.ok) throw wrong(`${stamper.url} answered ${response.status}`)
  const bytes = Buffer.from(await response.arrayBuffer())
  if (bytes.length > responseBytesMax) throw wrong(`its answer has ${bytes.length} bytes`)
  const { authority } = stamper
  const check = verifyStamp(bytes, text, authority === undefined ? [] : [authority], nonce)
  if (!check.ok) throw wrong(check.problem)
  if (authority !== undefined && !check.trusted)
    throw wrong('its certificate does not lead to the one that is configured')
  // An authority whose clock is this far off proves nothing that is worth keeping.
  if (Math.abs(check.time - now) > 24 * 3_600_000)
    throw wrong(`it says the time is ${new Date(check.time).toISOString()}`)
  const doc = {
    head: head.number,
    name: stamper.name,
    response: bytes.toString('base64'),
    time: check.time,
    authority: check.authority,
    trusted: check.trusted,
  }
  await documents.create(collections.stamps.name, stampId(head.number, stamper.name), doc)
}

/** Of all heads, by head. */
export async function* allStamps(documents: DocumentStore): AsyncGenerator<StoredStamp> {
  for (let cursor: string | undefined; ; ) {
    const { docs, next } = await documents.list(collections.stamps.name, {
      sort: { by: 'head', order: 'asc' },
      limit: 1_000,
      ...(cursor === undefined ? {} : { cursor }),
    })
    for (const { doc } of docs) yield stampOf(doc)
    cursor = next
    if (cursor === undefined) return
  }
}

export async function stampsOf(documents: DocumentStore, head: number): Promise<StoredStamp[]> {
  const { docs } = await documents.list(collections.stamps.name, { where: { head }, limit: 10 })
  return docs.map(({ doc }) => stampOf(doc))
}

/** Written above alone; whoever verifies trusts none of it but the response. */
function stampOf(doc: JsonObject): StoredStamp {
  return JSON.parse(JSON.stringify(doc))
}
