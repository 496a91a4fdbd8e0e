// The records of a bundle against their seals: every leaf from its bytes, every root from its leaves.
import { type Digest, type Home, homeOf, sealId } from '@varde/schema'
import { isDigest } from '../digest.ts'
import { leafOf, rawHalfOf, textHalfOf } from '../leaf.ts'
import { rootOfLeaves } from '../many-leaves.ts'
import type { SealHead } from '../seal.ts'
import { byHome, bySeal } from './contents.ts'
import type { BundleFinding, OpenBundle } from './open.ts'
import { BundleLineError, type FileReader, parseLine, readFile } from './read-lines.ts'

export interface CheckedRecords {
  records: number
  withheld: number
  tenants: Set<string>
  /** Ids of the seals that records lead to. */
  seals: Set<string>
}

interface RecordLine {
  kind: 'event' | 'dead-letter' | 'withheld'
  id: string
  tenant: string
  source: string
  lateness?: 'late' | 'future' | 'imported'
  arrival: number
  bytes: number
  s1: string
  s2: string
  text?: string
  leaf: Digest
  /** From the id, taken apart once. */
  home: Home | undefined
}

export async function readSeals(
  bundle: OpenBundle,
  find: (finding: BundleFinding) => void,
): Promise<Map<string, { seal: SealHead; line: number }>> {
  const seals = new Map<string, { seal: SealHead; line: number }>()
  const reader = readFile(bundle.source, bundle.files.get('seals.jsonl'))
  let previous: SealHead | undefined
  for (let line = await reader.line(); line !== undefined; line = await reader.line()) {
    const at = `seals.jsonl:${reader.number()}`
    const seal: SealHead = parseLine(line, () => at)
    if (seal.version !== 1) find({ at, problem: `version ${seal.version} of a seal is not known to this verifier` })
    if (previous !== undefined && bySeal(previous, seal) >= 0)
      find({ at, problem: `seal ${sealId(seal)} is out of order, or twice` })
    previous = seal
    seals.set(sealId(seal), { seal, line: reader.number() })
  }
  return seals
}

interface RecordsInput {
  bundle: OpenBundle
  seals: ReadonlyMap<string, { seal: SealHead }>
  find(finding: BundleFinding): void
  progress(records: number): void
}

/** A line that can't be read ends the walk: what stands behind it is not told apart any more. */
export async function verifyRecords(input: RecordsInput): Promise<CheckedRecords> {
  const open = (path: string) => readFile(input.bundle.source, input.bundle.files.get(path))
  const files = {
    records: open('records.jsonl'),
    events: open('events.jsonl'),
    raw: open('raw.log'),
    proofs: open('proofs.jsonl'),
  }
  const checked: CheckedRecords = { records: 0, withheld: 0, tenants: new Set(), seals: new Set() }
  try {
    await walkProofs(input, files, checked)
  } catch (error) {
    const at = error instanceof BundleLineError ? error.at : `records.jsonl:${Math.max(1, files.records.number())}`
    input.find({ at, problem: error instanceof Error ? error.message : String(error) })
  }
  return checked
}

async function walkProofs(
  { bundle, seals, find, progress }: RecordsInput,
  files: Files,
  checked: CheckedRecords,
): Promise<void> {
  const { proofs } = files
  let before: SealHead | undefined
  let beforeHome: Home | undefined
  let waiting = await nextRecord(files.records)
  for (let line = await proofs.line(); line !== undefined; line = await proofs.line()) {
    const at = `proofs.jsonl:${proofs.number()}`
    const proof: { seal: string; hashes: Digest[] } = parseLine(line, () => at)
    const seal = seals.get(proof.seal)?.seal
    if (seal === undefined) {
      find({ at, problem: `its seal ${proof.seal} is not in the bundle` })
      return
    }
    if (before !== undefined && bySeal(before, seal) >= 0)
      find({ at, problem: `seal ${proof.seal} is out of order, or twice` })
    before = seal
    const leaves: { index: number; leaf: Digest }[] = []
    const first = waiting?.id
    while (waiting !== undefined && isUnder(seal, waiting.home)) {
      const place = `records.jsonl:${files.records.number()} (${waiting.id})`
      if (beforeHome !== undefined && waiting.home !== undefined && byHome(beforeHome, waiting.home) >= 0)
        find({ at: place, problem: 'it is out of order, or twice' })
      beforeHome = waiting.home
      const found = leafOfLine(waiting, files)
      const leaf = found instanceof Promise ? await found : found
      if (leaf !== waiting.leaf)
        find({ at: placeOf(bundle, waiting, files), problem: 'its bytes do not give the leaf that its line names' })
      leaves.push({ index: (waiting.home?.offset ?? 0) - seal.from, leaf: waiting.leaf })
      checked.records += 1
      if (waiting.kind === 'withheld') checked.withheld += 1
      else checked.tenants.add(waiting.tenant)
      if (checked.records % 10_000 === 0) progress(checked.records)
      const next = nextRecord(files.records)
      waiting = next instanceof Promise ? await next : next
    }
    if (leaves.length === 0) find({ at, problem: `no record stands under seal ${proof.seal}` })
    else if (rootOfLeaves(seal.count, leaves, proof.hashes) !== seal.root)
      find({ at, problem: `its records, from ${first}, do not lead to the root of seal ${proof.seal}` })
    checked.seals.add(proof.seal)
  }
  if (waiting !== undefined)
    find({ at: `records.jsonl:${files.records.number()} (${waiting.id})`, problem: 'no proof leads from it to a seal' })
  else
    for (const [path, reader] of [
      ['events.jsonl', files.events],
      ['raw.log', files.raw],
    ] as const)
      if (!reader.isAtEnd())
        find({ at: `${path}:${reader.number() + 1}`, problem: 'it holds more than records.jsonl names' })
}

