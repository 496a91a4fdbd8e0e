// The windows of one rule, by tenant and group.

import { limits } from '@varde/runtime'
import type { Hit, Json } from '@varde/schema'
import { groupOf } from '../rules/hit.ts'
import type { CompiledRule } from '../rules/rule.ts'
import { compact, entriesOfCompact, isCompactable, restored } from './compact.ts'
import { compareEntries, type Entry, positionAt, positionOf } from './entry.ts'
import type { Evaluator, Window } from './evaluator.ts'
import type { Owner, RuleState } from './owner.ts'

export interface WindowsOptions {
  /** Whether keys of this group belong to this correlator; all do without it. */
  owns?: (hit: Pick<Hit, 'rule' | 'group' | 'route'>) => boolean
  /** Told when entries had to be left out of a window. */
  onTruncated(count: number): void
}

interface Held<Base> extends Owner {
  readonly tenant: string
  readonly key: string
  /** A text while it rests. */
  live: Window<Base> | string
}

type SavedWindow = SavedLive | { tenant: string; key: string; compact: string; emitted: [string, string][] }

interface SavedLive {
  tenant: string
  key: string
  entries: Entry[]
  settled: number
  base: Json
  emitted: [string, string][]
  incomplete?: string
}

export function createWindows<Base>(
  rule: CompiledRule,
  evaluator: Evaluator<Base>,
  options: WindowsOptions,
): RuleState {
  const held = new Map<string, Map<string, Held<Base>>>()
  let size = 0
  const { plan } = rule
  let evictedTo = Number.NEGATIVE_INFINITY
  const isAbsence = plan.type === 'absence'
  const watched =
    plan.type === 'absence' && plan.keys !== undefined
      ? new Set(plan.keys.map((key) => JSON.stringify([key])))
      : undefined

  // One prototype for all windows of the rule, with what most of them have in common: closures and members of its own would cost
  // each more than what it holds.
  const methods: Omit<Held<Base>, 'tenant' | 'key' | 'live'> = {
    rule,
    emitted: undefined,
    dropped: false,
    dueAt: Number.POSITIVE_INFINITY,
    due(this: Held<Base>) {
      return evaluator.due(wake(this))
    },
    refresh(this: Held<Base>, watermark: number) {
      return refresh(wake(this), watermark)
    },
    newest(this: Held<Base>) {
      return seen(this).entries.at(-1)?.time ?? Number.NEGATIVE_INFINITY
    },
    isEmpty(this: Held<Base>) {
      const window = wake(this)
      return window.entries.length === 0 && evaluator.due(window) === Number.POSITIVE_INFINITY
    },
    entryCount(this: Held<Base>) {
      return typeof this.live === 'string' ? entriesOfCompact(this.live) : this.live.entries.length
    },
    unnamed(this: Held<Base>) {
      return typeof this.live === 'string' ? [] : this.live.entries.filter((entry) => entry.attempts !== undefined)
    },
    rest(this: Held<Base>) {
      const { live } = this
      if (typeof live === 'string' || evaluator.isIdle?.(live.base) !== true || !isCompactable(live)) return
      this.live = compact(live)
    },
    drop(this: Held<Base>) {
      this.dropped = true
      const own = held.get(spaceOf(this.tenant))
      if (own?.delete(this.key) === true) size--
    },
  }

  /** The window to look at, as it rests or not. */
  function seen(owner: Held<Base>): Window<Base> {
    return typeof owner.live === 'string' ? restored(owner.live, owner, evaluator.start()) : owner.live
  }

  /** The window to change. */
  function wake(owner: Held<Base>): Window<Base> {
    const window = seen(owner)
    owner.live = window
    return window
  }

  /** An absence speaks of the thing that must report, whoever's it is. */
  const spaceOf = (tenant: string): string => (isAbsence ? '' : tenant)

  function open(window: Window<Base>): Held<Base> {
    const first = window.entries[0]?.time
    if (first !== undefined && first <= evictedTo + rule.lookBackMs)
      window.incomplete ??= 'memory ran out: windows of this rule were let go'
    return hold(window.tenant, window.key, window)
  }

  function hold(tenant: string, key: string, live: Window<Base> | string): Held<Base> {
    const owner: Held<Base> = Object.create(methods)
    Object.assign(owner, { tenant, key, live })
    const space = spaceOf(tenant)
    const own = held.get(space) ?? new Map<string, Held<Base>>()
    held.set(space, own)
    own.set(key, owner)
    size++
    return owner
  }

  async function refresh(window: Window<Base>, watermark: number): ReturnType<Owner['refresh']> {
    truncate(window)
    const settles = positionAt(window.entries, watermark)
    if (settles > window.settled) {
      const confirmed = dropUnnamed(window, settles)
      await evaluator.commit(window, window.settled, confirmed)
      window.settled = confirmed
    }
    await evaluator.settle?.(window, watermark)
    const finished = evaluator.finish(window, watermark)
    const standing = [...finished, ...(await evaluator.standing(window))]
    const expired = Math.min(window.settled, positionAt(window.entries, evaluator.keepFrom(window, watermark)))
    if (expired > 0) {
      window.entries.splice(0, expired)
      window.settled -= expired
    }
    return { standing, finished }
  }

  /** The watermark passed hits that no marker has named: they were of an attempt that lost. Gives the new end. */
  function dropUnnamed(window: Window<Base>, settles: number): number {
    const passed = window.entries.slice(window.settled, settles)
    const named = passed.filter((entry) => entry.attempts === undefined)
    if (named.length < passed.length) window.entries.splice(window.settled, passed.length, ...named)
    return window.settled + named.length
  }

  /** The latest entries are enough for any threshold below the limit; the alert says what is missing. */
  function truncate(window: Window<Base>): void {
    const over = window.entries.length - limits.windowEntriesMax
    if (over <= 0) return
    options.onTruncated(over)
    window.incomplete = `more than ${limits.windowEntriesMax} events in one window: the oldest were let go`
    window.entries.splice(0, over)
    window.settled = Math.max(0, window.settled - over)
  }

  return {
    rule,
    insert(entry, key, watermark) {
      if (watched !== undefined && !watched.has(key)) return { outcome: 'ignored' }
      if (entry.late || entry.time < watermark) return { outcome: 'late' }
      const owner = held.get(spaceOf(entry.tenant))?.get(key)
      if (owner === undefined) {
        const window = windowOf(entry.tenant, key, [entry], evaluator.start())
        return { outcome: 'added', owner: open(window), entry }
      }
      const { entries } = wake(owner)
      const position = positionOf(entries, entry)
      const there = entries[position]
      if (there !== undefined && compareEntries(there, entry) === 0) return { outcome: 'again', owner, entry: there }
      entries.splice(position, 0, entry)
      return { outcome: 'added', owner, entry }
    },
    begin(watermark) {
      if (plan.type !== 'absence' || plan.mode !== 'every') return []
      return (plan.keys ?? []).flatMap((value) => {
        const key = JSON.stringify([value])
        if (options.owns?.({ rule: rule.digest, ...groupOf(rule, key) }) === false) return []
        const virtual = neverSeen(watermark)
        const owner = held.get('')?.get(key)
        if (owner === undefined) return [open(windowOf('house', key, [virtual], evaluator.start()))]
        const { entries } = wake(owner)
        entries.splice(positionOf(entries, virtual), 0, virtual)
        return [owner]
      })
    },
    owners: () => ownersOf(held),
    noteEvicted(owner) {
      const newest = owner.newest()
      evictedTo = Math.max(evictedTo, newest)
    },
    size: () => size,
    save: () => [...ownersOf(held)].map(saved),
    load: (state) =>
      savedWindows(state).map((window) => {
        const owner = loaded(window)
        if (window.emitted.length > 0) owner.emitted = new Map(window.emitted)
        return owner
      }),
  }

  function saved({ tenant, key, live, emitted }: Held<Base>): SavedWindow {
    const told = [...(emitted ?? [])]
    if (typeof live === 'string') return { tenant, key, compact: live, emitted: told }
    const { entries, settled, base, incomplete } = live
    const window: SavedLive = { tenant, key, entries, settled, base: evaluator.save(base), emitted: told }
    return incomplete === undefined ? window : { ...window, incomplete }
  }

  function loaded(window: SavedWindow): Held<Base> {
    if ('compact' in window) return hold(window.tenant, window.key, window.compact)
    const { tenant, key, entries, settled, base, incomplete } = window
    return open({ ...windowOf(tenant, key, entries, evaluator.load(base)), settled, incomplete })
  }
}

function windowOf<Base>(tenant: string, key: string, entries: Entry[], base: Base): Window<Base> {
  return { tenant, key, entries, settled: 0, base, incomplete: undefined }
}

function* ownersOf<Base>(held: Map<string, Map<string, Held<Base>>>): Iterable<Held<Base>> {
  for (const own of held.values()) yield* own.values()
}

/** Stands for a listed key that has not reported yet: its silence counts from when we began to listen. */
function neverSeen(time: number): Entry {
  return {
    time,
    content: '0'.repeat(64),
    eventId: '',
    step: 'expect',
    fields: {},
    tenant: 'house',
    partition: '',
    late: false,
    attempts: undefined,
    counted: undefined,
  }
}

/** Snapshots are our own writing, checked by version and digest before they get here. */
function savedWindows(saved: unknown): SavedWindow[] {
  return saved as SavedWindow[]
}
