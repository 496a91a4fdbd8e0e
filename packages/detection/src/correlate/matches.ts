// Match rules hold no windows: each matched content is an alert of its own, final once its attempt is named.
import type { CompiledRule } from '../rules/rule.ts'
import { alertId } from './alert.ts'
import { compareEntries, type Entry, positionOf } from './entry.ts'
import { openEpisode } from './episode.ts'
import type { Inserted, Owner, RuleState } from './owner.ts'

/** A late hit whose attempt is never named goes after this, by event time; it may itself be days behind the watermark. */
export const unnamedMs = 86_400_000

/**
 * The same content may come once more, late: then it is one alert with two members, not the second in place of the
 * first. So long, by event time, it is waited for after the watermark has passed; a late one, which is rare, longer.
 */
const sameContentMs = 60_000
const lateContentMs = 3_600_000

interface Matched extends Owner {
  id: string
  readonly entries: Entry[]
  /** The watermark at its last refresh, and at its first: from then on late hits wait. */
  seen: number
  begun: number
}

interface SavedMatch {
  id: string
  key: string
  entries: Entry[]
  emitted: [string, string][]
}

export function createMatches(rule: CompiledRule): RuleState {
  const held = new Map<string, Matched>()

  function open(id: string, key: string, entries: Entry[], emitted: Map<string, string>): Matched {
    const owner: Matched = {
      rule,
      tenant: entries[0]?.tenant ?? '',
      key,
      id,
      entries,
      seen: Number.NEGATIVE_INFINITY,
      begun: Number.NEGATIVE_INFINITY,
      emitted,
      dueAt: Number.POSITIVE_INFINITY,
      due: () => dueOf(owner),
      refresh: async (watermark) => {
        if (owner.begun === Number.NEGATIVE_INFINITY) owner.begun = watermark
        const kept = entries.filter((entry) => entry.attempts === undefined || waitsUntil(entry, owner) >= watermark)
        if (kept.length < entries.length) entries.splice(0, entries.length, ...kept)
        const certain = entries.filter((entry) => entry.attempts === undefined)
        const named = certain.length > 0
        // Of an attempt that lost nothing may count beside what is certain; late hits of it wait here for a day.
        const members = named ? certain : entries
        const [first] = members
        if (first === undefined) return { standing: [], finished: [] }
        const late = members.every((entry) => entry.late)
        // An earlier alert may still come that this one must stand behind: only the watermark tells.
        const alone = rule.suppress === undefined || late || first.time < watermark
        const episode = openEpisode(first, members, rule.collect, named && alone)
        if (late) episode.late = true
        owner.seen = watermark
        const done = entries.every((entry) => entry.attempts === undefined && keptUntil(entry) < watermark)
        if (done) entries.splice(0)
        return { standing: [episode], finished: done ? [episode] : [] }
      },
      newest: () => entries.at(-1)?.time ?? Number.NEGATIVE_INFINITY,
      isEmpty: () => entries.length === 0,
      entryCount: () => entries.length,
      unnamed: () => entries.filter((entry) => entry.attempts !== undefined),
      rest: () => {},
      dropped: false,
      drop: () => {
        owner.dropped = true
        held.delete(id)
      },
    }
    held.set(id, owner)
    return owner
  }

  return {
    rule,
    insert(entry, key): Inserted {
      const id = alertId(rule.digest, entry.tenant, key, entry)
      const owner = held.get(id)
      if (owner === undefined) return { outcome: 'added', owner: open(id, key, [entry], new Map()), entry }
      const position = positionOf(owner.entries, entry)
      const there = owner.entries[position]
      if (there !== undefined && compareEntries(there, entry) === 0) return { outcome: 'again', owner, entry: there }
      owner.entries.splice(position, 0, entry)
      return { outcome: 'added', owner, entry }
    },
    begin: () => [],
    noteEvicted: () => {},
    owners: () => held.values(),
    size: () => held.size,
    save: () =>
      [...held.values()].map(
        (owner): SavedMatch => ({
          id: owner.id,
          key: owner.key,
          entries: owner.entries,
          emitted: [...(owner.emitted ?? [])],
        }),
      ),
    load: (saved) =>
      savedMatches(saved).map((match) => open(match.id, match.key, match.entries, new Map(match.emitted))),
  }
}

function waitsUntil({ time, late }: Entry, { begun }: Matched): number {
  return late ? Math.max(time, begun) + unnamedMs : time
}

const keptUntil = (entry: Entry): number => entry.time + (entry.late ? lateContentMs : sameContentMs)

function dueOf(owner: Matched): number {
  const { entries, seen } = owner
  let due = Number.POSITIVE_INFINITY
  for (const entry of entries) {
    if (entry.attempts !== undefined) due = Math.min(due, waitsUntil(entry, owner))
    // Before the watermark has passed it is not certain; after that only its end matters.
    else due = Math.min(due, entry.late || entry.time < seen ? keptUntil(entry) : entry.time)
  }
  return due
}

/** Snapshots are our own writing, checked by version and digest before they get here. */
function savedMatches(saved: unknown): SavedMatch[] {
  return saved as SavedMatch[]
}
