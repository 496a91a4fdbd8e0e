// Connections and their ends as sessions: one row from sign-in to sign-out, however each product names the two.
import type { EventRow } from '@varde/api/contract'
import { showValue, valueAt } from '../../parts/flatten.ts'

const starts = ['vpn-connected', 'client-vpn-connected', 'tunnel-up']
const ends = ['vpn-disconnected', 'client-vpn-disconnected', 'tunnel-down']
/** KQL that finds both. */
export const vpnQuery = `event.action: (${[...starts, ...ends].join(' or ')})`

export interface VpnSession {
  user: string
  address: string
  /** Absent where it began before what was read, or nobody logged it. */
  start?: EventRow
  /** Absent where it still runs, or nobody logged the end. */
  end?: EventRow
}

const text = (event: EventRow, field: string) => showValue(valueAt(event.event, field))

/** Newest first. An end belongs to the last open start of its user, from its address where it names one. */
export function vpnSessions(events: EventRow[]): VpnSession[] {
  const open: VpnSession[] = []
  const all: VpnSession[] = []
  for (const event of [...events].sort((a, b) => a.time - b.time)) {
    const [user, address] = [text(event, 'user.name'), text(event, 'source.ip')]
    const begun = starts.includes(text(event, 'event.action'))
    const at = begun
      ? -1
      : open.findLastIndex((one) => one.user === user && (address === '' || address === one.address))
    const session = open[at]
    if (session !== undefined) {
      session.end = event
      open.splice(at, 1)
      continue
    }
    const found: VpnSession = { user, address, ...(begun ? { start: event } : { end: event }) }
    all.push(found)
    if (begun) open.push(found)
  }
  return all.reverse()
}
