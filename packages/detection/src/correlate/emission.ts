// What stands, against what was told: alert writes, each once. Suppression lets one alert stand for those that follow.
import { canonicalJson, type Json } from '@varde/schema'
import type { CompiledRule } from '../rules/rule.ts'
import { type AlertWrite, alertId, alertOf } from './alert.ts'
import { type Episode, loadEpisode, type SavedEpisode, saveEpisode } from './episode.ts'
import type { Owner, Refreshed } from './owner.ts'
import { createSchedule } from './schedule.ts'
import { groupRecord } from './window-input.ts'

/** One alert that a rule with suppression holds. */
interface Held {
  id: string
  key: string
  episode: Episode
  /** Nothing can change it any more. */
  finished: boolean
  /** Alerts folded into it that are gone from memory. */
  folded: number
}

/** Alerts of one rule with equal suppression values. */
interface Chain {
  rule: CompiledRule
  tenant: string
  held: Map<string, Held>
  emitted: Map<string, string>
}

interface Pending {
  rule: CompiledRule
  key: string
  episode: Episode
  suppressed: number
  isNew: boolean
}

export interface Emission {
  put(owner: Owner, refreshed: Refreshed): void
  /** All that changed since the last call. */
  drain(watermark: number): Promise<AlertWrite[]>
  size(): number
  save(): unknown
  load(saved: unknown, ruleOf: (digest: string) => CompiledRule | undefined): void
}

export function createEmission(): Emission {
  const chains = new Map<string, Chain>()
  const touched = new Set<string>()
  const expiry = createSchedule<string>(new Map())
  let pending = new Map<string, Pending>()
  let retracted: Extract<AlertWrite, { change: 'retracted' }>[] = []

  function tell(
    rule: CompiledRule,
    key: string,
    id: string,
    episode: Episode,
    suppressed: number,
    emitted: Map<string, string>,
  ): void {
    const fingerprint = fingerprintOf(episode, suppressed)
    const before = emitted.get(id)
    if (before === fingerprint) return
    emitted.set(id, fingerprint)
    pending.set(id, {
      rule,
      key,
      episode,
      suppressed,
      isNew: before === undefined || (pending.get(id)?.isNew ?? false),
    })
  }

  function takeBack(
    rule: CompiledRule,
    id: string,
    tenant: string,
    reason: 'undone' | 'suppressed',
    emitted: Map<string, string>,
  ): void {
    emitted.delete(id)
    const untold = pending.get(id)
    pending.delete(id)
    // What was raised since the last drain was never told: nothing to take back.
    if (untold?.isNew !== true)
      retracted.push({ change: 'retracted', id, rule: { id: rule.id, digest: rule.digest }, tenant, reason })
  }

  function putPlain(owner: Owner, { standing, finished }: Refreshed): void {
    const { rule, key } = owner
    if (standing.length === 0 && owner.emitted === undefined) return
    const emitted = owner.emitted ?? new Map<string, string>()
    const now = new Set<string>()
    for (const episode of standing) {
      const id = alertId(rule.digest, episode.tenant, key, episode.anchor)
      now.add(id)
      tell(rule, key, id, episode, 0, emitted)
    }
    for (const id of [...emitted.keys()]) if (!now.has(id)) takeBack(rule, id, owner.tenant, 'undone', emitted)
    for (const episode of finished) emitted.delete(alertId(rule.digest, episode.tenant, key, episode.anchor))
    owner.emitted = emitted.size === 0 ? undefined : emitted
  }

  /** The owner's map says which alerts of which chain are its own. */
  function putSuppressed(owner: Owner, by: readonly string[], { standing, finished }: Refreshed): void {
    const { rule, key } = owner
    if (standing.length === 0 && owner.emitted === undefined) return
    const emitted = owner.emitted ?? new Map<string, string>()
    const now = new Map<string, string>()
    for (const episode of standing) {
      const id = alertId(rule.digest, episode.tenant, key, episode.anchor)
      const chainKey = chainKeyOf(rule, key, by, episode)
      const chain = chains.get(chainKey) ?? { rule, tenant: episode.tenant, held: new Map(), emitted: new Map() }
      chains.set(chainKey, chain)
      // Told by itself while all it had was late: now the chain decides whether it stands.
      const told = emitted.get(id)
      if (told !== undefined && told !== chainKey && !chains.has(told)) chain.emitted.set(id, told)
      chain.held.set(id, {
        id,
        key,
        episode,
        finished: finished.includes(episode),
        folded: chain.held.get(id)?.folded ?? 0,
      })
      touched.add(chainKey)
      now.set(id, chainKey)
    }
    for (const [id, chainKey] of emitted) {
      if (now.get(id) === chainKey) continue
      chains.get(chainKey)?.held.delete(id)
      touched.add(chainKey)
    }
    emitted.clear()
    for (const [id, chainKey] of now) emitted.set(id, chainKey)
    for (const episode of finished) emitted.delete(alertId(rule.digest, episode.tenant, key, episode.anchor))
    owner.emitted = emitted.size === 0 ? undefined : emitted
  }

  /** In order of their anchors, each alert stands for those within its time; a pure function of the alerts. */
  function resolve(chainKey: string, watermark: number): void {
    const chain = chains.get(chainKey)
    const forMs = chain?.rule.suppress?.forMs ?? 0
    if (chain === undefined) return
    const ordered = [...chain.held.values()].sort((a, b) => compareAnchors(a.episode, b.episode))
    const visible = new Set<string>()
    let standing: Held | undefined
    let count = 0
    const finish = (): void => {
      if (standing === undefined) return
      visible.add(standing.id)
      tell(chain.rule, standing.key, standing.id, standing.episode, standing.folded + count, chain.emitted)
    }
    for (const held of ordered) {
      if (standing === undefined || held.episode.anchor.time >= standing.episode.anchor.time + forMs) {
        finish()
        standing = held
        count = 0
      } else if (held.finished && standing.finished) {
        standing.folded += 1 + held.folded
        chain.held.delete(held.id)
      } else count++
    }
    finish()
    const known = new Set(ordered.map((held) => held.id))
    for (const id of [...chain.emitted.keys()]) {
      if (!visible.has(id))
        takeBack(chain.rule, id, chain.tenant, known.has(id) ? 'suppressed' : 'undone', chain.emitted)
    }
    forget(chainKey, chain, visible, forMs, watermark)
  }

  /** From the oldest on: one that stands goes once its time is over and none that it stands for is still open. */
  function forget(
    chainKey: string,
    chain: Chain,
    visible: ReadonlySet<string>,
    forMs: number,
    watermark: number,
  ): void {
    const left = [...chain.held.values()].sort((a, b) => compareAnchors(a.episode, b.episode))
    for (const [position, held] of left.entries()) {
      const next = left[position + 1]
      const over =
        held.finished && watermark > held.episode.anchor.time + forMs && (next === undefined || visible.has(next.id))
      if (!over) {
        expiry.set(chainKey, Math.max(watermark, held.episode.anchor.time + forMs))
        return
      }
      chain.held.delete(held.id)
      chain.emitted.delete(held.id)
    }
    chains.delete(chainKey)
    expiry.set(chainKey, Number.POSITIVE_INFINITY)
  }

  return {
    put(owner, refreshed) {
      const by = owner.rule.suppress?.by
      if (by === undefined || refreshed.standing.some((episode) => episode.late === true)) putPlain(owner, refreshed)
      else putSuppressed(owner, by, refreshed)
    },
    async drain(watermark) {
      for (const chainKey of expiry.take(watermark)) touched.add(chainKey)
      for (const chainKey of touched) resolve(chainKey, watermark)
      touched.clear()
      const raised = [...pending.entries()]
      const writes: AlertWrite[] = retracted
      pending = new Map()
      retracted = []
      for (const [, { rule, key, episode, suppressed, isNew }] of raised) {
        writes.push({ change: isNew ? 'raised' : 'revised', alert: await alertOf(rule, key, episode, suppressed) })
      }
      return writes
    },
    size: () => chains.size,
    save: () =>
      [...chains].map(
        ([chainKey, chain]): SavedChain => ({
          chainKey,
          rule: chain.rule.digest,
          tenant: chain.tenant,
          emitted: [...chain.emitted],
          held: [...chain.held.values()].map((held) => ({ ...held, episode: saveEpisode(held.episode) })),
        }),
      ),
    load(saved, ruleOf) {
      for (const { chainKey, rule: digest, tenant, emitted, held } of savedChains(saved)) {
        const rule = ruleOf(digest)
        if (rule === undefined) continue
        chains.set(chainKey, {
          rule,
          tenant,
          emitted: new Map(emitted),
          held: new Map(held.map((one) => [one.id, { ...one, episode: loadEpisode(one.episode) }])),
        })
        touched.add(chainKey)
      }
    },
  }
}

