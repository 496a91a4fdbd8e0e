// An alert that proves itself: its events with their way to a signed head, what matched in them, and what the house sealed of it.
import { canonicalJson, type Digest, homeOf, type Json, type JsonObject, sealId } from '@varde/schema'
import { digestOf } from './digest.ts'
import { type EntrySignature, type SealedEntry, verifyEntry, verifyEntrySignature } from './entry.ts'
import { type Head, headText, type SignatureProof, verifySignatureProof } from './head.ts'
import { type KeyRecord, verifyKeys } from './key.ts'
import { type EventProof, verifyEventProof } from './proof.ts'
import { type StampAuthority, type StampCheck, verifyStamp } from './timestamp/verify.ts'

export const alertsStream = '@alerts'

/** What detection decided of an alert; what people make of it is no part of the proof. */
export interface DecidedAlert extends JsonObject {
  id: string
  members: { eventId: string; content: string; step: string; [key: string]: Json }[]
}

export interface AlertProof {
  format: 'varde alert'
  version: 1
  /** UTC milliseconds at which the file was made. */
  at: number
  alert: DecidedAlert
  rule: {
    digest: Digest
    file: string
    /** The rule file as it ran, and the lists that it asks: with them the digest can be computed again. */
    text: string
    lists: { [name: string]: (string | number | boolean)[] }
    /** Version of the engine that decided; the digest covers it. */
    engine?: number
  }
  /** In the order of the alert's members. `matched`: JSON path → value, of the fields that the rule reads. */
  members: { event: string; matched: JsonObject; proof?: EventProof; missing?: string }[]
  /** Seal id → its way to the first head that signs it. */
  signatures: { [seal: string]: SignatureProof }
  /** What the house sealed when the alert became final. */
  entry?: SealedEntry
  entrySignature?: EntrySignature
  /** Of the heads above: number of the head, name of the authority, its response (DER, base64). */
  stamps?: { head: number; name: string; response: string }[]
  keys: KeyRecord[]
}

/** The members of an alert that detection decides, and that are sealed. */
const decided = [
  'id',
  'tenant',
  'rule',
  'title',
  'severity',
  'group',
  'anchor',
  'window',
  'members',
  'memberCount',
  'collected',
] as const

/** What detection decided of an alert: the part that is sealed. What people did with it (status, verdict, notes) is not in it. */
export function decidedPart(alert: JsonObject): DecidedAlert {
  const part: JsonObject = {}
  for (const name of decided) if (alert[name] !== undefined) part[name] = alert[name]
  return JSON.parse(JSON.stringify(part))
}

/** SHA-256 over the canonical JSON of the decided part. */
export function decidedDigest(alert: JsonObject): Digest {
  return digestOf(canonicalJson(decidedPart(alert)))
}

/** `$.user.name` of a nested event: the values of a field as rules read it, arrays flattened as JSONata does. */
export function valueAt(event: Json, path: string): Json | undefined {
  let found: Json[] = [event]
  for (const key of path.replace(/^\$\./, '').split('.')) {
    found = found
      .flatMap((value) => (Array.isArray(value) ? value : [value]))
      .flatMap((value) => {
        const member = typeof value === 'object' && value !== null && !Array.isArray(value) ? value[key] : undefined
        return member === undefined ? [] : [member]
      })
  }
  return found.length > 1 ? found : found[0]
}

export interface AlertProofFinding {
  at: string
  problem: string
}

export interface AlertProofReport {
  ok: boolean
  findings: AlertProofFinding[]
  alert: string
  title: string
  members: number
  /** `signed`: every event and the alert's own entry stand under a signed head; `sealed`: every event under a seal. */
  state: 'pending' | 'sealed' | 'signed'
  firstKey: { id: Digest; compared: boolean }
  provenUpTo?: { head: number; at: number }
  stamps: (StampCheck & { at: string })[]
}

