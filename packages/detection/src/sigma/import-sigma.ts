// Sigma rules to rule files of ours, and an honest list of what could not be translated.
import { createHash } from 'node:crypto'
import { stringify } from 'yaml'
import { compileExpression } from '../compile/index.ts'
import { type Base, correlationNames, translateAggregation, translateCorrelation } from './correlation.ts'
import { printDetection, type TranslatedDetection, translateDetection } from './detection.ts'
import { readSigmaFiles } from './read-files.ts'
import { readSigma, type SigmaDocument } from './sigma-rule.ts'
import { Untranslatable } from './untranslatable.ts'

export interface ImportedRule {
  /** Below the output folder, such as `windows/process_creation/….yaml`. */
  file: string
  /** The rule file as YAML. */
  text: string
  /** The Sigma id, or the path of the file below the imported folder. */
  origin: string
}

export interface ImportProblem {
  path: string
  title: string
  reason: string
  detail: string
}

export interface ImportReport {
  files: number
  documents: number
  rules: number
  /** What could not be translated; no rule file was made of it. */
  problems: ImportProblem[]
  /** Problems by reason. */
  reasons: Record<string, number>
  /** Rules whose log source is not narrowed: they are tried on every event that has their fields. */
  open: string[]
  /** Rules by the dataset that their source must be configured to be: its records are JSON that no product of ours reads. */
  datasets: Record<string, number>
}

export interface SigmaImport {
  rules: ImportedRule[]
  report: ImportReport
}

/** `path` is a file, a folder or a `.tar.gz`. Throws where it cannot be read; what is wrong in a file stands in the report. */
export async function importSigma(path: string): Promise<SigmaImport> {
  return importSigmaTexts(await readSigmaFiles(path))
}

interface Importing {
  rules: ImportedRule[]
  report: ImportReport
  taken: Set<string>
  /** Documents by name and id, for correlations: of the own file first. */
  named: Map<string, { path: string; document: SigmaDocument }>
}

export function importSigmaTexts(files: readonly { path: string; text: string }[]): SigmaImport {
  const report: ImportReport = {
    files: files.length,
    documents: 0,
    rules: 0,
    problems: [],
    reasons: {},
    open: [],
    datasets: {},
  }
  const importing: Importing = { rules: [], report, taken: new Set(), named: new Map() }
  const read: { path: string; documents: SigmaDocument[] }[] = []
  for (const { path, text } of files) {
    const file = readSigma(text)
    if (!file.ok) {
      problem(importing, path, '', 'file', file.reason)
      continue
    }
    read.push({ path, documents: file.documents })
    for (const document of file.documents) {
      for (const name of [document.id, document.name])
        if (name !== undefined && !importing.named.has(name)) importing.named.set(name, { path, document })
    }
  }
  for (const { path, documents } of read) {
    for (const [index, document] of documents.entries()) {
      if (document.detection === undefined && document.correlation === undefined) continue
      report.documents++
      attempt(importing, path, document, () => translateDocument(importing, path, documents, index))
    }
  }
  report.rules = importing.rules.length
  return { rules: importing.rules, report }
}

function problem(importing: Importing, path: string, title: string, reason: string, detail: string): void {
  importing.report.problems.push({ path, title, reason, detail })
  importing.report.reasons[reason] = (importing.report.reasons[reason] ?? 0) + 1
}

function attempt(importing: Importing, path: string, document: SigmaDocument, translate: () => void): void {
  try {
    translate()
  } catch (error) {
    if (!(error instanceof Untranslatable)) throw error
    problem(importing, path, document.title, error.reason, error.message)
  }
}

function translateDocument(
  importing: Importing,
  path: string,
  documents: readonly SigmaDocument[],
  index: number,
): void {
  const document = documents[index]
  if (document === undefined) return
  if (document.correlation !== undefined) {
    const body = translateCorrelation(document, basesOf(importing, documents, document))
    addRule(importing, { path, document, body, index })
    return
  }
  const translated = translateDetection(document)
  const when = printDetection(translated)
  const body = translated.aggregation === undefined ? { match: { when } } : translateAggregation(translated)
  checkCompiles(when)
  if (translated.open) importing.report.open.push(`${path}: ${document.title}`)
  const { dataset } = translated
  if (dataset !== undefined) importing.report.datasets[dataset] = (importing.report.datasets[dataset] ?? 0) + 1
  const quiet = isBase(documents, document)
  addRule(importing, { path, document, body, index, quiet, ...(dataset === undefined ? {} : { dataset }) })
}

