// Sources that fell silent, and minutes of theirs that were not as they should be: told once each.
import type { JsonObject } from '@varde/schema'
import type { HouseEvent } from './house-event.ts'

export interface SourceFacts {
  tenant: string
  source: string
  transport: string
  firstSeen: number
  lastSeen: number
}

/** What the ledger counted of a source in a minute of arrival. */
export interface SourceMinute {
  tenant: string
  source: string
  minute: number
  received: number
  events: number
  deadLetters: number
  missing: number
  late: number
  future: number
  lagMsSum: number
}

const minuteMs = 60_000
const silentMsMin = 15 * minuteMs
/** Of a source whose rhythm is not known yet. */
const silentMsUnknown = 24 * 60 * minuteMs
const gapsKept = 500
/** Fewer gaps than this are no rhythm. */
const gapsMin = 10
const rhythms = 4
/** A mean lag or a lead beyond this is a clock that is wrong, or a sender that saves up. */
export const lagMsMax = 120_000

interface Watched {
  lastSeen: number
  gaps: number[]
  told: number | undefined
}

export interface SourceWatch {
  /** Minutes of the past, oldest first: the rhythm of each source. */
  learn(minutes: readonly SourceMinute[]): void
  silent(sources: readonly SourceFacts[], now: number): HouseEvent[]
}

export const sourceKey = ({ tenant, source }: { tenant: string; source: string }) => `${tenant}/${source}`

/** `since`: when this process began to listen; what was silent before is its own silence. */
export function createSourceWatch(since: number): SourceWatch {
  const watched = new Map<string, Watched>()
  const see = (key: string, at: number): Watched => {
    const known = watched.get(key)
    if (known === undefined) {
      const fresh: Watched = { lastSeen: at, gaps: [], told: undefined }
      watched.set(key, fresh)
      return fresh
    }
    if (at > known.lastSeen) {
      known.gaps.push(at - known.lastSeen)
      if (known.gaps.length > gapsKept) known.gaps.shift()
      known.lastSeen = at
    }
    return known
  }
  return {
    learn(minutes) {
      for (const one of minutes) if (one.received > 0) see(sourceKey(one), one.minute)
    },
    silent(sources, now) {
      const found: HouseEvent[] = []
      for (const facts of sources) {
        // A file is read once; our own events come when there is something to tell.
        if (facts.transport === 'file' || facts.source === 'varde') continue
        const known = see(sourceKey(facts), facts.lastSeen)
        const from = Math.max(facts.lastSeen, since)
        const allowedMs = allowed(known.gaps)
        if (now - from <= allowedMs) {
          if (known.told !== undefined && facts.lastSeen > known.told) found.push(backEvent(facts, known.told))
          if (facts.lastSeen > (known.told ?? facts.lastSeen)) known.told = undefined
          continue
        }
        if (known.told === facts.lastSeen) continue
        known.told = facts.lastSeen
        found.push(silentEvent(facts, from + allowedMs, allowedMs))
      }
      return found
    },
  }
}

/** Four times the gap that only one in a hundred of its own exceeds, at least a quarter of an hour. */
function allowed(gaps: readonly number[]): number {
  if (gaps.length < gapsMin) return Math.max(silentMsUnknown, rhythms * Math.max(0, ...gaps))
  const sorted = gaps.toSorted((a, b) => a - b)
  return Math.max(silentMsMin, rhythms * (sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0))
}

const sourceFields = ({ tenant, source }: { tenant: string; source: string }, more: JsonObject): JsonObject => ({
  varde: { source: { name: source, tenant, ...more } },
})

function silentEvent(facts: SourceFacts, at: number, allowedMs: number): HouseEvent {
  return {
    key: `source-silent/${sourceKey(facts)}/${at}`,
    at,
    action: 'source-silent',
    message: `${facts.source} has been silent for longer than ${Math.round(allowedMs / minuteMs)} minutes`,
    fields: sourceFields(facts, { last_seen: new Date(facts.lastSeen).toISOString(), allowed_ms: allowedMs }),
  }
}

function backEvent(facts: SourceFacts, last: number): HouseEvent {
  return {
    key: `source-back/${sourceKey(facts)}/${facts.lastSeen}`,
    at: facts.lastSeen,
    action: 'source-back',
    message: `${facts.source} speaks again`,
    fields: sourceFields(facts, { silent_ms: facts.lastSeen - last }),
  }
}

/** Minutes that are not as they should be; those that are, nobody needs to be told of. */
export function notableMinutes(minutes: readonly SourceMinute[]): HouseEvent[] {
  return minutes.flatMap((one): HouseEvent[] => {
    const lagMs = one.events === 0 ? 0 : Math.round(one.lagMsSum / one.events)
    const notable = one.deadLetters > 0 || one.missing > 0 || one.future > 0 || Math.abs(lagMs) > lagMsMax
    if (!notable || one.source === 'varde') return []
    const { received, deadLetters, missing, late, future } = one
    return [
      {
        key: `source-minute/${sourceKey(one)}/${one.minute}`,
        at: one.minute + minuteMs - 1,
        action: 'source-minute',
        message: `${one.source}: ${received} received, ${deadLetters} unreadable, ${missing} missing, ${late} late, ${future} from the future`,
        fields: sourceFields(one, {
          received,
          dead_letters: deadLetters,
          unreadable_share: received === 0 ? 0 : Math.round((1_000 * deadLetters) / received) / 1_000,
          missing,
          late,
          future,
          lag_ms: lagMs,
        }),
      },
    ]
  })
}
