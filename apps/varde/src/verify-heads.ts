// The signed part of a data folder: sealed streams, keys, heads, what they reach, and copies of heads that were kept elsewhere.
import {
  type ChainTip,
  chainName,
  type EntryLink,
  entryId,
  headHash,
  headText,
  type KeyRecord,
  mergeRuns,
  openEntryStreams,
  type Run,
  type SignedHead,
  type StampAuthority,
  unpackRuns,
  verifyEntry,
  verifyHeads,
  verifyKeys,
  verifyStamp,
} from '@varde/evidence'
import {
  allStamps,
  erasuresStream,
  headAt,
  keysStream,
  lastHead,
  lastSealOf,
  retentionStream,
  sealAt,
  sealChains,
} from '@varde/notary'
import { VardeError } from '@varde/runtime'
import { homeOf, type JsonObject } from '@varde/schema'
import type { Store } from '@varde/store'

export interface HeadFinding {
  /** Head, entry, key or chain. */
  item: string
  problem: string
}

/** A head as it was published: `varde heads list --json`, or a line of the published file. */
export interface OutsideHead {
  hash: string
  number: number
}

export interface CheckedStreams {
  findings: HeadFinding[]
  keys: KeyRecord[]
  /** Merged runs of expired offsets by chain, as sealed records of retention name them. */
  expired: Map<string, Run[]>
  /** Leaves of erased events by chain and offset, as sealed orders name them. */
  erased: Map<string, Map<number, string>>
  entries: number
}

function streamsOf(store: Store) {
  return openEntryStreams({ documents: store.documents, clock: { now: () => 0 } })
}

function recordOf(body: JsonObject | undefined): KeyRecord | undefined {
  const record = body?.['record']
  return record === undefined ? undefined : JSON.parse(JSON.stringify(record))
}

/** Every entry of every stream, in order. */
export async function verifyStreams(store: Store): Promise<CheckedStreams> {
  const streams = streamsOf(store)
  const checked: CheckedStreams = { findings: [], keys: [], expired: new Map(), erased: new Map(), entries: 0 }
  for (const stream of await streams.names()) {
    let previous: EntryLink | undefined
    for await (const entry of streams.read(stream)) {
      checked.entries += 1
      const missing = previous === undefined && entry.link.seq !== 0
      const check = verifyEntry(entry, previous)
      if (missing) checked.findings.push({ item: entryId(entry.link), problem: 'the entries before it are missing' })
      if (!check.ok) checked.findings.push({ item: entryId(entry.link), problem: check.problem })
      previous = entry.link
      if (stream === keysStream) {
        const record = recordOf(entry.body)
        if (record !== undefined) checked.keys.push(record)
      } else if (stream === erasuresStream && check.ok) noteErased(entry.body, checked.erased)
      else if (stream === retentionStream && check.ok) noteExpired(entry.body, checked.expired)
    }
  }
  for (const [chain, runs] of checked.expired) checked.expired.set(chain, mergeRuns(runs))
  const keys = verifyKeys(checked.keys)
  if (!keys.ok) checked.findings.push({ item: `key ${keys.at}`, problem: keys.problem })
  return checked
}

function noteErased(body: JsonObject | undefined, erased: CheckedStreams['erased']): void {
  const events = body?.['events']
  if (!Array.isArray(events)) return
  for (const event of events) {
    const { id, leaf } = Object(event)
    const home = homeOf(String(id))
    if (home === undefined) continue
    const chain = chainName(home)
    const leaves = erased.get(chain) ?? new Map<number, string>()
    erased.set(chain, leaves.set(home.offset, String(leaf)))
  }
}

function noteExpired(body: JsonObject | undefined, expired: CheckedStreams['expired']): void {
  const chains = body?.['chains']
  if (!Array.isArray(chains)) return
  for (const one of chains) {
    const { chain, offsets } = Object(one)
    const known = expired.get(String(chain)) ?? []
    for (const run of unpackRuns(String(offsets))) known.push(run)
    expired.set(String(chain), known)
  }
}

export interface CheckedHeads {
  findings: HeadFinding[]
  heads: number
  provenUpTo?: { head: number; at: number; hash: string }
  /** Seals and entries made since. */
  unproven: number
  /** Time stamps that hold; `trusted`: of them those that lead to a given authority. */
  stamps: { checked: number; trusted: number }
}

