// What the commands `heads`, `erase` and `retention` ask of a node.
import { proveAlert } from '@varde/api'
import { headHash } from '@varde/evidence'
import { headAt } from '@varde/notary'
import { VardeError } from '@varde/runtime'
import { type JsonObject, parseQuery } from '@varde/schema'
import { expiredUnits } from '@varde/store'
import { z } from 'zod'
import type { Node } from './wiring.ts'

function plain(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value))
}

export async function* headsList(node: Node, args: JsonObject): AsyncIterable<JsonObject> {
  const { limit } = z.object({ limit: z.number().int().min(1).default(20) }).parse(args)
  const last = await node.notary.heads.last()
  if (last === undefined) return
  for (let number = Math.max(0, last.head.number - limit + 1); number <= last.head.number; number += 1) {
    const head = await headAt(node.store.documents, number)
    if (head === undefined) continue
    const stamps = await node.notary.heads.stamps(number)
    yield plain({
      hash: headHash(head.head),
      head: head.head,
      signature: head.signature,
      stamps: stamps.map(({ name, time, authority, trusted }) => ({ name, time, authority, trusted })),
    })
  }
}

export async function* headsSign(node: Node): AsyncIterable<JsonObject> {
  const { head, signature } = await node.notary.heads.signNow()
  yield plain({ hash: headHash(head), head, signature, ...(await node.notary.heads.status()) })
}

export async function* headsKeys(node: Node): AsyncIterable<JsonObject> {
  for (const record of await node.notary.ring.records()) yield plain(record)
}

export async function* prove(node: Node, args: JsonObject): AsyncIterable<JsonObject> {
  const { id } = z.object({ id: z.string() }).parse(args)
  const found = node.alerts.search({}, { scope: { tenants: 'all' }, sort: 'time', limit: 100_000 })
  const named = found.alerts.filter((alert) => alert.id.startsWith(id))
  const alert = named.length === 1 ? await node.alerts.get(named[0]?.id ?? '', { tenants: 'all' }) : undefined
  if (alert === undefined)
    throw new VardeError('NOT_FOUND', `${named.length} alerts have an id that begins with ${id}`, {
      hint: '`varde alerts` lists their ids.',
    })
  yield plain(await proveAlert(alert, node))
}

/** Whoever can speak to the node's door is believed. */
const By = z.string().min(1).max(200).default('local')

const Rotate = z.object({ reason: z.string().min(1), revokedFrom: z.number().optional(), by: By })

export async function* headsRotate(node: Node, args: JsonObject): AsyncIterable<JsonObject> {
  const { reason, revokedFrom, by } = Rotate.parse(args)
  const record = await node.notary.ring.rotate({
    by,
    reason,
    ...(revokedFrom === undefined ? {} : { revokedFrom }),
  })
  // The new key stands under a head at once: the old one could not sign another.
  await node.notary.heads.signNow()
  yield plain(record)
}

/** Each class with its term, then what is held or waits, then every unit that went. */
export async function* retention(node: Node, args: JsonObject): AsyncIterable<JsonObject> {
  const { now } = z.object({ now: z.boolean().default(false) }).parse(args)
  const { expiry } = node.notary
  if (now) {
    await node.ingest.drained()
    await expiry.run()
  }
  const { keepDays, held, waiting } = expiry.status()
  const { sources, kafka } = node.config
  const used = new Set(['standard', ...[...sources, ...(kafka?.inputs ?? [])].map((one) => one.retention)])
  for (const name of [...new Set([...used, ...Object.keys(keepDays)])].sort())
    yield { class: name, keepDays: keepDays[name] ?? null, used: used.has(name) }
  for (const one of held) yield plain({ held: one })
  if (waiting !== undefined) yield { waiting }
  for await (const unit of expiredUnits(node.store.documents)) yield plain(unit)
}

const Erase = z.object({
  query: z.string().min(1),
  authority: z.string().min(1),
  from: z.number().optional(),
  to: z.number().optional(),
  tenant: z.string().optional(),
  really: z.boolean().default(false),
  by: By,
})

export async function* erase(
  node: Node,
  args: JsonObject,
  tell: (progress: JsonObject) => void,
): AsyncIterable<JsonObject> {
  const { query: text, authority, from, to, tenant, really, by } = Erase.parse(args)
  const parsed = parseQuery(text)
  if (!parsed.ok) throw new VardeError('QUERY_INVALID', `${parsed.error.message}\n  ${text}`)
  const order = {
    query: parsed.query,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(tenant === undefined ? {} : { tenant }),
  }
  if (!really) {
    yield { events: await node.notary.erasure.count(order), erased: false }
    return
  }
  // A seal that is made while its events go would name leaves that nothing can give again.
  await node.ingest.drained()
  const result = await node.notary.erasure.erase({ ...order, authority, by })
  tell({ step: 'hidden', events: result.events })
  await node.notary.erasure.purged()
  yield plain({ ...result, erased: true })
}