interface SavedChain {
  chainKey: string
  rule: string
  tenant: string
  emitted: [string, string][]
  held: (Omit<Held, 'episode'> & { episode: SavedEpisode })[]
}

/** Snapshots are our own writing, checked by version and digest before they get here. */
function savedChains(saved: unknown): SavedChain[] {
  return saved as SavedChain[]
}

function compareAnchors(a: Episode, b: Episode): number {
  if (a.anchor.time !== b.anchor.time) return a.anchor.time - b.anchor.time
  return a.anchor.content < b.anchor.content ? -1 : a.anchor.content > b.anchor.content ? 1 : 0
}

/** Group values, and fields of the event at which the condition turned true. */
function chainKeyOf(rule: CompiledRule, key: string, by: readonly string[], episode: Episode): string {
  const group = groupRecord(rule, key)
  const anchor = episode.members.find((member) => member.content === episode.anchor.content) ?? episode.members.at(-1)
  const values: Json[] = by.map((name) => group[name] ?? anchor?.fields[name] ?? null)
  return `${rule.digest} ${JSON.stringify(episode.tenant)} ${canonicalJson(values)}`
}

/** Changes exactly when the alert as written would. */
function fingerprintOf(episode: Episode, suppressed: number): string {
  const { from, to, count, final, mark, incomplete } = episode
  return `${from} ${to} ${count} ${final} ${suppressed} ${mark} ${incomplete ?? ''}`
}
