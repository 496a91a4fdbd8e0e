// What the command `case` asks of a node.
import { copyFileSync } from 'node:fs'
import { VardeError } from '@varde/runtime'
import { type Case, type JsonObject, languages } from '@varde/schema'
import { z } from 'zod'
import type { Node } from './wiring.ts'

type Tell = (progress: JsonObject) => void

const house = { tenants: 'all' } as const
/** Whoever can speak to the node's door is believed. */
const By = z.string().min(1).max(200).default('local')

function plain(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value))
}

async function caseOf(node: Node, id: string): Promise<Case> {
  const found = await node.desk.cases.get(id, house)
  if (found === undefined)
    throw new VardeError('CASE_UNKNOWN', `there is no case ${id}`, { hint: '`varde case list` shows them.' })
  return found
}

export async function* caseList(node: Node): AsyncIterable<JsonObject> {
  for (const of of await node.desk.cases.list(house)) {
    const { id, revision, title, status, severity, tenants, eventCount } = of
    yield plain({ id, revision, title, status, severity, tenants, events: eventCount, held: of.hold !== undefined })
  }
}

const Open = z.object({
  title: z.string().optional(),
  alerts: z.array(z.string()).default([]),
  why: z.string().default('opened on the command line'),
  by: By,
})

/** Alerts may be named by the first characters of their ids. */
export async function* caseOpen(node: Node, args: JsonObject): AsyncIterable<JsonObject> {
  const { title, alerts: asked, why, by } = Open.parse(args)
  const all = [...node.alerts.all(house)]
  const alerts = asked.map((start) => {
    const [one, ...more] = all.filter(({ id }) => id.startsWith(start))
    if (one === undefined || more.length > 0)
      throw new VardeError('NOT_FOUND', `${more.length + (one === undefined ? 0 : 1)} alerts begin with ${start}`, {
        hint: '`varde alerts` lists their ids.',
      })
    return one
  })
  const name = title ?? alerts[0]?.title
  if (name === undefined) throw new VardeError('ARGUMENT_INVALID', 'a case needs --title or --alert')
  const tenants = alerts.length === 0 ? ['house'] : [...new Set(alerts.map(({ tenant }) => tenant))].sort()
  const severity = alerts[0]?.severity ?? 'medium'
  const opened = await node.desk.cases.open({ title: name, severity, zone: 'Europe/Copenhagen', tenants }, by)
  for (const { id } of alerts) await node.desk.evidence.pin(opened.id, { alert: id }, why, by, house)
  yield plain(await caseOf(node, opened.id))
}

const Pin = z.object({
  case: z.string(),
  query: z.string(),
  from: z.number().default(0),
  to: z.number().default(Number.MAX_SAFE_INTEGER),
  why: z.string().min(1),
  by: By,
})

export async function* casePin(node: Node, args: JsonObject): AsyncIterable<JsonObject> {
  const { case: id, query, from, to, why, by } = Pin.parse(args)
  yield plain(await node.desk.evidence.pin(id, { query, from, to }, why, by, house))
}

export async function* caseVerify(node: Node, args: JsonObject): AsyncIterable<JsonObject> {
  const asked = z.object({ case: z.string(), by: By, why: z.string().min(1).default('checked on the command line') })
  const { case: id, by, why } = asked.parse(args)
  const of = await caseOf(node, id)
  yield plain(await node.desk.evidence.verify(await node.desk.evidence.settle(of, by), by, why))
}

const Export = z.object({
  case: z.string(),
  to: z.string().min(1),
  why: z.string().min(1),
  file: z.string(),
  tenant: z.string().optional(),
  pseudonymise: z.boolean().default(false),
  language: z.enum(languages).default('en'),
  revision: z.number().int().optional(),
  resume: z.string().optional(),
  by: By,
})

const tellMs = 250

export async function* caseExport(node: Node, args: JsonObject, tell: Tell): AsyncIterable<JsonObject> {
  const { case: id, file, resume, by, ...order } = Export.parse(args)
  const { exports } = node.desk
  const begun =
    resume === undefined ? await exports.begin(await caseOf(node, id), order, by) : await exports.resume(resume)
  const timer = setInterval(() => {
    void exports.get(begun.id).then((now) => {
      if (now !== undefined)
        tell({ export: now.id, step: now.step, done: now.done, total: now.total, bytes: now.bytes })
    })
  }, tellMs)
  const done = await exports.ended(begun.id).finally(() => clearInterval(timer))
  if (done.state !== 'done')
    throw new VardeError(
      'EXPORT_FAILED',
      `the export ${done.id} is ${done.state}${done.problem === undefined ? '' : `: ${done.problem}`}`,
      {
        hint: `Go on with --resume ${done.id}.`,
      },
    )
  copyFileSync(exports.path(done.id), file)
  yield plain({ ...done, path: file })
}
