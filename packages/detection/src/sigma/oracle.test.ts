// Imported Sigma rules over recorded attacks, against an independent engine's answers. The recordings are read from beside the repository.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { parseRecord } from '@varde/parsers'
import type { EcsEvent } from '@varde/schema'
import { describe, expect, test } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { compileExpression, createRuleIndex, type IndexedRule, type RuleIndex } from '../compile/index.ts'
import { type ImportedRule, importSigma } from './import-sigma.ts'

const shared = fileURLToPath(new URL('../../../../../shared/corpus/', import.meta.url))
const available = existsSync(join(shared, 'sigma/oracle.json'))
if (!available) console.warn('skipped: the Sigma oracle is not at ../shared/corpus beside the repository')

interface Oracle {
  judged: string[]
  files: Record<string, Record<string, number[]>>
}

interface Indexed {
  index: RuleIndex
  origins: string[]
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readOracle(): Oracle {
  const raw: unknown = JSON.parse(readFileSync(join(shared, 'sigma/oracle.json'), 'utf8'))
  if (!isRecord(raw) || !Array.isArray(raw['judged']) || !isRecord(raw['files']))
    throw new Error('the oracle has another shape')
  const files: Oracle['files'] = {}
  for (const [file, rules] of Object.entries(raw['files'])) {
    if (!isRecord(rules)) continue
    files[file] = Object.fromEntries(
      Object.entries(rules).map(([rule, records]) => [rule, Array.isArray(records) ? records.map(Number) : []]),
    )
  }
  return { judged: raw['judged'].map(String), files }
}

async function indexed(rules: readonly ImportedRule[]): Promise<Indexed> {
  const origins: string[] = []
  const entries: { key: number; expression: IndexedRule['expression'] }[] = []
  for (const { text, origin } of rules) {
    const rule: unknown = parseYaml(text)
    const match = isRecord(rule) && isRecord(rule['match']) ? rule['match'] : undefined
    if (match === undefined) continue
    const compiled = compileExpression(String(match['when']))
    if (!compiled.ok) throw new Error(`${origin}: ${compiled.error.message}`)
    entries.push({ key: origins.length, expression: compiled.expression })
    origins.push(origin)
  }
  return { index: createRuleIndex(entries), origins }
}

function eventOf(raw: string): EcsEvent | undefined {
  const parsed = parseRecord({ raw: Buffer.from(raw), arrival: 1_700_000_000_000 })
  return parsed.ok ? parsed.event : undefined
}

/** The oracle names an event by the number that Windows gave it. */
function recordId(raw: string): string {
  return /<EventRecordID>(\d+)</.exec(raw)?.[1] ?? ''
}

/** The events of a recording: `{record, raw}` a line. */
function* recordsOf(path: string): Generator<string> {
  const bytes = readFileSync(path)
  for (const line of (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').split('\n')) {
    if (line.trim() === '') continue
    const value: unknown = JSON.parse(line)
    if (isRecord(value) && typeof value['raw'] === 'string') yield value['raw']
  }
}

/** Rules of categories that Sysmon writes are judged on its events only. */
function isSysmon(event: EcsEvent): boolean {
  const { winlog } = event
  return isRecord(winlog) && winlog['channel'] === 'Microsoft-Windows-Sysmon/Operational'
}

async function importedRules(): Promise<{ rules: ImportedRule[]; ofSysmon: Set<string> }> {
  const imports = await Promise.all(
    ['SigmaHQ', 'mdecrevoisier'].map((folder) => importSigma(join(shared, 'sigma', folder))),
  )
  const rules = imports.flatMap((one) => one.rules)
  const ofSysmon = new Set(
    rules
      .filter(({ text }) => /winlog\.channel = "Microsoft-Windows-Sysmon\/Operational"/.test(text))
      .map(({ origin }) => origin),
  )
  return { rules, ofSysmon }
}

/** Where we say otherwise than the oracle, and why we are right: file, rule and records as a part of the match's text. */
const explained: readonly (readonly [match: RegExp, why: string])[] = [
  [
    /id5145-remote-shell-execution-via-smb-admin-share\.ndjson.*\t35457[35]$/,
    'the oracle names the very same records as matches in two other recordings of them, and lists none for this copy',
  ],
  [
    /id5007-defender-threat-exclusion-native\.ndjson\t1321dc4e-a1fe-481d-a016-52c45f0c8b4f\t/,
    "Defender's event writes `New Value` where Sigma says `NewValue`: the oracle compares the names letter by letter",
  ],
]

describe.skipIf(!available)('imported Sigma rules', () => {
  test('agree with the oracle on at least 99 % of all matches', async () => {
    const oracle = readOracle()
    const judged = new Set(oracle.judged)
    const { rules, ofSysmon } = await importedRules()
    const { index, origins } = await indexed(rules)
    const ours = new Set<string>()
    const folder = join(shared, 'windows/events')
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      // The oracle judged the attacks, not the background.
      if (!/\.ndjson(\.gz)?$/.test(file) || file.startsWith('background')) continue
      for (const raw of recordsOf(join(folder, file))) {
        const record = recordId(raw)
        const event = eventOf(raw)
        if (event === undefined) continue
        for (const key of await index.match(event)) {
          const origin = origins[key] ?? ''
          if (!judged.has(origin) || (ofSysmon.has(origin) && !isSysmon(event))) continue
          ours.add(`windows/events/${file.replaceAll('\\', '/')}\t${origin}\t${record}`)
        }
      }
    }
    const theirs = new Set<string>()
    for (const [file, matches] of Object.entries(oracle.files)) {
      for (const [rule, records] of Object.entries(matches))
        for (const record of records) theirs.add(`${file}\t${rule}\t${record}`)
    }
    const both = [...ours].filter((match) => theirs.has(match)).length
    const union = new Set([...ours, ...theirs]).size
    const onlyOurs = [...ours].filter((match) => !theirs.has(match))
    const onlyTheirs = [...theirs].filter((match) => !ours.has(match))
    console.info(
      `Sigma oracle: ours ${ours.size}, oracle ${theirs.size}, both ${both}, agreement ${((100 * both) / union).toFixed(2)} %; errors ${index.errors().size} rules`,
    )
    const differences = [
      ...onlyOurs.map((match) => `only ours: ${match}`),
      ...onlyTheirs.map((match) => `only oracle: ${match}`),
    ]
    const whyOf = (match: string) => explained.find(([pattern]) => pattern.test(match))?.[1]
    console.info(differences.map((match) => `${match}\n  ${whyOf(match) ?? 'not explained'}`).join('\n'))
    expect(differences.filter((match) => whyOf(match) === undefined)).toEqual([])
    expect(both / union).toBeGreaterThanOrEqual(0.99)
  }, 180_000)

  test("match SigmaHQ's own regression cases", async () => {
    const { rules } = await importSigma(join(shared, 'sigma/SigmaHQ-all.tar.gz'))
    const { index, origins } = await indexed(rules)
    const missed: string[] = []
    let cases = 0
    for (const line of readFileSync(join(shared, 'sigma/regression.ndjson'), 'utf8').split('\n')) {
      if (line.trim() === '') continue
      const one: unknown = JSON.parse(line)
      if (!isRecord(one) || !Array.isArray(one['events'])) continue
      cases++
      const hits = new Set<string>()
      for (const raw of one['events']) {
        const event = eventOf(JSON.stringify(raw))
        if (event !== undefined) for (const key of await index.match(event)) hits.add(origins[key] ?? '')
      }
      if (!hits.has(String(one['rule']))) missed.push(`${String(one['rule'])} ${String(one['title'])}`)
    }
    console.info(`Sigma regression: ${cases - missed.length} of ${cases} hit`)
    expect(cases).toBeGreaterThan(100)
    expect(missed).toEqual([])
  }, 180_000)
})
