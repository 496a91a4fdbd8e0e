// A bundle as a verifier holds it: its files, and which of them are not what the sums say.
import { createHash } from 'node:crypto'
import { canonicalJson, type Digest } from '@varde/schema'
import { type KeyRecord, signatureHoldsBytes, verifyKeys } from '../key.ts'
import { readFile, readWhole } from './read-lines.ts'
import { type BundleSource, crc32, readZip, type ZipEntry } from './zip.ts'

/** `at`: the file, or file and line, with the id of the record where there is one. */
export interface BundleFinding {
  at: string
  problem: string
}

export interface BundleManifest {
  format: string
  version: number
  case: string
  revision: number
  at: number
  key: Digest
  tenants: string[]
  records: number
  files: { path: string; bytes: number }[]
}

export interface OpenBundle {
  source: BundleSource
  files: ReadonlyMap<string, ZipEntry>
  damaged: Set<string>
  manifest: BundleManifest
  keys: KeyRecord[]
}

export type OpenedBundle =
  | { bundle: OpenBundle; findings: BundleFinding[] }
  | { bundle?: never; findings: BundleFinding[] }

const needed = [
  'entries.jsonl',
  'events.jsonl',
  'key.pem',
  'keys.jsonl',
  'proofs.jsonl',
  'raw.log',
  'records.jsonl',
  'seals.jsonl',
  'tips.jsonl',
  'manifest.json',
  'SHA256SUMS',
  'SHA256SUMS.sig',
]

/** Structure, sums, signature and digests. Without a readable structure, manifest or keys there is nothing to go on with. */
export async function openBundle(source: BundleSource, options: { firstKey?: Digest }): Promise<OpenedBundle> {
  const { entries, problem } = await readZip(source)
  if (problem !== undefined) return { findings: [problem] }
  const files = new Map(entries.map((entry) => [entry.path, entry]))
  const missing = needed.find((path) => !files.has(path))
  if (missing !== undefined) return { findings: [{ at: missing, problem: 'it is missing' }] }
  const findings: BundleFinding[] = []
  const text = async (path: string) => {
    const entry = files.get(path)
    return entry === undefined ? Buffer.alloc(0) : readWhole(source, entry)
  }
  const sums = await text('SHA256SUMS')
  const damaged = new Set<string>()
  const lines = sums.toString('latin1').split('\n')
  for (const [n, entry] of entries.slice(0, -2).entries()) {
    const digest = await digestOfFile(source, entry)
    if (digest === undefined) {
      damaged.add(entry.path)
      findings.push({ at: entry.path, problem: 'its bytes do not have the checksum in the ZIP' })
    } else if (lines[n] !== `${digest}  ${entry.path}`) {
      damaged.add(entry.path)
      findings.push({ at: entry.path, problem: 'it is not the file that SHA256SUMS lists' })
    }
  }
  for (const path of ['SHA256SUMS', 'SHA256SUMS.sig']) {
    const entry = files.get(path)
    if (entry !== undefined && (await digestOfFile(source, entry)) === undefined)
      findings.unshift({ at: path, problem: 'its bytes do not have the checksum in the ZIP' })
  }
  if (lines.length !== entries.length - 1 || lines.at(-1) !== '')
    findings.unshift({ at: 'SHA256SUMS', problem: 'it does not list the files of the bundle, each once' })
  const manifest = manifestOf(await text('manifest.json'), entries)
  if ('problem' in manifest) return { findings: [manifest, ...findings] }
  const keys = await keysOf(source, files, options.firstKey)
  if ('finding' in keys) return { findings: [keys.finding, ...findings] }
  const signer = keys.records.find(({ id }) => id === manifest.key)
  const unsigned = signatureProblem(signer, sums, await text('SHA256SUMS.sig'), await text('key.pem'))
  if (unsigned !== undefined) findings.unshift(unsigned)
  return { bundle: { source, files, damaged, manifest, keys: keys.records }, findings }
}

/** Undefined where its CRC-32 is wrong. */
async function digestOfFile(source: BundleSource, entry: ZipEntry): Promise<Digest | undefined> {
  const hash = createHash('sha256')
  const blockBytes = 1024 * 1024
  let crc = 0
  for (let done = 0; done < entry.bytes; done += blockBytes) {
    const block = await source.read(entry.at + done, Math.min(blockBytes, entry.bytes - done))
    hash.update(block)
    crc = crc32(block, crc)
  }
  return crc === entry.crc ? hash.digest('hex') : undefined
}

function manifestOf(text: Buffer, entries: readonly ZipEntry[]): BundleManifest | BundleFinding {
  const at = 'manifest.json'
  let manifest: BundleManifest
  try {
    manifest = JSON.parse(text.toString('utf8'))
    if (`${canonicalJson(JSON.parse(text.toString('utf8')))}\n` !== text.toString('utf8'))
      return { at, problem: 'it is not canonical JSON and a line feed' }
  } catch (error) {
    return { at, problem: `it is no JSON: ${error instanceof Error ? error.message : String(error)}` }
  }
  if (manifest.format !== 'varde bundle') return { at, problem: 'it is not that of a bundle of Varde' }
  if (manifest.version !== 1)
    return { at, problem: `version ${manifest.version} of a bundle is not known to this verifier` }
  const listed = entries.slice(0, -3).map(({ path, bytes }) => ({ path, bytes }))
  if (!Array.isArray(manifest.files) || !Array.isArray(manifest.tenants))
    return { at, problem: 'it lacks its files or tenants' }
  for (let n = 0; n < Math.max(listed.length, manifest.files.length); n += 1) {
    const [there, said] = [listed[n], manifest.files[n]]
    if (there?.path === said?.path && there?.bytes === said?.bytes) continue
    const isMissing = typeof said?.path === 'string' && !listed.some(({ path }) => path === said.path)
    return isMissing
      ? { at: said.path, problem: 'it is missing: manifest.json lists it' }
      : { at: there?.path ?? at, problem: 'it is not as manifest.json lists it' }
  }
  return manifest
}

async function keysOf(
  source: BundleSource,
  files: ReadonlyMap<string, ZipEntry>,
  firstKey: Digest | undefined,
): Promise<{ records: KeyRecord[] } | { finding: BundleFinding }> {
  const reader = readFile(source, files.get('keys.jsonl'))
  const records: KeyRecord[] = []
  try {
    for (let line = await reader.line(); line !== undefined; line = await reader.line())
      records.push(JSON.parse(line.toString('utf8')))
    if (records.length === 0) return { finding: { at: 'keys.jsonl', problem: 'it holds no key' } }
    const check = verifyKeys(records, firstKey)
    return check.ok ? { records } : { finding: { at: `keys.jsonl:${check.at + 1}`, problem: check.problem } }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    return { finding: { at: `keys.jsonl:${reader.number()}`, problem } }
  }
}

function signatureProblem(
  signer: KeyRecord | undefined,
  sums: Buffer,
  signature: Buffer,
  pem: Buffer,
): BundleFinding | undefined {
  if (signer === undefined) return { at: 'manifest.json', problem: 'its key is not among keys.jsonl' }
  const body = (signer.publicKey.match(/.{1,64}/g) ?? []).join('\n')
  if (pem.toString('latin1') !== `-----BEGIN PUBLIC KEY-----\n${body}\n-----END PUBLIC KEY-----\n`)
    return { at: 'key.pem', problem: 'it is not the key that manifest.json names' }
  return signatureHoldsBytes(signer.publicKey, sums, signature)
    ? undefined
    : { at: 'SHA256SUMS.sig', problem: 'it is no signature of SHA256SUMS by the key that manifest.json names' }
}
