// How rules come in: detection is a room on the same floor, so wiring hands its rule set over as a function.
import type { Digest, Hit, StoredEvent } from '@varde/schema'

export interface Matcher {
  /** Digest of the rule set: pinned for a whole seal, which names it. */
  ruleSet: Digest
  /** All hits of one stored event, complete as they go to the topic; empty for most. At once where it can, else a promise. */
  match(event: StoredEvent, batch: { attempt: string }): Hit[] | Promise<Hit[]>
}

/** For a house without rules: nothing matches, and the seals say so. */
export const noRules: Matcher = { ruleSet: '0'.repeat(64), match: () => [] }
