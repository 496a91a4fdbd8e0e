// A Windows event in one form, whichever agent brought it.
import type { JsonObject } from '@varde/schema'

export interface WindowsEvent {
  provider: string
  providerGuid?: string
  /** `EventID`, without its qualifiers. */
  id: string
  version?: number
  channel?: string
  computer?: string
  recordId?: string
  /** UTC milliseconds. */
  time?: number
  /** information, warning, error, critical, verbose. */
  level?: string
  task?: string
  opcode?: string
  keywords?: string[]
  outcome?: 'success' | 'failure'
  activityId?: string
  relatedActivityId?: string
  processId?: number
  threadId?: number
  /** Who logged the event (`Security/@UserID`), not who it is about. */
  user?: { sid?: string; name?: string; domain?: string; type?: string }
  message?: string
  /** Named data, as texts. */
  data: Record<string, string>
  /** The event's own XML below UserData. */
  userData?: JsonObject
  /** What the shipper added, ECS already: agent, host, log … */
  shipped?: JsonObject
}
