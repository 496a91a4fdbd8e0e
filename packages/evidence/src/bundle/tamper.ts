// Ways to tamper with a bundle, drawn by chance: on its bytes, on its files by somebody without the key, and by somebody with one.
import { createHash } from 'node:crypto'
import { canonicalJson } from '@varde/schema'
import { createKey, localSigner, type SigningKey } from '../key.ts'
import { memorySink, memorySource } from './sample-bundle.ts'
import { createBundleWriter } from './write.ts'
import { centralDirectory, crc32, localHead, readZip, type ZipEntry } from './zip.ts'

/** Numbers from a seed, so that a failure can be repeated. */
export function numbersFrom(seed: number): (below: number) => number {
  let count = 0
  return (below) => createHash('sha256').update(`${seed}/${count++}`).digest().readUInt32LE(0) % Math.max(1, below)
}

export interface Tampering {
  name: string
  bytes: Buffer
  /** The file that was touched, where one was. */
  path?: string
}

type Files = Map<string, Buffer>

async function unpack(bundle: Buffer): Promise<Files> {
  const { entries } = await readZip(memorySource(bundle))
  return new Map(entries.map(({ path, at, bytes }) => [path, bundle.subarray(at, at + bytes)]))
}

/** As a bundle again, its manifest and sums made anew; signed by the given key, or with the signature that was there. */
async function pack(files: Files, signer: SigningKey | undefined): Promise<Buffer> {
  const sink = memorySink()
  const writer = createBundleWriter(sink)
  const manifest = JSON.parse((files.get('manifest.json') ?? Buffer.from('{}')).toString())
  const { case: name, revision, at, tenants, records, key } = manifest
  const old = files.get('SHA256SUMS.sig') ?? Buffer.alloc(64)
  for (const [path, content] of files)
    if (!['manifest.json', 'SHA256SUMS', 'SHA256SUMS.sig'].includes(path)) await writer.add({ path, content })
  const sign = signer === undefined ? async () => old : localSigner(signer.privateKey).sign
  await writer.finish({ case: name, revision, at, tenants, records }, { id: signer?.record.id ?? key, sign })
  return sink.bytes()
}

/** As a ZIP again with right checksums, and nothing else made anew. */
function zip(files: Files): Buffer {
  const parts: Buffer[] = []
  const entries: ZipEntry[] = []
  let headAt = 0
  for (const [path, content] of files) {
    const entry = { path, crc: crc32(content), bytes: content.length, headAt, at: 0 }
    entries.push(entry)
    parts.push(localHead(entry), content)
    headAt += localHead(entry).length + content.length
  }
  return Buffer.concat([...parts, centralDirectory(entries, headAt)])
}

/** What the chains and trees prove, whoever holds the key. The other files are the house's word. */
const proven = [
  'entries.jsonl',
  'events.jsonl',
  'keys.jsonl',
  'proofs.jsonl',
  'raw.log',
  'records.jsonl',
  'seals.jsonl',
  'tips.jsonl',
]

function changeLines(content: Buffer, how: 'drop' | 'swap' | 'duplicate', pick: (below: number) => number): Buffer {
  const lines = content.toString('latin1').split('\n').slice(0, -1)
  // The last entries of a stream are not signed yet, and its first ones may stand in another bundle: only a hole is wrong.
  const at = 1 + pick(Math.max(1, lines.length - 4))
  const line = lines[at] ?? ''
  if (how === 'drop') lines.splice(at, 1)
  else if (how === 'duplicate') lines.splice(at, 0, line)
  else {
    lines[at] = lines[at - 1] ?? ''
    lines[at - 1] = line
  }
  return Buffer.from(lines.map((each) => `${each}\n`).join(''), 'latin1')
}

/** `spared`: so many lines at the end, which no head has signed yet: whoever holds the key can still write them as they like. */
function flip(content: Buffer, pick: (below: number) => number, spared = 0): Buffer {
  const changed = Buffer.from(content)
  let end = changed.length
  for (let line = 0; line < spared; line += 1) end = changed.lastIndexOf(10, end - 2) + 1
  const at = pick(end)
  changed[at] = (changed[at] ?? 0) ^ (1 << pick(8))
  return changed
}

