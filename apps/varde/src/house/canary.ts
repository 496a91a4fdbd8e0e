// A planted event that must become an alert: proof, again and again, that the way from the wire to the queue is whole.
import { randomUUID } from 'node:crypto'
import type { HouseEvent } from './house-event.ts'

/** The rule that meets planted events: its alert, raised or counted once more, is the song. */
export const canaryRule = 'op-10-canary-sings'

export interface Canary {
  /** A new one, where its time has come. */
  plant(now: number): HouseEvent[]
  /** The rule's alert was raised or counted once more: those that wait are heard. */
  hear(now: number): HouseEvent[]
}

export function createCanary(everyMs: number): Canary {
  let planted = Number.NEGATIVE_INFINITY
  let waiting: string[] = []
  return {
    plant(now) {
      if (now - planted < everyMs) return []
      planted = now
      const id = randomUUID()
      waiting.push(id)
      return [canaryEvent('canary-planted', id, now)]
    },
    hear(now) {
      const heard = waiting
      waiting = []
      return heard.map((id) => canaryEvent('canary-heard', id, now))
    },
  }
}

function canaryEvent(action: string, id: string, at: number): HouseEvent {
  return {
    key: `${action}/${id}`,
    at,
    action,
    message: action === 'canary-planted' ? 'a canary was planted' : 'a canary was heard',
    fields: { varde: { canary: { id } } },
  }
}
