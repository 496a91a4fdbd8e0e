// Verifies a single file offline: an evidence bundle (.zip), or an alert that carries its proof (.json).
import { readFileSync } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { compileRule, createLists, engineVersion } from '@varde/detection'
import {
  type AlertProof,
  type BundleSource,
  type StampAuthority,
  verifyAlertProof,
  verifyBundle,
} from '@varde/evidence'
import { VardeError } from '@varde/runtime'
import type { JsonObject } from '@varde/schema'

export interface FileOptions {
  firstKey?: string
  /** PEM files of time stamp authorities. */
  authorities?: string[]
}

export function readAuthorities(files: readonly string[]): StampAuthority[] {
  return files.map((file) => ({ certificate: readFileSync(file, 'utf8') }))
}

function plain(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value))
}

export async function* verifyFile(
  path: string,
  { firstKey, authorities = [] }: FileOptions,
  tell: (progress: JsonObject) => void,
): AsyncIterable<JsonObject> {
  const key = firstKey === undefined ? {} : { firstKey }
  const options = { ...key, authorities: readAuthorities(authorities) }
  if (path.endsWith('.json')) yield* verifyAlertFile(path, options)
  else yield* verifyBundleFile(path, options, tell)
}

async function* verifyBundleFile(
  path: string,
  options: { firstKey?: string; authorities: StampAuthority[] },
  tell: (progress: JsonObject) => void,
): AsyncIterable<JsonObject> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const source: BundleSource = {
      size,
      async read(at, length) {
        const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - at)))
        let done = 0
        while (done < bytes.length) {
          const { bytesRead } = await file.read(bytes, done, bytes.length - done, at + done)
          if (bytesRead === 0) break
          done += bytesRead
        }
        return bytes.subarray(0, done)
      },
    }
    const report = await verifyBundle(source, { ...options, progress: (records) => tell({ step: 'records', records }) })
    const { findings, ...facts } = report
    for (const finding of findings) yield { finding: plain(finding), part: 'bundle' }
    yield plain({ kind: 'bundle', wrong: findings.length, ...facts })
  } finally {
    await file.close()
  }
}

async function* verifyAlertFile(
  path: string,
  options: { firstKey?: string; authorities: StampAuthority[] },
): AsyncIterable<JsonObject> {
  let proof: AlertProof
  try {
    proof = JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    yield {
      finding: { at: path, problem: `it is no JSON: ${cause instanceof Error ? cause.message : String(cause)}` },
      part: 'alert',
    }
    yield { kind: 'alert', ok: false, wrong: 1 }
    return
  }
  if (Object(proof).format !== 'varde alert')
    throw new VardeError('VERIFY_NOTHING', `${path} is no alert of Varde`, {
      hint: 'Download one with `varde prove ID`, or from the alert’s page.',
    })
  const { findings, ...facts } = verifyAlertProof(proof, options)
  const problems = [...findings, ...(await ruleFindings(proof))]
  for (const finding of problems) yield { finding: plain(finding), part: 'alert' }
  yield plain({ kind: 'alert', ...facts, ok: problems.length === 0, wrong: problems.length })
}

/** The rule's digest from its text and lists, and whether it matches each event that it is said to have matched. */
async function ruleFindings({ rule, alert, members }: AlertProof): Promise<{ at: string; problem: string }[]> {
  if (rule?.engine !== undefined && rule.engine !== engineVersion)
    return [{ at: 'rule.engine', problem: `engine ${rule.engine} decided, this program has engine ${engineVersion}` }]
  const compiled = compileRule(String(rule?.text), String(rule?.file), { lists: createLists(rule?.lists ?? {}) })
  if (!compiled.ok) return [{ at: 'rule.text', problem: `it does not compile: ${compiled.errors[0]?.message ?? ''}` }]
  const found: { at: string; problem: string }[] = []
  if (compiled.rule.digest !== rule.digest)
    found.push({
      at: 'rule.text',
      problem: `it has the digest ${compiled.rule.digest}, the alert names ${rule.digest}`,
    })
  for (const [n, member] of alert.members.entries()) {
    const event = members[n]?.proof?.event
    if (event === undefined || 'withheld' in event) continue
    const asked = compiled.rule.predicates.filter(
      ({ step }) => step === member.step || compiled.rule.predicates.length === 1,
    )
    const answers = await Promise.all(asked.map(({ expression }) => expression.evaluate(event.event)))
    if (asked.length > 0 && !answers.includes(true))
      found.push({ at: `members.${n} (${member.eventId})`, problem: 'the rule does not match this event' })
  }
  return found
}
