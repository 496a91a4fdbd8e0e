// The rules as they run: read from a folder, read again when it changes, never half.
import { type FSWatcher, watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { emptyLists, type Lists } from './lists.ts'
import { loadRules } from './load-rules.ts'
import type { CompiledRule, RuleError } from './rule.ts'
import { createRuleSet, type RuleSet } from './rule-set.ts'

/** Editors write a file in several steps. */
const settleMs = 200

export interface RuleBook {
  folder: string
  current(): RuleSet
  /** All rules that compile, disabled ones too. */
  all(): readonly CompiledRule[]
  /** Files that do not: where an earlier version of the file compiled, that one goes on running. */
  refused(): readonly { file: string; errors: readonly RuleError[] }[]
  /** The lists that they ask. */
  lists(): Lists
  /** The text of the rule as it is on disk. */
  text(rule: CompiledRule): Promise<string>
  /** Reads the folder again; true where a rule's text, or a list, has changed. Listeners are told before it resolves. */
  reload(): Promise<boolean>
  /** Told after every change, also of words only: the digest of the rule set says whether decisions may differ. */
  onChange(listener: (ruleSet: RuleSet) => void): void
  close(): void
}

/**
 * The rules of a folder. `follow` reads it again after a change on disk. Files that do not compile are `refused()`, never thrown;
 * a folder that is not there throws.
 */
export async function openRuleBook(folder: string, options: { follow?: boolean } = {}): Promise<RuleBook> {
  const listeners = new Set<(ruleSet: RuleSet) => void>()
  let rules: CompiledRule[] = []
  let errors: RuleError[] = []
  let lists = emptyLists
  let ruleSet = createRuleSet([])
  let reading: Promise<unknown> = Promise.resolve()
  let watcher: FSWatcher | undefined
  let settle: NodeJS.Timeout | undefined

  async function read(): Promise<boolean> {
    const loaded = await loadRules(folder, { known: rules })
    const broken = new Set(loaded.errors.map((error) => error.file))
    // A mistake in a file must not switch its rule off.
    const kept = rules.filter((rule) => broken.has(rule.file) && !loaded.rules.some((one) => one.id === rule.id))
    const before = stateOf(rules, errors, ruleSet)
    rules = [...loaded.rules, ...kept]
    errors = loaded.errors
    lists = loaded.lists
    const next = createRuleSet(rules, ruleSet)
    const changed = stateOf(rules, errors, next) !== before
    // Without a change its counters go on.
    if (!changed) return false
    ruleSet = next
    for (const listener of listeners) listener(ruleSet)
    return true
  }

  function reload(): Promise<boolean> {
    const next = reading.then(read)
    reading = next.catch(() => undefined)
    return next
  }

  await reload()
  if (options.follow === true) {
    watcher = watch(folder, { recursive: true }, () => {
      clearTimeout(settle)
      settle = setTimeout(() => {
        // What cannot be read now is read at the next change.
        reload().catch(() => undefined)
      }, settleMs)
    })
  }

  return {
    folder,
    current: () => ruleSet,
    all: () => rules,
    refused: () => [...Map.groupBy(errors, (error) => error.file)].map(([file, of]) => ({ file, errors: of })),
    lists: () => lists,
    text: (rule) => readFile(join(folder, rule.file), 'utf8'),
    reload,
    onChange: (listener) => listeners.add(listener),
    close() {
      clearTimeout(settle)
      watcher?.close()
    },
  }
}

function stateOf(rules: readonly CompiledRule[], errors: readonly RuleError[], ruleSet: RuleSet): string {
  const texts = rules.map((rule) => `${rule.file} ${rule.fileDigest} ${rule.digest}`)
  return JSON.stringify([ruleSet.digest, texts, errors])
}
