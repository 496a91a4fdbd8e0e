// A small bundle with everything in it, and one of many events: for tests and measurements.
import { createHash, createPrivateKey, createPublicKey } from 'node:crypto'
import { eventId } from '@varde/schema'
import {
  type EntryLink,
  type EntrySignature,
  type SealedEntry,
  sealEntry,
  tipOfEntry,
  withholdEntry,
} from '../entry.ts'
import { type Batch, type Draw, sealedBatch } from '../fixture.ts'
import { type SignedHead, signatureProof, signHead, tipLeaf, tipOf } from '../head.ts'
import { createKey, type drawKeyPair, localSigner, type SigningKey } from '../key.ts'
import { proveLeaves } from '../many-leaves.ts'
import { merklePath } from '../merkle.ts'
import { sealHead } from '../seal.ts'
import { evidenceFiles } from './contents.ts'
import {
  type RecordFiles,
  recordOfDeadLetter,
  recordOfEvent,
  withholdRecord,
  writeProof,
  writeRecord,
} from './records.ts'
import { createBundleWriter } from './write.ts'
import { type BundleSink, type BundleSource, bundleOrder } from './zip.ts'

export function memorySink(): BundleSink & { bytes(): Buffer } {
  let held = Buffer.alloc(0)
  let size = 0
  return {
    async write(bytes, at) {
      if (at + bytes.length > held.length) {
        const larger = Buffer.alloc(2 * (at + bytes.length))
        held.copy(larger)
        held = larger
      }
      held.set(bytes, at)
      size = Math.max(size, at + bytes.length)
    },
    bytes: () => held.subarray(0, size),
  }
}

export function memorySource(bytes: Uint8Array): BundleSource {
  return { size: bytes.length, read: async (at, length) => bytes.subarray(at, at + length) }
}

/** UTC milliseconds. */
const minute = (number: number) => 1_795_564_800_000 + number * 60_000

interface House {
  first: SigningKey
  second: SigningKey
  batches: Batch[]
  entries: SealedEntry[]
  heads: SignedHead[]
}

/** Bytes that follow from a name: the same bundle each time, so that what a test finds can be found again. */
function drawFrom(name: string): Draw {
  let count = 0
  return (bytes) => createHash('sha256').update(`${name}/${count++}`).digest().subarray(0, bytes)
}

