// Who changed what: sealed entries of the product's own audit log.
import type { Person } from '@varde/auth'
import { openEntryStreams } from '@varde/evidence'
import type { JsonObject } from '@varde/schema'
import type { ApiDeps } from './deps.ts'

export interface Act {
  /** Such as `rule.save`. */
  action: string
  /** What was acted upon: the id of a rule, and so on. */
  subject: string
  detail?: JsonObject
}

export type Audit = (person: Person, act: Act) => Promise<void>

export function createAudit({ store, clock }: Pick<ApiDeps, 'store' | 'clock'>): Audit {
  const entries = openEntryStreams({ documents: store.documents, clock })
  return async (person, { action, subject, detail = {} }) => {
    await entries.append('@audit', { action, subject, by: person.name, byId: person.id, detail })
  }
}
