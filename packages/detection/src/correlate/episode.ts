// One alert in the making: the events from the first at which a condition is true, on for as long as it stays so.

import { limits } from '@varde/runtime'
import { canonicalJson, type Json } from '@varde/schema'
import type { Entry } from './entry.ts'

export interface Gathered {
  /** Canonical text → value, in order of appearance; at most `limits.alertCollectedMax`. */
  values: Map<string, Json>
  /** Texts of further values, so that they are counted once; at most `furtherMax`. */
  further: Set<string>
}

/** Beyond this many different values an alert says "at least". */
const furtherMax = 10_000

export interface Episode {
  anchor: { time: number; content: string }
  tenant: string
  /** Event time of the first and last member. */
  from: number
  to: number
  /** The latest event at which the condition was true. */
  lastTrue: number
  /** The latest member. */
  last?: Entry
  /** The first members in total order, at most `limits.alertMembersMax`. */
  members: Entry[]
  count: number
  gathered: Map<string, Gathered>
  /** Rolling FNV-1a over the ids of all members: another membership, another mark. */
  mark: number
  /** True once no later event can undo the anchor. */
  final: boolean
  incomplete?: string
  /** All its events came late: no order of arrival may decide what it stands for, so it takes no part in suppression. */
  late?: boolean
  /** What a ratio was compared with. */
  baseline?: number
}

export function openEpisode(
  anchor: Entry,
  members: readonly Entry[],
  collect: readonly string[],
  final: boolean,
): Episode {
  const episode: Episode = {
    anchor: { time: anchor.time, content: anchor.content },
    tenant: anchor.tenant,
    from: members[0]?.time ?? anchor.time,
    to: anchor.time,
    lastTrue: anchor.time,
    members: [],
    count: 0,
    gathered: new Map(),
    mark: 0x811c9dc5,
    final,
  }
  for (const member of members) addMember(episode, member, collect)
  return episode
}

export function addMember(episode: Episode, entry: Entry, collect: readonly string[]): void {
  episode.count++
  episode.to = Math.max(episode.to, entry.time)
  episode.last = entry
  episode.mark = marked(episode.mark, entry)
  if (episode.members.length < limits.alertMembersMax) episode.members.push(entry)
  for (const name of collect) {
    const value = entry.fields[name]
    if (value === undefined) continue
    const gathered = episode.gathered.get(name) ?? { values: new Map(), further: new Set() }
    episode.gathered.set(name, gathered)
    for (const item of Array.isArray(value) ? value : [value]) gather(episode, gathered, item)
  }
}

function marked(mark: number, entry: Entry): number {
  let hash = mark
  for (let at = 0; at < entry.eventId.length; at++) hash = Math.imul(hash ^ entry.eventId.charCodeAt(at), 0x01000193)
  for (let at = 0; at < entry.step.length; at++) hash = Math.imul(hash ^ entry.step.charCodeAt(at), 0x01000193)
  return hash >>> 0
}

function gather(episode: Episode, gathered: Gathered, value: Json): void {
  const text = canonicalJson(value)
  if (gathered.values.has(text) || gathered.further.has(text)) return
  if (gathered.values.size < limits.alertCollectedMax) gathered.values.set(text, value)
  else if (gathered.further.size < furtherMax) gathered.further.add(text)
  else
    episode.incomplete = `more than ${limits.alertCollectedMax + furtherMax} different values: the rest is not counted`
}

export function copyEpisode(episode: Episode): Episode {
  const gathered = new Map(
    [...episode.gathered].map(([name, { values, further }]) => [
      name,
      { values: new Map(values), further: new Set(further) },
    ]),
  )
  return { ...episode, members: [...episode.members], gathered }
}

/** How many different values of a field the episode has seen. */
export function distinctOf(episode: Episode, name: string): number {
  const gathered = episode.gathered.get(name)
  return gathered === undefined ? 0 : gathered.values.size + gathered.further.size
}

export interface SavedEpisode extends Omit<Episode, 'gathered'> {
  gathered: [name: string, values: Json[], further: string[]][]
}

export function saveEpisode(episode: Episode): SavedEpisode {
  const gathered = [...episode.gathered].map(([name, { values, further }]): [string, Json[], string[]] => [
    name,
    [...values.values()],
    [...further],
  ])
  return { ...episode, gathered }
}

export function loadEpisode(saved: SavedEpisode): Episode {
  const gathered = new Map(
    saved.gathered.map(([name, values, further]): [string, Gathered] => [
      name,
      { values: new Map(values.map((value) => [canonicalJson(value), value])), further: new Set(further) },
    ]),
  )
  return { ...saved, gathered }
}
