// From an episode to the alert that is written, and from the alert written before to the one that stays.
import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { type Alert, canonicalJson, type Digest, type Json } from '@varde/schema'
import type { CompiledRule } from '../rules/rule.ts'
import { distinctOf, type Episode } from './episode.ts'
import { groupRecord, windowInput } from './window-input.ts'

/** What detection decides of an alert; the rest is what people and the evidence add. */
export type DetectedAlert = Omit<Alert, 'raisedAt' | 'proof' | 'status' | 'verdict' | 'assignee' | 'history'>

export type AlertWrite =
  | { change: 'raised' | 'revised'; alert: DetectedAlert }
  /** Later facts undid it, or another alert now stands for it (`suppressed`). */
  | {
      change: 'retracted'
      id: string
      rule: { id: string; digest: Digest }
      tenant: string
      reason: 'undone' | 'suppressed'
    }

/** SHA-256 over what decides: the rule, whose windows, which group, and the event at which it became true. */
export function alertId(rule: Digest, tenant: string, key: string, anchor: { time: number; content: string }): string {
  return createHash('sha256')
    .update(`${rule} ${JSON.stringify(tenant)} ${key} ${anchor.time} ${anchor.content}`)
    .digest('hex')
}

export async function alertOf(
  rule: CompiledRule,
  key: string,
  episode: Episode,
  suppressed: number,
): Promise<DetectedAlert> {
  const collected: DetectedAlert['collected'] = {}
  for (const [name, gathered] of episode.gathered) {
    collected[name] = { values: [...gathered.values.values()], count: gathered.values.size + gathered.further.size }
  }
  return {
    id: alertId(rule.digest, episode.tenant, key, episode.anchor),
    tenant: episode.tenant,
    rule: {
      id: rule.id,
      digest: rule.digest,
      name: rule.name,
      type: rule.type,
      file: rule.file,
      severity: rule.severity,
      attack: rule.attack,
    },
    title: await titleOf(rule, key, episode),
    severity: rule.severity,
    group: groupRecord(rule, key),
    anchor: episode.anchor,
    window: { from: episode.from, to: episode.to },
    members: episode.members.map(({ eventId, time, content, step, fields }) => ({
      eventId,
      time,
      content,
      step,
      fields,
    })),
    memberCount: episode.count,
    collected,
    finality: episode.final ? 'final' : 'provisional',
    ...(episode.incomplete === undefined ? {} : { incomplete: episode.incomplete }),
    suppressed,
  }
}

/** The canonical text of an alert's group, as its hits carry it. */
export function groupText({ group }: Pick<Alert, 'group'>, rule: CompiledRule | undefined): string {
  return canonicalJson((rule?.group ?? []).map((key) => group[key.name] ?? null))
}

async function titleOf(rule: CompiledRule, key: string, episode: Episode): Promise<string> {
  if (rule.title === undefined) return rule.name
  const { plan } = rule
  const counted = plan.type === 'threshold' || plan.type === 'ratio' ? plan.distinct[0] : undefined
  const facts = {
    group: key,
    events: episode.members,
    count: episode.count,
    from: episode.from,
    to: episode.to,
    ...(episode.baseline === undefined ? {} : { baseline: episode.baseline }),
  }
  const input = windowInput(
    rule,
    counted === undefined ? facts : { ...facts, distinct: distinctOf(episode, counted) },
    (name): Json[] | undefined => {
      const gathered = episode.gathered.get(name)
      return gathered === undefined ? undefined : [...gathered.values.values()]
    },
  )
  try {
    const title = await rule.title.evaluate(input)
    return typeof title === 'string' && title !== '' ? title.slice(0, 500).toWellFormed() : rule.name
  } catch {
    return rule.name
  }
}

/**
 * The document to store for a write: what detection says, over what people did. Undefined where there is nothing to
 * write. A retracted alert stays, marked: with a verdict or an assignee it is annotated, never removed.
 * `now` is UTC milliseconds, for `raisedAt` and the history.
 */
export function alertDocument(write: AlertWrite, existing: Alert | undefined, now: number): Alert | undefined {
  if (write.change === 'retracted') {
    if (existing === undefined || existing.finality === 'retracted') return undefined
    const note = write.reason === 'suppressed' ? 'an earlier alert now stands for it' : 'later events undid it'
    return {
      ...existing,
      finality: 'retracted',
      history: [...existing.history, { at: now, by: 'varde', action: 'retracted', note }],
    }
  }
  const { alert } = write
  if (existing === undefined)
    return { ...alert, raisedAt: now, proof: { state: 'pending', seals: [] }, status: 'open', history: [] }
  const merged: Alert = { ...existing, ...alert }
  // A pending proof must be made again when members came after it.
  if (alert.memberCount !== existing.memberCount) merged.proof = { state: 'pending', seals: [] }
  if (alert.incomplete === undefined) delete merged.incomplete
  return isDeepStrictEqual(merged, existing) ? undefined : merged
}

/**
 * Provisional alerts that the watermark has passed are told by nobody any more (see orphans.ts): what stands was made final; these are undone.
 * A late match that still waits for its marker may be undone too early: the marker raises it again.
 */
export function orphanWrites(provisional: Iterable<DetectedAlert>, watermark: number): AlertWrite[] {
  const writes: AlertWrite[] = []
  for (const { id, tenant, rule, anchor, finality } of provisional) {
    if (finality !== 'provisional' || anchor.time >= watermark) continue
    writes.push({ change: 'retracted', id, rule: { id: rule.id, digest: rule.digest }, tenant, reason: 'undone' })
  }
  return writes
}