/** Heads two by two, so that a long line of them needs no memory; each tip against what is stored. */
export async function verifyStoredHeads(
  store: Store,
  keys: readonly KeyRecord[],
  {
    outside,
    authorities,
    tell,
  }: {
    outside: readonly OutsideHead[]
    authorities: readonly StampAuthority[]
    tell: (progress: JsonObject) => void
  },
): Promise<CheckedHeads> {
  const findings: HeadFinding[] = []
  const last = await lastHead(store.documents)
  const waiting = new Map(outside.map(({ number, hash }) => [number, hash]))
  const known = new Map<string, string>()
  let previous: SignedHead | undefined
  for (let number = 0; number <= (last?.head.number ?? -1); number += 1) {
    const head = await headAt(store.documents, number)
    if (head === undefined) {
      findings.push({ item: `head ${number}`, problem: 'it is missing' })
      continue
    }
    // A revoked key is wrong only at the end of the line: later heads cover what it signed.
    const check = verifyHeads(previous === undefined ? [head] : [previous, head], keys)
    if (!check.ok && !(check.problem.includes('revoked') && number < (last?.head.number ?? 0)))
      findings.push({ item: `head ${check.at}`, problem: check.problem })
    for (const tip of head.tips) {
      if (known.get(chainName(tip)) === tip.hash) continue
      known.set(chainName(tip), tip.hash)
      const problem = await tipProblem(store, tip)
      if (problem !== undefined) findings.push({ item: `head ${number}`, problem })
    }
    const kept = waiting.get(number)
    if (kept !== undefined && kept !== headHash(head.head))
      findings.push({ item: `head ${number}`, problem: `it is not the one that was kept elsewhere (${kept})` })
    waiting.delete(number)
    previous = head
    if (number % 100 === 0) tell({ step: 'heads', heads: number })
  }
  for (const number of waiting.keys())
    findings.push({ item: `head ${number}`, problem: 'it was kept elsewhere, and is not here: the end was cut off' })
  const stamps = await verifyStamps(store, authorities, findings)
  return {
    findings,
    stamps,
    heads: (last?.head.number ?? -1) + 1,
    unproven: await unprovenSince(store, last),
    ...(last === undefined
      ? {}
      : { provenUpTo: { head: last.head.number, at: last.head.at, hash: headHash(last.head) } }),
  }
}

/** Of what is stored beside a stamp nothing is believed: the response must stamp the very text of its head. */
async function verifyStamps(
  { documents }: Store,
  authorities: readonly StampAuthority[],
  findings: HeadFinding[],
): Promise<CheckedHeads['stamps']> {
  const stamps = { checked: 0, trusted: 0 }
  for await (const { head: number, name, response } of allStamps(documents)) {
    const head = await headAt(documents, number)
    const text = head === undefined ? Buffer.alloc(0) : Buffer.from(headText(head.head))
    const check = verifyStamp(Buffer.from(response, 'base64'), text, authorities)
    if (!check.ok) findings.push({ item: `time stamp of head ${number} by ${name}`, problem: check.problem })
    else {
      stamps.checked += 1
      if (check.trusted) stamps.trusted += 1
    }
  }
  return stamps
}

async function tipProblem(store: Store, tip: ChainTip): Promise<string | undefined> {
  const isEntry = tip.stream.startsWith('@')
  const found = isEntry
    ? (await streamsOf(store).get(tip.stream, tip.seq))?.hash
    : (await sealAt(store.documents, tip))?.hash
  const name = isEntry ? entryId(tip) : `seal ${chainName(tip)}.${tip.seq}`
  if (found === undefined) return `${name}, which it signed, is missing`
  return found === tip.hash ? undefined : `${name} is not the one that it signed`
}

async function unprovenSince(store: Store, last: SignedHead | undefined): Promise<number> {
  const signed = new Map((last?.tips ?? []).map((tip) => [chainName(tip), tip.seq]))
  let count = 0
  for (const chain of await sealChains(store.documents)) {
    const tip = await lastSealOf(store.documents, chain)
    count += (tip?.seq ?? -1) - (signed.get(chainName(chain)) ?? -1)
  }
  const streams = streamsOf(store)
  for (const stream of await streams.names()) {
    const tip = await streams.last(stream)
    count += (tip?.link.seq ?? -1) - (signed.get(chainName({ stream, generation: 0, partition: 0 })) ?? -1)
  }
  return count
}

/** Lines of the published file, or one head: whatever has a hash and a number. Throws HEAD_UNREADABLE. */
export function readOutsideHeads(text: string, file: string): OutsideHead[] {
  const found: OutsideHead[] = []
  for (const [n, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const wrong = (cause?: unknown) =>
      new VardeError('HEAD_UNREADABLE', `${file}:${n + 1} is no published head`, {
        cause,
        hint: 'Give the file or the message that Varde published.',
      })
    let parsed: unknown
    try {
      parsed = JSON.parse(line)
    } catch (cause) {
      throw wrong(cause)
    }
    const { head } = Object(parsed)
    if (typeof Object(head).number !== 'number') throw wrong()
    // Its hash is computed: what the line says of itself is not trusted either.
    found.push({ number: Object(head).number, hash: headHash(JSON.parse(JSON.stringify(head))) })
  }
  return found
}
