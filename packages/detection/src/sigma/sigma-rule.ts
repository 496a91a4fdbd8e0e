// A Sigma file as we read it: its documents, checked where we rely on them. The format: sigmahq.io/sigma-specification, version 2.
import { LineCounter, parseAllDocuments } from 'yaml'
import type { Logsource } from './sigma-field.ts'

export interface SigmaDocument {
  title: string
  id: string | undefined
  name: string | undefined
  status: string | undefined
  description: string | undefined
  author: string | undefined
  references: string[]
  tags: string[]
  falsePositives: string[]
  level: string | undefined
  /** Several where category or service is a list: the rule speaks of each. */
  logsources: Logsource[]
  detection: Record<string, unknown> | undefined
  correlation: Record<string, unknown> | undefined
}

export type SigmaFile = { ok: true; documents: SigmaDocument[] } | { ok: false; reason: string }

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value.trim()
  return typeof value === 'number' ? String(value) : undefined
}

export function textsOf(value: unknown): string[] {
  const list = Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]
  return list.map(textOf).filter((text) => text !== undefined)
}

export function readSigma(text: string): SigmaFile {
  const lines = new LineCounter()
  const parsed = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: false, logLevel: 'silent' })
  const documents: SigmaDocument[] = []
  // `action: global` is the older way to share members between the documents of a file.
  let shared: Record<string, unknown> = {}
  for (const document of Array.isArray(parsed) ? parsed : []) {
    const [error] = document.errors
    if (error !== undefined) return { ok: false, reason: `is no YAML: ${error.message.split('\n')[0] ?? ''}` }
    const value: unknown = document.toJS({ maxAliasCount: 100 })
    if (!isRecord(value)) continue
    if (value['action'] === 'global') shared = { ...shared, ...value }
    else if (value['action'] !== 'reset') documents.push(documentOf(merged(shared, value)))
  }
  return documents.length === 0 ? { ok: false, reason: 'holds no rule' } : { ok: true, documents }
}

function merged(shared: Record<string, unknown>, own: Record<string, unknown>): Record<string, unknown> {
  const result: Record<string, unknown> = { ...shared, ...own }
  for (const member of ['logsource', 'detection']) {
    const [first, second] = [shared[member], own[member]]
    if (isRecord(first) && isRecord(second)) result[member] = { ...first, ...second }
  }
  return result
}

function documentOf(raw: Record<string, unknown>): SigmaDocument {
  const logsource = isRecord(raw['logsource']) ? raw['logsource'] : {}
  return {
    title: textOf(raw['title']) ?? 'Untitled',
    id: textOf(raw['id']),
    name: textOf(raw['name']),
    status: textOf(raw['status']),
    description: textOf(raw['description']),
    author: textsOf(raw['author']).join(', ') || undefined,
    references: textsOf(raw['references']),
    tags: textsOf(raw['tags']),
    falsePositives: textsOf(raw['falsepositives']),
    level: textOf(raw['level'])?.toLowerCase(),
    logsources: logsourcesOf(logsource),
    detection: isRecord(raw['detection']) ? raw['detection'] : undefined,
    correlation: isRecord(raw['correlation']) ? raw['correlation'] : undefined,
  }
}

function logsourcesOf(raw: Record<string, unknown>): Logsource[] {
  const words = (name: string) => {
    const found = textsOf(raw[name]).map((word) => word.toLowerCase())
    return found.length === 0 ? [undefined] : found
  }
  return words('product').flatMap((product) =>
    words('category').flatMap((category) => words('service').map((service) => ({ product, category, service }))),
  )
}
