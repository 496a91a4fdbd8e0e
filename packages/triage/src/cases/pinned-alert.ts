// Copies of alerts in a case, with the text of the rule as it ran.
import { hash } from 'node:crypto'
import { type Alert, attackEntry, attackTactics, canonicalJson, type JsonObject } from '@varde/schema'
import { collections, type DocumentStore } from '@varde/store'

export interface RuleText {
  file: string
  text: string
  /** False where only a newer text than the one that raised the alert is known. */
  same: boolean
}

export interface PinnedAlert {
  case: string
  batch: string
  at: number
  by: string
  digest: string
  alert: Alert
  rule?: RuleText
}

export function alertDigest(alert: Alert): string {
  return hash('sha256', canonicalJson(JSON.parse(JSON.stringify(alert))))
}

export async function keepAlert(documents: DocumentStore, pinned: PinnedAlert): Promise<void> {
  const doc: JsonObject = JSON.parse(JSON.stringify(pinned))
  await documents.create(collections.caseAlerts.name, `${pinned.case}/${pinned.alert.id}/${pinned.batch}`, doc)
}

/** By the time of their anchors; only those that the case (at some revision) names as batches. */
export async function alertsOfCase(
  documents: DocumentStore,
  caseId: string,
  batches: readonly string[],
): Promise<PinnedAlert[]> {
  const { docs } = await documents.list(collections.caseAlerts.name, { where: { case: caseId }, limit: 10_000 })
  return docs
    .map(({ doc }): PinnedAlert => JSON.parse(JSON.stringify(doc)))
    .filter(({ batch }) => batches.includes(batch))
    .sort((a, b) => a.alert.anchor.time - b.alert.anchor.time || (a.alert.id < b.alert.id ? -1 : 1))
}

const order = new Map(attackTactics.map(([, , tactic], n) => [tactic, n]))

/**
 * The ATT&CK tactic of the rule's first technique, such as `credential-access`. Of a technique that serves several it is the earliest
 * of the matrix: a sign-in with somebody's account (T1078) is how an intruder came in until an investigator says otherwise.
 */
export function phaseOf(attack: readonly string[]): string | undefined {
  for (const id of attack) {
    const tactics = [...(attackEntry(id)?.tactics ?? [])]
    const [first] = tactics.sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0))
    if (first !== undefined) return first
  }
  return undefined
}
