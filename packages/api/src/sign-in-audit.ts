// Attempts at unauthorised access in the sealed audit: each lock with how many tries led to it, so many an hour, that no guesser fills the disk.
import type { Person } from '@varde/auth'
import type { Clock } from '@varde/runtime'
import type { Audit } from './audit.ts'

/** Locks that are sealed within an hour; what is beyond is counted and told by the next one. */
const entriesPerHourMax = 100
const hourMs = 3_600_000
const nobody: Person = { id: '', name: 'nobody', role: 'auditor', tenants: [] }

export interface Guessed {
  name: string
  address: string
  wrong: number
  waitMs: number
}

export function createSignInAudit(audit: Audit, clock: Clock): (guessed: Guessed) => Promise<void> {
  let since = 0
  let written = 0
  let left = 0
  return async ({ name, address, wrong, waitMs }) => {
    if (clock.now() - since >= hourMs) [since, written] = [clock.now(), 0]
    if (written >= entriesPerHourMax) {
      left += 1
      return
    }
    written += 1
    const notShown = left
    left = 0
    const detail = { name, address, wrong, waitSeconds: Math.ceil(waitMs / 1_000), notShown }
    await audit(nobody, { action: 'session.locked', subject: 'session', detail })
  }
}