export interface TamperWith {
  bundle: Buffer
  /** Of the same house, another case: same shapes, other chains. */
  other: Buffer
  /** The key that signs, and the whole line of keys. */
  key: SigningKey
}

export async function tamper({ bundle, other, key }: TamperWith, pick: (below: number) => number): Promise<Tampering> {
  const kind = pick(10)
  if (kind < 2) return { name: 'flip a bit', bytes: flip(bundle, pick) }
  if (kind === 2) return { name: 'truncate', bytes: bundle.subarray(0, pick(bundle.length)) }
  if (kind === 3) {
    const [at, length] = [pick(bundle.length), 1 + pick(200)]
    const part = bundle.subarray(at, at + length)
    return { name: 'duplicate bytes', bytes: Buffer.concat([bundle.subarray(0, at), part, bundle.subarray(at)]) }
  }
  const files = await unpack(bundle)
  const paths = [...files.keys()].filter((path) => !path.startsWith('SHA256SUMS') && path !== 'manifest.json')
  const path = paths[pick(paths.length)] ?? ''
  const content = files.get(path) ?? Buffer.alloc(0)
  if (kind === 4) {
    files.delete(path)
    if (pick(2) === 0) return { name: `drop ${path}`, path, bytes: zip(files) }
    return { name: `drop ${path}, sums made anew`, bytes: await pack(files, undefined) }
  }
  if (kind === 5) {
    files.set(path, flip(content, pick))
    if (pick(2) === 0) return { name: `flip in ${path}`, path, bytes: zip(files) }
    return { name: `flip in ${path}, sums made anew`, bytes: await pack(files, undefined) }
  }
  if (kind === 6) {
    const mallory = createKey(1)
    const name = ['events.jsonl', 'raw.log', 'records.jsonl'][pick(3)] ?? ''
    files.set(name, flip(files.get(name) ?? content, pick))
    files.set('keys.jsonl', Buffer.from(`${canonicalJson({ ...mallory.record })}\n`))
    files.set('key.pem', pemOf(mallory))
    return { name: 're-sign with another key', path: 'keys.jsonl', bytes: await pack(files, mallory) }
  }
  const target = proven[pick(proven.length)] ?? ''
  const old = files.get(target) ?? content
  if (kind === 7) {
    const theirs = (await unpack(other)).get(target) ?? content
    files.set(target, pick(2) === 0 ? theirs : spliced(old, theirs, pick))
    return {
      name: `splice ${target} with another chain, signed by the house`,
      path: target,
      bytes: await pack(files, key),
    }
  }
  if (kind === 8) {
    files.set(target, flip(old, pick, target === 'seals.jsonl' ? 1 : target === 'entries.jsonl' ? 2 : 0))
    return { name: `flip in ${target}, signed by the house`, path: target, bytes: await pack(files, key) }
  }
  const how = (['drop', 'swap', 'duplicate'] as const)[pick(3)] ?? 'drop'
  files.set(target, changeLines(old, how, pick))
  return { name: `${how} a line of ${target}, signed by the house`, path: target, bytes: await pack(files, key) }
}

/** The first half of ours, the second of theirs. */
function spliced(ours: Buffer, theirs: Buffer, pick: (below: number) => number): Buffer {
  const [a, b] = [ours, theirs].map((content) => content.toString('latin1').split('\n').slice(0, -1))
  if (a === undefined || b === undefined) return ours
  const at = pick(Math.max(1, Math.min(a.length, b.length) - 4))
  return Buffer.from([...a.slice(0, at), ...b.slice(at)].map((line) => `${line}\n`).join(''), 'latin1')
}

export function pemOf({ record }: SigningKey): Buffer {
  const body = (record.publicKey.match(/.{1,64}/g) ?? []).join('\n')
  return Buffer.from(`-----BEGIN PUBLIC KEY-----\n${body}\n-----END PUBLIC KEY-----\n`)
}
