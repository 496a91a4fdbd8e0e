// The file with which an alert proves itself: gathered from store, notary and rules; `varde verify` checks it without them.

import { type CompiledRule, engineVersion, type RuleBook, type RuleVersions } from '@varde/detection'
import {
  type AlertProof,
  alertsStream,
  decidedPart,
  type EntryStreams,
  type EventProof,
  provable,
  type SealedEntry,
  valueAt,
} from '@varde/evidence'
import { type Heads, type KeyRing, type Signatures, sealAt } from '@varde/notary'
import type { Clock } from '@varde/runtime'
import { type Alert, type AlertMember, type Digest, homeOf, type JsonObject, type Seal, sealId } from '@varde/schema'
import type { Store } from '@varde/store'
import { leavesOf, sealOf } from './routes/proof.ts'

export interface AlertProofDeps {
  store: Store
  rules: RuleBook
  ruleVersions: RuleVersions
  clock: Clock
  notary: { streams: EntryStreams; ring: KeyRing; signatures: Signatures; heads: Pick<Heads, 'stamps'> }
}

const house = { tenants: 'all' } as const

export async function proveAlert(alert: Alert, deps: AlertProofDeps): Promise<AlertProof> {
  const { store, notary } = deps
  const rule = await ruleOf(alert, deps)
  const compiled = deps.rules.all().find((one) => one.id === alert.rule.id)
  const seals = new Map<string, { seal: Seal; leaves: (Digest | undefined)[] }>()
  const members: AlertProof['members'] = []
  for (const member of alert.members) members.push(await proveMember(member, compiled, store, seals))
  const signatures: AlertProof['signatures'] = {}
  for (const { seal } of seals.values()) {
    const signature = await notary.signatures.ofSeal(seal)
    if (signature !== undefined) signatures[sealId(seal)] = signature
  }
  const entry = await entryOf(alert, notary.streams)
  const entrySignature = entry === undefined ? undefined : await notary.signatures.ofEntry(entry.link)
  const stamps = await stampsOver(
    [...Object.values(signatures), ...(entrySignature ? [entrySignature] : [])],
    notary.heads,
  )
  return {
    format: 'varde alert',
    version: 1,
    at: deps.clock.now(),
    alert: decidedPart(JSON.parse(JSON.stringify(alert))),
    rule,
    members,
    signatures,
    ...(entry === undefined ? {} : { entry }),
    ...(entrySignature === undefined ? {} : { entrySignature }),
    ...(stamps.length === 0 ? {} : { stamps }),
    keys: await notary.ring.records(),
  }
}

async function stampsOver(
  proofs: readonly { head: { number: number } }[],
  heads: Pick<Heads, 'stamps'>,
): Promise<NonNullable<AlertProof['stamps']>> {
  const found: NonNullable<AlertProof['stamps']> = []
  for (const number of [...new Set(proofs.map(({ head }) => head.number))].sort((a, b) => a - b))
    for (const { name, response } of await heads.stamps(number)) found.push({ head: number, name, response })
  return found
}

/** The version that decided, by its digest; the one that runs now where it was never noted. */
async function ruleOf(alert: Alert, { rules, ruleVersions }: AlertProofDeps): Promise<AlertProof['rule']> {
  const { id, digest, file } = alert.rule
  const version = (await ruleVersions.of(id)).find((one) => one.digest === digest)
  const text = version?.text ?? rules.all().find((rule) => rule.id === id)?.text ?? ''
  const all = rules.lists()
  const lists: AlertProof['rule']['lists'] = {}
  for (const name of all.names()) if (text.includes(name)) lists[name] = [...(all.get(name)?.values ?? [])]
  return { digest, file, text, lists, engine: engineVersion }
}

async function proveMember(
  { eventId, step }: AlertMember,
  rule: CompiledRule | undefined,
  store: Store,
  seals: Map<string, { seal: Seal; leaves: (Digest | undefined)[] }>,
): Promise<AlertProof['members'][number]> {
  const stored = await store.events.get(eventId, house)
  if (stored === undefined) return { event: eventId, matched: {}, missing: 'the event is not in the store any more' }
  const read = rule?.predicates.filter((predicate) => predicate.step === step || rule.predicates.length === 1) ?? []
  const matched: JsonObject = {}
  for (const field of new Set(read.flatMap(({ expression }) => expression.fields))) {
    const value = valueAt(stored.event, field)
    if (value !== undefined) matched[`$.${field}`] = value
  }
  const seal = await sealOf(stored, store)
  if (seal === undefined) return { event: eventId, matched, missing: 'not sealed yet' }
  const known = seals.get(sealId(seal)) ?? { seal, leaves: await leavesOf(seal, store) }
  seals.set(sealId(seal), known)
  const leaves = known.leaves.filter((leaf) => leaf !== undefined)
  if (leaves.length < known.leaves.length) return { event: eventId, matched, missing: 'its seal can not be read whole' }
  const proof: EventProof = provable(stored, seal, leaves)
  return { event: eventId, matched, proof }
}

/** The last thing that was sealed of the alert. */
async function entryOf(alert: Alert, streams: EntryStreams): Promise<SealedEntry | undefined> {
  let found: SealedEntry | undefined
  for await (const entry of streams.read(alertsStream, { subject: alert.id })) found = entry
  return found
}

/** Sealed becomes signed with the first head over all of its seals: looked up, for nothing is written then. */
export async function proofStateOf(
  { proof }: Pick<Alert, 'proof'>,
  { store, notary }: Pick<AlertProofDeps, 'store' | 'notary'>,
): Promise<Alert['proof']> {
  if (proof.state !== 'sealed') return proof
  for (const id of proof.seals) {
    // A seal's id reads as an event's: the last number is its own.
    const place = homeOf(id)
    const seal = place === undefined ? undefined : await sealAt(store.documents, { ...place, seq: place.offset })
    if (seal === undefined || !(await notary.signatures.covers(seal))) return proof
  }
  return { ...proof, state: 'signed' }
}
