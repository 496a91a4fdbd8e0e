// Bulk creates: every item gets an answer of its own; what the cluster is too busy for is sent again.
import { VardeError } from '@varde/runtime'
import type { Connection } from './connection.ts'
import { isBlocked, isPassing } from './explain.ts'

export interface BulkItem {
  index: string
  id: string
  /** JSON of the document. */
  body: string
}

export type BulkResult =
  | 'created'
  /** Something stands there already. */
  | 'exists'
  /** It will never go in as it is. */
  | { refused: string }

export interface BulkOptions {
  /** Bytes of one request at most, about. */
  requestLengthMax: number
  /** Requests of the whole store at a time: who comes more often waits here, and not in the cluster's queue. */
  slots: Slots
  /** How long items are sent again before the whole call fails. */
  patienceMs: number
}

export interface Slots {
  run<T>(work: () => Promise<T>): Promise<T>
}

export function createSlots(count: number): Slots {
  let free = count
  const waiting: (() => void)[] = []
  return {
    async run(work) {
      if (free > 0) free -= 1
      else await new Promise<void>((resolve) => waiting.push(resolve))
      try {
        return await work()
      } finally {
        const next = waiting.shift()
        // Handed on, not given back: whoever waits longest is next.
        if (next === undefined) free += 1
        else next()
      }
    },
  }
}

interface BulkAnswer {
  errors: boolean
  items: { create: { status: number; error?: { type?: string; reason?: string; caused_by?: { reason?: string } } } }[]
}

const waitMsFirst = 50
const waitMsMax = 2_000

/**
 * Resolves when each item is there, or can never be. Throws STORE_FULL where the cluster is blocked, STORE_UNAVAILABLE where
 * patience ran out: what was created by then stays, and a repeat of the call finds it.
 */
export async function bulkCreate(
  connection: Connection,
  items: readonly BulkItem[],
  options: BulkOptions,
): Promise<BulkResult[]> {
  const results: BulkResult[] = new Array(items.length)
  const requests = requestsOf(items, options.requestLengthMax)
  await Promise.all(
    requests.map((request) =>
      options.slots.run(() => sendUntilAnswered(connection, items, request, results, options.patienceMs)),
    ),
  )
  return results
}

function requestsOf(items: readonly BulkItem[], lengthMax: number): number[][] {
  const requests: number[][] = []
  let current: number[] = []
  let length = 0
  for (const [at, { body }] of items.entries()) {
    if (current.length > 0 && length + body.length > lengthMax) {
      requests.push(current)
      current = []
      length = 0
    }
    current.push(at)
    length += body.length + 100
  }
  if (current.length > 0) requests.push(current)
  return requests
}

async function sendUntilAnswered(
  connection: Connection,
  items: readonly BulkItem[],
  request: number[],
  results: BulkResult[],
  patienceMs: number,
): Promise<void> {
  const until = performance.now() + patienceMs
  let waitMs = waitMsFirst
  let left = request
  for (;;) {
    const busy = await sendOnce(connection, items, left, results)
    if (busy.left.length === 0) return
    left = busy.left
    if (performance.now() + waitMs > until) throw busy.why
    // Spread, so that writers that were turned away together do not come back together.
    await new Promise((resolve) => setTimeout(resolve, waitMs * (0.5 + Math.random())))
    waitMs = Math.min(waitMs * 2, waitMsMax)
  }
}

interface Left {
  left: number[]
  why: Error
}

async function sendOnce(
  connection: Connection,
  items: readonly BulkItem[],
  request: number[],
  results: BulkResult[],
): Promise<Left> {
  let lines = ''
  for (const at of request) {
    const item = items[at]
    if (item !== undefined)
      lines += `{"create":{"_index":"${item.index}","_id":${JSON.stringify(item.id)}}}\n${item.body}\n`
  }
  const query = { filter_path: 'errors,items.create.status,items.create.error', require_alias: false }
  const sent = await connection
    .ask<BulkAnswer>('POST', '/_bulk', { lines, query, timeoutMs: 60_000 })
    .catch((error: unknown) => {
      if (isPassing(error) && error instanceof Error) return error
      throw error
    })
  // Nobody knows what became of it: the same again, and what went in says "exists".
  if (sent instanceof Error) return { left: request, why: sent }
  const busy: number[] = []
  let why = new VardeError('STORE_UNAVAILABLE', 'Elasticsearch is too busy', { facts: { passing: true } })
  for (const [place, at] of request.entries()) {
    const answer = sent.body.items[place]?.create
    if (answer === undefined)
      throw new VardeError('STORE_REQUEST', 'a bulk request was answered with fewer items than it had')
    const { status, error } = answer
    if (status === 201) results[at] = 'created'
    else if (status === 409) results[at] = 'exists'
    else if (isBlocked(error?.type, status)) throw blocked(error?.reason)
    else if (status === 429 || status >= 500) {
      busy.push(at)
      why = new VardeError('STORE_UNAVAILABLE', `Elasticsearch is too busy: ${error?.reason ?? status}`, {
        hint: 'It is tried again; if this stays, the cluster needs more data nodes or faster disks.',
        facts: { passing: true },
      })
    } else if (status === 400) results[at] = { refused: reasonOf(error) }
    else throw new VardeError('STORE_REQUEST', `a bulk item failed with ${status}: ${reasonOf(error)}`)
  }
  return { left: busy, why }
}

function blocked(reason: string | undefined): VardeError {
  return new VardeError('STORE_FULL', `Elasticsearch takes no writes: ${reason ?? 'it is blocked'}`, {
    hint: 'A disk is above its flood stage (95 %), or an index was made read-only: make room, or add a node.',
  })
}

function reasonOf(error: BulkAnswer['items'][number]['create']['error']): string {
  const inner = error?.caused_by?.reason
  return [error?.reason ?? error?.type ?? 'no reason was given', ...(inner === undefined ? [] : [inner])].join(': ')
}
