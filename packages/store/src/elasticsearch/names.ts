// Names of indices: what they say of class, tenant and day, and how they are found again.
import { createHash } from 'node:crypto'

const dayMs = 86_400_000
const knownMax = 10_000

export interface Names {
  prefix: string
  /** Alias over all days. */
  events: string
  /** Wildcard over all days, also where there is none yet. */
  allEvents: string
  senders: string
  collection(name: string): string
  /** The index of an event: class, tenant and UTC day of arrival decide it, and nothing else. */
  eventIndex(retention: string, tenant: string, arrival: number): string
  /** Wildcard over the days of one tenant. */
  tenantEvents(tenant: string): string
  readEventIndex(index: string): { retention: string; tenantSlug: string; day: number } | undefined
}

/** `varde-events.<class>.<tenant>.<day>`: no part holds a dot, so that no two of class and tenant share an index. */
export function namesOf(prefix: string): Names {
  const events = `${prefix}-events`
  // A name costs a date and perhaps a hash, and a batch has few.
  const known = new Map<string, string>()
  return {
    prefix,
    events,
    allEvents: `${events}.*`,
    senders: `${prefix}-senders`,
    collection: (name) => `${prefix}-documents.${name}`,
    eventIndex(retention, tenant, arrival) {
      const day = Math.floor(arrival / dayMs)
      const key = `${day} ${retention} ${tenant}`
      let index = known.get(key)
      if (index === undefined) {
        index = `${events}.${retention}.${slug(tenant)}.${dayText(day)}`
        if (known.size >= knownMax) known.clear()
        known.set(key, index)
      }
      return index
    },
    tenantEvents: (tenant) => `${events}.*.${slug(tenant)}.*`,
    readEventIndex(index) {
      if (!index.startsWith(`${events}.`)) return undefined
      const [retention, tenantSlug, day, ...rest] = index.slice(events.length + 1).split('.')
      if (retention === undefined || tenantSlug === undefined || day === undefined || rest.length > 0) return undefined
      const time = Date.parse(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T00:00:00Z`)
      return Number.isNaN(time) ? undefined : { retention, tenantSlug, day: time }
    },
  }
}

function dayText(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10).replaceAll('-', '')
}

/** A tenant's name where an index name can hold it; any other gets its hash behind what is left of it. */
function slug(tenant: string): string {
  if (/^[a-z0-9][a-z0-9_-]{0,39}$/.test(tenant)) return tenant
  const plain = tenant
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 24)
  return `${plain}~${createHash('sha256').update(tenant).digest('hex').slice(0, 12)}`
}

export const prefixPattern: RegExp = /^[a-z][a-z0-9_-]{0,39}$/
