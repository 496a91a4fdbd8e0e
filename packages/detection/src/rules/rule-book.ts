// The rules as they run: read from a folder, read again when it changes, never half.
import { type FSWatcher, watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
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
  /** The text of the rule as it is on disk. */
  text(rule: CompiledRule): Promise<string>
  /** Reads the folder again; true where the rule set has changed. */
  reload(): Promise<boolean>
  onChange(listener: (ruleSet: RuleSet) => void): void
  close(): void
}

export async function openRuleBook(folder: string, options: { follow?: boolean } = {}): Promise<RuleBook> {
  const listeners = new Set<(ruleSet: RuleSet) => void>()
  let rules: CompiledRule[] = []
  let errors: RuleError[] = []
  let ruleSet = createRuleSet([])
  let reading: Promise<unknown> = Promise.resolve()
  let watcher: FSWatcher | undefined
  let settle: NodeJS.Timeout | undefined

  async function read(): Promise<boolean> {
    const loaded = await loadRules(folder, { known: rules })
    const broken = new Set(loaded.errors.map((error) => error.file))
    // A mistake in a file must not switch its rule off.
    const kept = rules.filter((rule) => broken.has(rule.file) && !loaded.rules.some((one) => one.id === rule.id))
    rules = [...loaded.rules, ...kept]
    errors = loaded.errors
    const next = createRuleSet(rules)
    const changed = next.digest !== ruleSet.digest
    ruleSet = next
    return changed
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
        reload().then(
          () => {
            for (const listener of listeners) listener(ruleSet)
          },
          () => undefined,
        )
      }, settleMs)
    })
  }

  return {
    folder,
    current: () => ruleSet,
    all: () => rules,
    refused: () => [...Map.groupBy(errors, (error) => error.file)].map(([file, of]) => ({ file, errors: of })),
    text: (rule) => readFile(join(folder, rule.file), 'utf8'),
    reload,
    onChange: (listener) => listeners.add(listener),
    close() {
      clearTimeout(settle)
      watcher?.close()
    },
  }
}
