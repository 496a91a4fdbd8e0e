// What commands ask of a node: the same functions whether they open the data folder themselves or ask the server that runs on it.

import { createAudit, localPerson } from '@varde/api'
import { VardeError } from '@varde/runtime'
import { type JsonObject, parseQuery } from '@varde/schema'
import { collections } from '@varde/store'
import { z } from 'zod'
import { audit } from './audit-call.ts'
import { caseExport, caseList, caseOpen, casePin, caseVerify } from './case-calls.ts'
import { type HistoryStep, importHistory } from './history.ts'
import { erase, headsKeys, headsList, headsRotate, headsSign, prove, retention } from './notary-calls.ts'
import { replayCall, ruleDiffCall, ruleHistoryCall, whyCall } from './rule-calls.ts'
import { loadSample, removeSample } from './sample/load-sample.ts'
import { verifyData } from './verify-data.ts'
import type { Node } from './wiring.ts'

/** Gives result lines, and progress through `tell`. */
type Call = (node: Node, args: JsonObject, tell: (progress: JsonObject) => void) => AsyncIterable<JsonObject>

const house = { tenants: 'all' } as const

const Range = z.object({
  query: z.string().default(''),
  from: z.number().optional(),
  to: z.number().optional(),
  limit: z.number().int().min(1).default(100),
})
const Import = z.object({
  files: z.array(z.string()).min(1),
  source: z.string(),
  tenant: z.string().optional(),
  dataset: z.string().optional(),
  timeZone: z.string().optional(),
})
const Outside = z.object({ number: z.number(), hash: z.string() })
const Key = z.object({
  name: z.string(),
  source: z.string(),
  tenant: z.string().default('house'),
  dataset: z.string().optional(),
})

/** Leaves out what is undefined, as exact optional types want it. */
function given<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return JSON.parse(JSON.stringify(value))
}

function plain(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value))
}

async function* status(node: Node): AsyncIterable<JsonObject> {
  const [stats, deadLetters, seals, sources, health] = await Promise.all([
    node.store.events.stats(),
    node.store.documents.count(collections.deadLetters.name, { redrivenAs: { exists: false } }),
    node.store.documents.count(collections.seals.name),
    node.store.documents.count(collections.sources.name),
    node.ingest.health(),
  ])
  const { total, status: byStatus, severity } = node.alerts.counts({}, house)
  yield plain({
    events: stats.events,
    alerts: total,
    alertsOpen: byStatus.open,
    alertsBySeverity: severity,
    deadLetters,
    seals,
    sources,
    rules: node.rules.current().rules.length,
    rulesRefused: node.rules.refused().length,
    lagRecords: health.lagRecords,
    state: health.state,
    bytes: stats.bytes,
    oldest: stats.oldest === undefined ? null : new Date(stats.oldest).toISOString(),
    newest: stats.newest === undefined ? null : new Date(stats.newest).toISOString(),
  })
}

async function* search(node: Node, args: JsonObject): AsyncIterable<JsonObject> {
  const { query: text, from, to, limit } = Range.parse(args)
  const parsed = parseQuery(text)
  if (!parsed.ok) {
    const { message, from: at, suggestion } = parsed.error
    throw new VardeError(
      'QUERY_INVALID',
      `${message}\n  ${text}\n  ${' '.repeat(at)}^`,
      suggestion === undefined ? {} : { hint: `Did you mean: ${suggestion}` },
    )
  }
  let cursor: string | undefined
  let left = limit
  while (left > 0) {
    const page = await node.store.events.search(
      { scope: house, query: parsed.query, ...given({ from, to }) },
      { limit: Math.min(left, 1_000), ...(cursor === undefined ? {} : { cursor }) },
    )
    for (const { id, source, tenant, arrival, event, raw } of page.events)
      yield plain({
        id,
        source,
        tenant,
        arrival: new Date(arrival).toISOString(),
        event,
        raw: Buffer.from(raw).toString('utf8'),
      })
    left -= page.events.length
    cursor = page.next
    if (cursor === undefined) return
  }
}

