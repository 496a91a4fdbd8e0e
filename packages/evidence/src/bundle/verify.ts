// The verifier of bundles: everything in it against its seals, its heads and its keys, and the first wrong item by name.
import type { Digest } from '@varde/schema'
import { type StampAuthority, type StampCheck, verifyStamp } from '../timestamp/verify.ts'
import { headName } from './contents.ts'
import { type BundleFinding, type BundleManifest, openBundle } from './open.ts'
import { BundleLineError, readWhole } from './read-lines.ts'
import { readSeals, verifyRecords } from './verify-records.ts'
import { verifyEntryRuns, verifySealChains, verifyTips } from './verify-signatures.ts'
import type { BundleSource } from './zip.ts'

export interface BundleReport {
  ok: boolean
  /** In the order of the checks; the first is the first wrong item. At most `findingsMax`. */
  findings: BundleFinding[]
  manifest?: Omit<BundleManifest, 'files'>
  /** `compared`: the line of keys begins with the one that was given; otherwise the reader must compare `firstKey`. */
  firstKey?: { id: Digest; compared: boolean }
  records: number
  withheld: number
  entries: number
  heads: number
  /** The last head that signs something here: what is proven is proven up to its time. */
  provenUpTo?: { head: number; at: number }
  /** Seals and entries that no head signs: made after the last one. */
  unsigned: string[]
  stamps: StampCheck[]
}

const findingsMax = 100

/**
 * Checks a whole bundle offline: files against sums and manifest, signature, line of keys, heads, seals, every record and entry,
 * time stamps. What is wrong with it is a finding, never thrown, and names its place.
 */
export async function verifyBundle(
  source: BundleSource,
  options: {
    /** Id of the first key of the house, known from elsewhere. */
    firstKey?: Digest
    /** Certificates of time stamp authorities that the reader trusts. */
    authorities?: readonly StampAuthority[]
    progress?: (records: number) => void
  } = {},
): Promise<BundleReport> {
  const { firstKey, authorities = [], progress = () => undefined } = options
  const report: BundleReport = {
    ok: false,
    findings: [],
    records: 0,
    withheld: 0,
    entries: 0,
    heads: 0,
    unsigned: [],
    stamps: [],
  }
  const opened = await openBundle(source, firstKey === undefined ? {} : { firstKey })
  const close = (findings: BundleFinding[]): BundleReport => ({
    ...report,
    ok: findings.length === 0,
    findings: findings.slice(0, findingsMax),
  })
  if (opened.bundle === undefined) return close(opened.findings)
  const { bundle } = opened
  const { files: _files, ...manifest } = bundle.manifest
  report.manifest = manifest
  report.firstKey = { id: bundle.keys[0]?.id ?? '', compared: firstKey !== undefined }
  const findings: BundleFinding[] = []
  const find = (finding: BundleFinding) => {
    if (findings.length < findingsMax) findings.push(finding)
  }
  let at = 'seals.jsonl'
  try {
    const seals = await readSeals(bundle, find)
    at = 'records.jsonl'
    const records = await verifyRecords({ bundle, seals, find, progress })
    if (records.records !== manifest.records)
      find({ at: 'records.jsonl', problem: `it has ${records.records} lines, manifest.json says ${manifest.records}` })
    const foreign = [...records.tenants].find((tenant) => !manifest.tenants.includes(tenant))
    if (foreign !== undefined)
      find({ at: 'records.jsonl', problem: `it holds records of ${foreign}, which manifest.json does not name` })
    report.records = records.records
    report.withheld = records.withheld
    at = 'tips.jsonl'
    const signed = await verifyTips(bundle, find)
    const { heads } = signed
    report.heads = heads.length
    const lastHead = heads.at(-1)
    if (lastHead !== undefined) report.provenUpTo = { head: lastHead.number, at: lastHead.at }
    at = 'seals.jsonl'
    const unsignedSeals = verifySealChains(seals, signed, find)
    at = 'entries.jsonl'
    const entries = await verifyEntryRuns(bundle, signed, find)
    report.entries = entries.shown
    report.unsigned = [...unsignedSeals, ...entries.unsigned]
    for (const { number } of heads) {
      for (const [path, entry] of bundle.files) {
        if (!path.startsWith(`heads/${headName(number)}.`) || !path.endsWith('.tsr')) continue
        at = path
        const text = bundle.files.get(`heads/${headName(number)}.txt`)
        if (text === undefined) continue
        const stamp = verifyStamp(await readWhole(source, entry), await readWhole(source, text), authorities)
        report.stamps.push({ ...stamp, at: path })
        if (!stamp.ok) find({ at: path, problem: stamp.problem })
      }
    }
  } catch (error) {
    if (error instanceof BundleLineError) at = error.at
    find({ at, problem: error instanceof Error ? error.message : String(error) })
  }
  // A wrong file is the first wrong item; what the walk found inside it tells more than its name.
  const fileOf = (finding: BundleFinding) => finding.at.split(/[: ]/)[0] ?? ''
  const inside = findings.filter((finding) => bundle.damaged.has(fileOf(finding)))
  const named = new Set(inside.map(fileOf))
  const sums = opened.findings.filter((finding) => finding.at.startsWith('SHA256SUMS'))
  const files = opened.findings.filter((finding) => !sums.includes(finding) && !named.has(finding.at))
  const others = findings.filter((finding) => !inside.includes(finding))
  return close([...inside, ...files, ...others, ...sums])
}