/** Where only one of the files has another digest than it should, that one is named. */
function placeOf({ damaged }: OpenBundle, record: RecordLine, files: Files): string {
  if (!damaged.has('records.jsonl')) {
    if (damaged.has('raw.log') && !damaged.has('events.jsonl')) return `raw.log (${record.id})`
    if (damaged.has('events.jsonl') && !damaged.has('raw.log'))
      return `events.jsonl:${files.events.number()} (${record.id})`
  }
  return `records.jsonl:${files.records.number()} (${record.id})`
}

function nextRecord(reader: FileReader): RecordLine | undefined | Promise<RecordLine | undefined> {
  const parse = (line: Buffer | undefined): RecordLine | undefined => {
    if (line === undefined) return undefined
    const record: RecordLine = parseLine(line, () => `records.jsonl:${reader.number()}`)
    return { ...record, home: homeOf(record.id) }
  }
  const line = reader.line()
  return line instanceof Promise ? line.then(parse) : parse(line)
}

function isUnder(seal: SealHead, home: Home | undefined): boolean {
  return (
    home !== undefined &&
    home.stream === seal.stream &&
    home.generation === seal.generation &&
    home.partition === seal.partition &&
    home.offset >= seal.from &&
    home.offset < seal.to
  )
}

type Files = Record<'records' | 'events' | 'raw' | 'proofs', FileReader>

const latenesses = new Set<unknown>([undefined, 'late', 'future', 'imported'])

function leafOfLine(record: RecordLine, files: Files): Digest | Promise<Digest> {
  if (record.kind === 'withheld') {
    if (!isDigest(record.leaf)) throw new RangeError(`${record.id} is withheld, and has no leaf`)
    return record.leaf
  }
  if (record.kind !== 'event' && record.kind !== 'dead-letter') throw new RangeError(`${record.id} is of no known kind`)
  if (!Number.isSafeInteger(record.bytes) || record.bytes < 0) throw new RangeError(`${record.id} has no length`)
  const raw = files.raw.take(record.bytes + 1)
  const text = record.kind === 'event' ? files.events.line() : Buffer.from(String(record.text))
  // Nearly always both are in memory already: a promise a record would cost more than its hashes.
  if (raw instanceof Promise || text instanceof Promise)
    return Promise.all([raw, text]).then(([theRaw, theText]) => joined(record, theRaw, theText))
  return joined(record, raw, text)
}

function joined(record: RecordLine, raw: Buffer | undefined, text: Buffer | undefined): Digest {
  const { home } = record
  if (home === undefined) throw new RangeError(`${record.id} is no id of a record`)
  if (raw === undefined || raw.at(-1) !== 10)
    throw new RangeError(`raw.log does not hold the ${record.bytes} bytes of ${record.id} and a line feed`)
  if (text === undefined) throw new RangeError(`events.jsonl ends before ${record.id}`)
  const { tenant, source, lateness, arrival, s1, s2 } = record
  if (!latenesses.has(lateness)) throw new RangeError(`${record.id} has an unknown lateness`)
  const place = { home, tenant, source, ...(lateness === undefined ? {} : { lateness }) }
  const kind = record.kind === 'event' ? 'event' : 'dead-letter'
  return leafOf(kind, place, rawHalfOf(s1, raw.subarray(0, -1), arrival), textHalfOf(s2, text)).leaf
}
