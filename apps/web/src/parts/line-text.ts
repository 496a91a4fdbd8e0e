// The line of an event as a row shows it: what a person reads first, not the envelope around it.
import type { EventRow } from '@varde/api/contract'
import { flatten, showValue } from './flatten.ts'

/** What says the same of every event, or again what another field says. */
const noise =
  /^(@timestamp|ecs\.|related\.|log\.|agent\.|observer\.|host\.(os\.|hostname$)|event\.(kind|category|type|module|dataset|provider|created|ingested|start|end|timezone)$)/
const partsMax = 14

/** What a device writes before it says anything: priority and version, and the time, which has its own column. */
const envelope =
  /^(<\d{1,3}>(1 )?)?((?:[A-Z][a-z]{2} [ \d]\d (?:\d{4} )?\d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d))\s+)?(date=\S+ time=\S+ )?/

/** A syslog line without its envelope; a document (XML, JSON) as its fields that are not columns already. */
export function lineText({ line, event }: Pick<EventRow, 'line' | 'event'>, columns: string[]): string {
  if (!/^\s*(<\?xml|<Event\b|\{)/.test(line)) return line.replace(envelope, '') || line
  const parts: string[] = []
  for (const [path, value] of flatten(event)) {
    if (parts.length === partsMax) break
    if (noise.test(path) || columns.includes(path)) continue
    parts.push(`${path.slice(path.lastIndexOf('.') + 1)}=${showValue(value)}`)
  }
  return parts.length === 0 ? line : parts.join('  ')
}