/** Offline, and trusting nothing in the file. The rule's own digest is the caller's to compute again: this room can't compile it. */
export function verifyAlertProof(
  file: AlertProof,
  options: { firstKey?: Digest; authorities?: readonly StampAuthority[] } = {},
): AlertProofReport {
  const findings: AlertProofFinding[] = []
  const find = (at: string, problem: string) => findings.push({ at, problem })
  const { alert, members, keys } = file
  const report: AlertProofReport = {
    ok: false,
    findings,
    alert: String(alert?.id),
    title: String(alert?.['title']),
    members: members?.length ?? 0,
    state: 'signed',
    firstKey: { id: keys?.[0]?.id ?? '', compared: options.firstKey !== undefined },
    stamps: [],
  }
  try {
    if (file.format !== 'varde alert' || file.version !== 1) find('format', 'it is no alert of version 1')
    const line = verifyKeys(keys, options.firstKey)
    if (keys.length === 0) report.state = 'sealed'
    else if (!line.ok) find(`keys.${line.at}`, line.problem)
    if (members.length !== alert.members.length)
      find('members', `there are ${members.length}, the alert has ${alert.members.length}`)
    if (Object(alert['rule'])['digest'] !== file.rule.digest) find('rule.digest', 'the alert names another rule')
    for (const [n, member] of alert.members.entries()) checkMember(file, n, member, report, find)
    checkEntry(file, report, find)
    checkStamps(file, options.authorities ?? [], report, find)
  } catch (error) {
    find('file', `it can not be read: ${error instanceof Error ? error.message : String(error)}`)
  }
  report.ok = findings.length === 0
  return report
}

type Find = (at: string, problem: string) => void

function checkMember(
  file: AlertProof,
  n: number,
  member: DecidedAlert['members'][number],
  report: AlertProofReport,
  find: Find,
): void {
  const given = file.members[n]
  const at = `members.${n} (${member.eventId})`
  if (given === undefined || given.event !== member.eventId) {
    find(at, 'its event is not there')
    return
  }
  const { proof } = given
  if (proof === undefined) {
    if (given.missing === 'not sealed yet') report.state = 'pending'
    else find(at, `it is not proven here: ${given.missing ?? 'nothing says why'}`)
    return
  }
  const { home } = proof.place
  if (
    JSON.stringify(homeOf(member.eventId)) !==
    JSON.stringify({ stream: home.stream, generation: home.generation, partition: home.partition, offset: home.offset })
  )
    find(at, 'its proof is of another event')
  const check = verifyEventProof(proof)
  if (!check.ok) {
    find(at, check.problem)
    return
  }
  if ('withheld' in proof.event) find(at, 'its event is withheld')
  else {
    const { event } = proof.event
    if (digestOf(canonicalJson(event)) !== member.content) find(at, 'it is not the event that the rule saw')
    for (const [path, value] of Object.entries(given.matched))
      if (canonicalJson(valueAt(event, path) ?? null) !== canonicalJson(value))
        find(`${at}.matched`, `${path} is not what the event says`)
  }
  const signature = file.signatures[sealId(proof.seal)]
  if (signature === undefined) {
    if (report.state === 'signed') report.state = 'sealed'
    return
  }
  const signed = verifySignatureProof(signature, proof.seal, file.keys)
  if (!signed.ok) find(`signatures.${sealId(proof.seal)}`, signed.problem)
  else noteHead(report, signature)
}

function checkEntry({ alert, entry, entrySignature, keys }: AlertProof, report: AlertProofReport, find: Find): void {
  if (entry === undefined) {
    if (report.state === 'signed') report.state = 'sealed'
    return
  }
  const check = verifyEntry(entry, undefined)
  if (!check.ok) {
    find('entry', check.problem)
    return
  }
  if (entry.link.stream !== alertsStream || entry.body?.['subject'] !== alert.id)
    find('entry', 'it is of another alert')
  if (entry.body?.['decided'] !== decidedDigest(alert)) find('alert', 'it is not what was sealed when it became final')
  if (entrySignature === undefined) {
    if (report.state === 'signed') report.state = 'sealed'
    return
  }
  const signed = verifyEntrySignature(entrySignature, entry.link, keys)
  if (!signed.ok) find('entrySignature', signed.problem)
  else noteHead(report, entrySignature)
}

function checkStamps(
  { stamps = [], signatures, entrySignature }: AlertProof,
  authorities: readonly StampAuthority[],
  report: AlertProofReport,
  find: Find,
): void {
  const heads = new Map<number, Head>()
  for (const { head } of [...Object.values(signatures), ...(entrySignature === undefined ? [] : [entrySignature])])
    heads.set(head.number, head)
  for (const [n, { head: number, name, response }] of stamps.entries()) {
    const at = `stamps.${n} (${name}, head ${number})`
    const head = heads.get(number)
    if (head === undefined) {
      find(at, 'it stamps a head that nothing here leads to')
      continue
    }
    const check = verifyStamp(Buffer.from(response, 'base64'), Buffer.from(headText(head)), authorities)
    report.stamps.push({ ...check, at })
    if (!check.ok) find(at, check.problem)
  }
}

function noteHead(report: AlertProofReport, { head }: { head: { number: number; at: number } }): void {
  if ((report.provenUpTo?.head ?? -1) < head.number) report.provenUpTo = { head: head.number, at: head.at }
}
