// The evidence timeline: pinned events, alerts and the analyst's own entries, in the order in which they happened.
import type { Case, StoredEvent } from '@varde/schema'
import { eventId } from '@varde/schema'
import { counted, entityOf, factOf } from './event-words.ts'
import type { PinChunk } from './pin-chunk.ts'
import { type PinnedAlert, phaseOf } from './pinned-alert.ts'

export interface TimelineRow {
  id: string
  kind: 'event' | 'entry' | 'alert'
  /** UTC milliseconds: when it happened, and when it was found out. */
  time: number
  discoveredAt: number
  source: string
  tenant?: string
  entity: string
  /** ATT&CK tactic. */
  phase?: string
  /** From the log itself. */
  fact: string
  /** The analyst's. */
  words?: string
  important: boolean
  by?: string
}

/** What the rows of events are made with: marks by event, and the alerts that list it. */
export interface TimelineContext {
  marks: Map<string, Case['marks'][number]>
  alerts: Map<string, { phase?: string; raisedAt: number }>
}

export function timelineContext(of: Case, alerts: readonly PinnedAlert[]): TimelineContext {
  const listed: TimelineContext['alerts'] = new Map()
  for (const { alert } of alerts) {
    const phase = phaseOf(alert.rule.attack)
    for (const { eventId: id } of alert.members) {
      const known = listed.get(id)
      if (known === undefined || alert.raisedAt < known.raisedAt)
        listed.set(id, { raisedAt: alert.raisedAt, ...(phase === undefined ? {} : { phase }) })
    }
  }
  return { marks: new Map(of.marks.map((mark) => [mark.eventId, mark])), alerts: listed }
}

export function eventTimelineRow(stored: StoredEvent, pinnedAt: number, context: TimelineContext): TimelineRow {
  const alert = context.alerts.get(stored.id)
  const row: TimelineRow = {
    id: stored.id,
    kind: 'event',
    time: Date.parse(stored.event['@timestamp']),
    discoveredAt: Math.min(pinnedAt, alert?.raisedAt ?? pinnedAt),
    source: stored.source,
    tenant: stored.tenant,
    entity: entityOf(stored.event),
    ...(alert?.phase === undefined ? {} : { phase: alert.phase }),
    fact: factOf(stored.event),
    important: false,
  }
  return withMark(row, context.marks.get(stored.id))
}

/** The analyst's part of a row. */
export function withMark<Row extends TimelineRow>(row: Row, mark: Case['marks'][number] | undefined): Row {
  if (mark === undefined) return row
  const { words, phase, important = false, by } = mark
  return {
    ...row,
    important,
    ...(phase === undefined ? {} : { phase }),
    ...(words === undefined ? {} : { words, by }),
  }
}

export function entryRows(of: Case): TimelineRow[] {
  return of.entries.map(({ id, time, discoveredAt, source, entity = '', phase, words, by }) => ({
    id,
    kind: 'entry',
    time,
    discoveredAt,
    source,
    entity,
    ...(phase === undefined ? {} : { phase }),
    fact: '',
    words,
    important: true,
    by,
  }))
}

export function alertRows(alerts: readonly PinnedAlert[]): TimelineRow[] {
  return alerts.map(({ alert }) => {
    const phase = phaseOf(alert.rule.attack)
    const entity = Object.values(alert.group).find((value) => typeof value === 'string')
    return {
      id: alert.id,
      kind: 'alert',
      time: alert.anchor.time,
      discoveredAt: alert.raisedAt,
      source: alert.rule.name,
      tenant: alert.tenant,
      entity: typeof entity === 'string' ? entity : '',
      ...(phase === undefined ? {} : { phase }),
      fact: `${alert.title} (${alert.severity}, ${counted(alert.memberCount, 'event')})`,
      important: true,
    }
  })
}

/** Where an event of the timeline lies. */
export interface TimelinePlace {
  time: number
  id: string
  chunk: PinChunk
  at: number
}

export function byTime(a: { time: number; id: string }, b: { time: number; id: string }): number {
  return a.time - b.time || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
}

/** All pinned events, oldest first, each once. */
export function placesOf(chunks: readonly PinChunk[]): TimelinePlace[] {
  const seen = new Set<string>()
  const places: TimelinePlace[] = []
  for (const chunk of chunks) {
    const { stream, generation, partition } = chunk
    for (const [at, offset] of chunk.offsets.entries()) {
      const id = eventId({ stream, generation, partition, offset })
      if (seen.has(id)) continue
      seen.add(id)
      places.push({ time: chunk.times[at] ?? 0, id, chunk, at })
    }
  }
  return places.sort(byTime)
}