/** A rule that only serves a correlation raises no alert of its own in Sigma: here it is quiet, for risk and for counting. */
function isBase(documents: readonly SigmaDocument[], document: SigmaDocument): boolean {
  const names = new Set(documents.flatMap(correlationNames))
  return (
    (document.name !== undefined && names.has(document.name)) || (document.id !== undefined && names.has(document.id))
  )
}

function basesOf(importing: Importing, documents: readonly SigmaDocument[], document: SigmaDocument): Base[] {
  const names = correlationNames(document)
  if (names.length === 0) throw new Untranslatable('correlation', 'it names no rules')
  return names.map((name) => {
    const own = documents.find((one) => one.name === name || one.id === name)
    const found = own ?? importing.named.get(name)?.document
    if (found === undefined) throw new Untranslatable('correlation', `there is no rule "${name}"`)
    if (found.detection === undefined) throw new Untranslatable('correlation of correlations', name)
    const translated: TranslatedDetection = translateDetection(found)
    checkCompiles(printDetection(translated))
    return { name, translated }
  })
}

function checkCompiles(when: string): void {
  const compiled = compileExpression(when)
  if (!compiled.ok)
    throw new Untranslatable(
      compiled.error.code === 'V0005' ? 'regular expression' : 'expression',
      compiled.error.message,
    )
}

interface Adding {
  path: string
  document: SigmaDocument
  body: Record<string, unknown>
  index: number
  quiet?: boolean
  dataset?: string
}

const severities: Record<string, string> = {
  informational: 'info',
  low: 'low',
  medium: 'medium',
  high: 'high',
  critical: 'critical',
}

function addRule(importing: Importing, { path, document, body, index, quiet = false, dataset }: Adding): void {
  const origin = document.id ?? path
  const id = freeName(importing.taken, idOf(document, path, index))
  const attack = document.tags
    .map((tag) => /^attack\.(t\d{4}(?:\.\d{3})?)$/i.exec(tag)?.[1]?.toUpperCase())
    .filter((technique) => technique !== undefined)
  const rule = {
    id,
    name: document.title.slice(0, 200),
    origin,
    ...(document.author === undefined ? {} : { author: document.author }),
    severity: quiet ? 'info' : (severities[document.level ?? ''] ?? 'medium'),
    ...(document.status === 'experimental' || document.status === 'test' || document.status === 'stable'
      ? { status: document.status }
      : {}),
    ...(attack.length === 0 ? {} : { attack: [...new Set(attack)] }),
    ...(dataset === undefined ? {} : { datasets: [dataset] }),
    ...(document.description === undefined ? {} : { goal: document.description }),
    ...(document.falsePositives.length === 0 ? {} : { falsePositives: document.falsePositives }),
    ...urls(document.references),
    ...body,
  }
  const file = `${folderOf(path)}${id}.yaml`
  importing.rules.push({ file, text: stringify(rule, { lineWidth: 120 }), origin })
}

function urls(references: readonly string[]): { references?: string[] } {
  const valid = references.filter((reference) => URL.canParse(reference))
  return valid.length === 0 ? {} : { references: valid }
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/\.ya?ml$/, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
}

/** The name of the file, and a part of the Sigma id so that it stays the same wherever the file moves. */
function idOf(document: SigmaDocument, path: string, index: number): string {
  const base = slug(path.slice(path.lastIndexOf('/') + 1)).slice(0, 60)
  const mark = createHash('sha256')
    .update(document.id ?? `${path}#${index}`)
    .digest('hex')
    .slice(0, 8)
  return `sigma-${base === '' ? 'rule' : base}-${mark}`
}

function freeName(taken: Set<string>, wanted: string): string {
  let name = wanted
  for (let count = 2; taken.has(name); count++) name = `${wanted}-${count}`
  taken.add(name)
  return name
}

function folderOf(path: string): string {
  const folders = path
    .split('/')
    .slice(0, -1)
    .map(slug)
    .filter((part) => part !== '' && part !== 'rules')
  return folders.length === 0 ? '' : `${folders.join('/')}/`
}
