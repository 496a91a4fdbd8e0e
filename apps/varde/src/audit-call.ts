// The product's own audit for the command line: checked whole, then told newest first.
import { auditPage, checkAudit } from '@varde/api'
import type { JsonObject } from '@varde/schema'
import { z } from 'zod'
import type { Node } from './wiring.ts'

const Filter = z.object({
  by: z.string().optional(),
  action: z.string().optional(),
  limit: z.number().int().min(1).max(100_000),
})

export async function* audit(node: Node, args: JsonObject): AsyncIterable<JsonObject> {
  const { limit, ...filter } = Filter.parse(args)
  const { streams } = node.notary
  const checked = await checkAudit(streams)
  yield checked.ok
    ? { whole: true, entries: checked.count }
    : { whole: false, at: checked.at, problem: checked.problem }
  for (const entry of (await auditPage(streams, filter, { limit })).entries) yield { ...entry }
}
