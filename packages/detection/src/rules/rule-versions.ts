// Every version of a rule that has run: known by its digests, kept with its text.
import type { Clock } from '@varde/runtime'
import type { JsonObject } from '@varde/schema'
import { collections, type Store } from '@varde/store'
import type { CompiledRule } from './rule.ts'

export interface RuleVersion {
  rule: string
  /** SHA-256 of the file's text. */
  fileDigest: string
  /** What decides: equal digests find equal alerts. */
  digest: string
  file: string
  text: string
  /** UTC milliseconds at which it was first seen to run. */
  at: number
  by?: string
  note?: string
}

export interface RuleVersions {
  /** Notes what is new among the rules; what is known stays as it is. Gives the number of new versions. */
  note(rules: readonly CompiledRule[], saved?: { rule: string; by: string; note?: string }): Promise<number>
  /** Newest first. */
  of(rule: string): Promise<RuleVersion[]>
  get(rule: string, fileDigest: string): Promise<RuleVersion | undefined>
}

/** Every text under which a rule ever ran, by its digest: an alert's rule can be read as it was. */
export function createRuleVersions({ store, clock }: { store: Store; clock: Clock }): RuleVersions {
  const { name } = collections.ruleVersions
  const { documents } = store
  const known = new Set<string>()
  let noting: Promise<unknown> = Promise.resolve()

  async function noteOne(rule: CompiledRule, saved: { by: string; note?: string } | undefined): Promise<boolean> {
    // Lists decide too: the same text with other lists is another version.
    const id = `${rule.id}.${rule.fileDigest}.${rule.digest}`
    if (known.has(id) && saved === undefined) return false
    const { digest, fileDigest, file, text } = rule
    const doc: JsonObject = { rule: rule.id, digest, fileDigest, file, text, at: clock.now() }
    if (saved !== undefined) doc['by'] = saved.by
    if (saved?.note !== undefined) doc['note'] = saved.note
    const written = await documents.create(name, id, doc)
    known.add(id)
    const there = written.ok ? undefined : written.current
    // Whoever follows the folder may have seen the file before its author could be named.
    if (there !== undefined && saved !== undefined && there.doc['by'] === undefined)
      await documents.update(name, id, { ...doc, at: there.doc['at'] ?? clock.now() }, there.version)
    return written.ok
  }

  async function noteAll(...[rules, saved]: Parameters<RuleVersions['note']>): Promise<number> {
    let added = 0
    for (const rule of rules) if (await noteOne(rule, saved?.rule === rule.id ? saved : undefined)) added++
    return added
  }

  return {
    note(rules, saved) {
      const next = noting.then(() => noteAll(rules, saved))
      noting = next.catch(() => undefined)
      return next
    },
    async of(rule) {
      const { docs } = await documents.list<JsonObject>(name, {
        where: { rule },
        sort: { by: 'at', order: 'desc' },
        limit: 1_000,
      })
      return docs.flatMap(({ doc }) => versionOf(doc) ?? [])
    },
    async get(rule, fileDigest) {
      const { docs } = await documents.list<JsonObject>(name, { where: { rule, fileDigest }, limit: 1 })
      return versionOf(docs[0]?.doc)
    },
  }
}

function versionOf(doc: JsonObject | undefined): RuleVersion | undefined {
  const texts = ['rule', 'fileDigest', 'digest', 'file', 'text'] as const
  if (doc === undefined || texts.some((key) => typeof doc[key] !== 'string')) return undefined
  const [rule, fileDigest, digest, file, text] = texts.map((key) => String(doc[key]))
  if (rule === undefined || fileDigest === undefined || digest === undefined || file === undefined) return undefined
  const { by, note } = doc
  return {
    rule,
    fileDigest,
    digest,
    file,
    text: text ?? '',
    at: Number(doc['at']),
    ...(typeof by === 'string' ? { by } : {}),
    ...(typeof note === 'string' ? { note } : {}),
  }
}