/** An Ed25519 pair of 32 bytes (RFC 8410 §7). */
function pairFrom(bytes: Uint8Array): ReturnType<typeof drawKeyPair> {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), bytes])
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  return {
    publicKey: createPublicKey(key).export({ type: 'spki', format: 'der' }),
    privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/** Five seals, twelve entries, three heads of which the last is of a second key; the last seal and two entries came later. */
export function sampleHouse(name = 'house'): House {
  const draw = drawFrom(name)
  const first = createKey(1_000, undefined, undefined, pairFrom(draw(32)))
  const second = createKey(minute(3.6), first, undefined, pairFrom(draw(32)))
  const batches = [sealedBatch(30, undefined, minute(0), draw)]
  while (batches.length < 5)
    batches.push(sealedBatch(17 + batches.length, batches.at(-1)?.seal, minute(batches.length), draw))
  const entries: SealedEntry[] = []
  for (let n = 0; n < 12; n += 1) {
    const previous = entries.at(-1)?.link
    const body = {
      action: n === 0 ? 'acquired' : 'viewed',
      subject: n % 3 === 2 ? 'case-2' : 'case-1',
      by: 'anna',
      why: `ø ${n}`,
    }
    entries.push(
      sealEntry({
        stream: '@custody',
        at: minute(n * 0.4),
        body,
        seed: draw(16),
        ...(previous === undefined ? {} : { previous }),
      }),
    )
  }
  const heads: SignedHead[] = []
  for (const [seals, custody, at, key] of [
    [2, 4, minute(1.3), first],
    [3, 8, minute(2.9), first],
    [4, 10, minute(3.7), second],
  ] as const) {
    const tip = batches[seals - 1]
    const entry = entries[custody - 1]
    const previous = heads.at(-1)
    if (tip === undefined || entry === undefined) throw new Error('seals and entries were made')
    heads.push(
      signHead({
        tips: [tipOf(tip.seal), tipOfEntry(entry.link), { ...tipOf(tip.seal), stream: 'other' }],
        at,
        key,
        ...(previous === undefined ? {} : { previous }),
      }),
    )
  }
  return { first, second, batches, entries, heads }
}

function entrySignature(signed: SignedHead, links: EntryLink[]): EntrySignature {
  const index = signed.tips.findIndex(({ stream }) => stream === '@custody')
  return {
    links,
    index,
    path: merklePath(signed.tips.map(tipLeaf), index),
    head: signed.head,
    signature: signed.signature,
  }
}

/** The records of a batch that a case has: two of three; every tenth is withheld. */
function chosen({ events, deadLetters }: Batch) {
  const letters = deadLetters.map((letter) => recordOfDeadLetter({ ...letter, id: eventId(letter.home) }))
  return [...events.map((event) => recordOfEvent(event)), ...letters]
    .sort((a, b) => a.home.offset - b.home.offset)
    .filter(({ home }) => home.offset % 3 !== 0)
    .map((record) => (record.home.offset % 10 === 4 ? withholdRecord(record) : record))
}

/** Files of records that are kept in memory. */
function recordFiles(batches: readonly Batch[]) {
  const contents: Record<keyof RecordFiles, (string | Uint8Array)[]> = { events: [], proofs: [], raw: [], records: [] }
  const file = (name: keyof RecordFiles) => ({
    write: (part: string | Uint8Array) => void contents[name].push(part),
  })
  const files = { events: file('events'), proofs: file('proofs'), raw: file('raw'), records: file('records') }
  let count = 0
  for (const batch of batches) {
    const wanted = chosen(batch)
    for (const record of wanted) writeRecord(record, files)
    const leaves = batch.leaves.map(({ leaf }) => leaf)
    const hashes = proveLeaves(
      leaves,
      wanted.map(({ home }) => home.offset - batch.seal.from),
    )
    writeProof(sealHead(batch.seal), hashes, files)
    count += wanted.length
  }
  return { count, contents }
}

export async function sampleBundle(
  house: House = sampleHouse(),
  stamp?: { name: string; der: Uint8Array },
): Promise<Buffer> {
  const { first, second, batches, entries, heads } = house
  const { count, contents } = recordFiles(batches)
  const [, middle, newest] = heads
  const third = batches[2]
  const fourth = batches[3]
  if (middle === undefined || newest === undefined || third === undefined || fourth === undefined)
    throw new Error('made above')
  const signatures = batches.slice(0, 4).map(({ seal }, n) => {
    const head = n < 3 ? middle : newest
    const to = n < 3 ? 3 : 4
    const links = batches.slice(n + 1, to).map((batch) => sealHead(batch.seal))
    return { seal: sealHead(seal), proof: signatureProof(head, seal, links) }
  })
  const mine = entries.map((entry) => (entry.body?.['subject'] === 'case-1' ? entry : withholdEntry(entry)))
  const seventh = entries[6]
  const files = [
    ...evidenceFiles({
      seals: batches.map(({ seal }) => sealHead(seal)),
      records: contents,
      signatures,
      entries: mine,
      entrySignatures:
        seventh === undefined
          ? []
          : [
              {
                link: seventh.link,
                proof: entrySignature(
                  newest,
                  entries.slice(7, 10).map(({ link }) => link),
                ),
              },
            ],
      keys: [first.record, second.record],
      publicKeyPem: pemOf(second),
      stamps: stamp === undefined ? [] : [{ head: 2, ...stamp }],
    }),
    { path: 'report.html', content: '<!doctype html><title>case-1</title>' },
    { path: 'custody.csv', content: 'at,who\n' },
  ].sort((a, b) => bundleOrder(a.path, b.path))
  const sink = memorySink()
  const writer = createBundleWriter(sink)
  for (const file of files) await writer.add(file)
  await writer.finish(
    { case: 'case-1', revision: 3, at: minute(5), tenants: ['house'], records: count },
    { id: second.record.id, sign: localSigner(second.privateKey).sign },
  )
  return sink.bytes()
}

function pemOf(key: SigningKey): string {
  const body = (key.record.publicKey.match(/.{1,64}/g) ?? []).join('\n')
  return `-----BEGIN PUBLIC KEY-----\n${body}\n-----END PUBLIC KEY-----\n`
}
