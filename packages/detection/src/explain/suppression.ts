// Which alert stands for one that suppression ate.
import type { Alert } from '@varde/schema'
import type { Scope, Store } from '@varde/store'
import { groupRecord } from '../correlate/window-input.ts'
import { alertsOf } from '../replay/replays.ts'
import type { CompiledRule } from '../rules/rule.ts'

/** The alert whose suppression time covers `time` for this group; UTC milliseconds. `group` is canonical JSON, `fields` those of the hit. */
export async function suppressorOf(
  store: Store,
  rule: CompiledRule,
  hit: { group: string; fields: Record<string, unknown>; time: number },
  scope: Scope,
): Promise<{ alert: Alert; until: number } | undefined> {
  const { suppress } = rule
  if (suppress === undefined) return undefined
  const own = groupRecord(rule, hit.group)
  const keyOf = (group: Record<string, unknown>, fields: Record<string, unknown>): string =>
    JSON.stringify(suppress.by.map((name) => group[name] ?? fields[name] ?? null))
  const wanted = keyOf(own, hit.fields)
  const range = { from: hit.time - suppress.forMs, to: hit.time + 1, scope }
  for await (const alert of alertsOf(store, rule.id, range)) {
    if (alert.finality === 'retracted' || alert.rule.digest !== rule.digest) continue
    const anchor = alert.members.find((member) => member.content === alert.anchor.content) ?? alert.members.at(-1)
    if (keyOf(alert.group, anchor?.fields ?? {}) === wanted) return { alert, until: alert.anchor.time + suppress.forMs }
  }
  return undefined
}