async function* alerts(node: Node, args: JsonObject): AsyncIterable<JsonObject> {
  const { from, to, limit } = Range.parse(args)
  const page = node.alerts.search(given({ from, to }), { scope: house, sort: 'time', limit })
  for (const { id } of page.alerts) {
    const alert = await node.alerts.get(id, house)
    if (alert !== undefined) yield plain(alert)
  }
}

async function* importFilesCall(
  node: Node,
  args: JsonObject,
  tell: (progress: JsonObject) => void,
): AsyncIterable<JsonObject> {
  const { files, ...options } = Import.parse(args)
  let done: HistoryStep | undefined
  await importHistory(node, files, given(options), (step) => {
    if (step.step === 'done') done = step
    else tell(plain(step))
  })
  if (done !== undefined) yield plain(done)
}

async function* sample(node: Node, args: JsonObject, tell: (progress: JsonObject) => void): AsyncIterable<JsonObject> {
  const { remove } = z.object({ remove: z.boolean().default(false) }).parse(args)
  if (!remove) yield plain(await loadSample(node, (step) => tell(plain(step))))
  else {
    const removed = await removeSample(node, localPerson.name)
    await createAudit(node)(localPerson, { action: 'sample.remove', subject: 'sample', detail: { ...removed } })
    yield plain(removed)
  }
}

async function* verify(node: Node, args: JsonObject, tell: (progress: JsonObject) => void): AsyncIterable<JsonObject> {
  const asked = z.object({
    outside: z.array(Outside).default([]),
    authorities: z.array(z.object({ certificate: z.string() })).default([]),
  })
  yield* verifyData(node, tell, asked.parse(args))
}

async function* keysList(node: Node): AsyncIterable<JsonObject> {
  for (const key of await node.auth.keys.list()) yield plain(key)
}

async function* keysCreate(node: Node, args: JsonObject): AsyncIterable<JsonObject> {
  const { key, secret } = await node.auth.keys.create({ ...Key.parse(args), createdBy: localPerson.name })
  const { id, name, source, tenant } = key
  await createAudit(node)(localPerson, { action: 'key.create', subject: id, detail: { name, source, tenant } })
  yield plain({ ...key, secret })
}

async function* keysRevoke(node: Node, args: JsonObject): AsyncIterable<JsonObject> {
  const key = await node.auth.keys.revoke(z.object({ id: z.string() }).parse(args).id)
  await createAudit(node)(localPerson, { action: 'key.revoke', subject: key.id, detail: { name: key.name } })
  yield plain(key)
}

const localCalls = {
  audit,
  caseList,
  caseOpen,
  casePin,
  caseVerify,
  caseExport,
  status,
  search,
  alerts,
  import: importFilesCall,
  sample,
  verify,
  keysList,
  keysCreate,
  keysRevoke,
  prove,
  headsList,
  headsSign,
  headsKeys,
  headsRotate,
  erase,
  retention,
  replay: replayCall,
  why: whyCall,
  ruleHistory: ruleHistoryCall,
  ruleDiff: ruleDiffCall,
} as const satisfies Record<string, Call>
export type LocalCallName = keyof typeof localCalls

export function isLocalCall(name: string): name is LocalCallName {
  return Object.hasOwn(localCalls, name)
}

/** Throws a VardeError with `ARGUMENT_INVALID` where the arguments are not what the call takes. */
export async function* runLocalCall(name: LocalCallName, ...given: Parameters<Call>): AsyncIterable<JsonObject> {
  try {
    yield* localCalls[name](...given)
  } catch (cause) {
    if (!(cause instanceof z.ZodError)) throw cause
    throw new VardeError('ARGUMENT_INVALID', z.prettifyError(cause), {
      cause,
      hint: '`--help` behind the command says what it takes.',
    })
  }
}

/** A line of the answer: a result, progress, or the error that ended it. */
export type LocalLine =
  | { result: JsonObject }
  | { progress: JsonObject }
  | { error: { code: string; message: string; hint?: string } }
