// The files of a bundle that a reader opens: report, how-to, case, alerts, rules, custody, completeness, STIX, the verifier page.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BundleEvidence, BundleFile } from '@varde/evidence'
import { isBundlePath } from '@varde/evidence'
import { canonicalJson, type JsonObject, type Language } from '@varde/schema'
import type { ComposeInput } from './compose.ts'
import { csvRow } from './csv.ts'
import { howToCheck } from './how-to.ts'
import type { Shown } from './redact.ts'
import { reportPage } from './report.ts'
import { stixBundle } from './stix.ts'
import type { TimelineOutcome } from './timeline-pass.ts'

export interface PlainInput {
  input: ComposeInput
  shown: Shown
  timeline: TimelineOutcome
  counts: { records: number; withheld: number; imported: number; pending: number }
  signed: Omit<BundleEvidence, 'records' | 'seals'>
}

export function plainFiles({ input, shown, timeline, counts, signed }: PlainInput): BundleFile[] {
  const { language, house, tenant } = input
  const of = shown.case
  const left = timeline.rows - timeline.shown.length
  const report = reportPage({
    shown,
    language,
    tenant,
    house,
    rows: timeline.shown,
    left,
    records: counts.records,
    withheldRecords: counts.withheld,
    imported: counts.imported,
    pending: counts.pending,
  })
  const stix = stixBundle({ case: of, house, alerts: shown.alerts, rows: timeline.shown, left })
  return [
    { path: 'HOW-TO-CHECK.txt', content: howToCheck({ language, house, signed, case: of, imported: counts.imported }) },
    ...alertFiles(shown),
    { path: 'case.json', content: json({ ...of, withheld: shown.withheld }) },
    { path: 'completeness.json', content: json(shown.completeness) },
    { path: 'custody.csv', content: custodyCsv(shown) },
    { path: 'report.html', content: report },
    ...ruleFiles(shown),
    { path: 'stix.json', content: json(stix) },
    { path: 'verify.html', content: verifierPage(language) },
  ]
}

function json(value: object): string {
  const plain: JsonObject = JSON.parse(JSON.stringify(value))
  return `${canonicalJson(plain)}\n`
}

/** The page speaks the language of the bundle. */
function verifierPage(language: Language): string {
  const page = readFileSync(join(import.meta.dirname, '..', '..', 'texts', 'verify.html'), 'utf8')
  return page.replace('<html lang="en">', `<html lang="${language}">`)
}

function alertFiles({ alerts }: Shown): BundleFile[] {
  return alerts.map(({ alert, rule, digest }) => ({
    path: `alerts/${alert.id}.json`,
    content: json({ alert, digest, ...(rule === undefined ? {} : { rule: { file: rule.file, same: rule.same } }) }),
  }))
}

/** One a rule, under its own name; what no path can hold is spelled in hex. */
function ruleFiles({ alerts }: Shown): BundleFile[] {
  const texts = new Map<string, string>()
  for (const { alert, rule } of alerts) {
    if (rule === undefined) continue
    const plain = `rules/${alert.rule.id}.${alert.rule.digest.slice(0, 12)}.yaml`
    texts.set(
      isBundlePath(plain) ? plain : `rules/${Buffer.from(alert.rule.id).toString('hex').slice(0, 150)}.yaml`,
      rule.text,
    )
  }
  return [...texts].map(([path, content]) => ({ path, content }))
}

function custodyCsv({ custody }: Shown): string {
  const rows = custody.map(({ number, at, by, action, item, why, to, digest, count, outcome }) =>
    csvRow([number, new Date(at).toISOString(), by, action, item, why, to, digest, count, outcome]),
  )
  const head = csvRow(['number', 'time_utc', 'by', 'action', 'item', 'why', 'to', 'sha256', 'records', 'outcome'])
  return `\ufeff${head}${rows.join('')}`
}
