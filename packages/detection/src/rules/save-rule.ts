// Saves an edited rule into the rules folder: whole or not at all, never over an edit that somebody else made meanwhile.
import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { VardeError } from '@varde/runtime'
import { compileRule } from './compile-rule.ts'
import type { CompiledRule, RuleError } from './rule.ts'
import type { RuleBook } from './rule-book.ts'
import { type RuleReport, testRule } from './test-rule.ts'

export interface SaveRule {
  /** Id of the rule that is saved: a text that names another is refused. */
  id: string
  text: string
  /** `fileDigest` of the text that was edited; absent for a new rule. */
  over?: string
  /** Below the rules folder, for a new rule; `<id>.yaml` without it. */
  file?: string
}

export type SavedRule =
  | { ok: true; rule: CompiledRule; tests: RuleReport }
  /** It does not compile: nothing was written. */
  | { ok: false; errors: RuleError[] }

const fileName = /^([a-z0-9][a-z0-9-]*\/)*[a-z0-9][a-z0-9-]*\.ya?ml$/

/**
 * The new text runs when this resolves. Throws RULE_CHANGED where the rule is another than `over` says, RULE_EXISTS where a
 * new rule's id or file is taken, RULE_UNKNOWN, and RULES_READ_ONLY where the folder can't be written.
 */
export async function saveRule(book: RuleBook, request: SaveRule): Promise<SavedRule> {
  const { id, text, over } = request
  const before = book.all().find((rule) => rule.id === id)
  const file = fileFor(before, request)
  const compiled = compileRule(text, file, { lists: book.lists() })
  if (!compiled.ok) return compiled
  if (compiled.rule.id !== id) {
    const message = `this is the rule "${id}": an id never changes; save "${compiled.rule.id}" as a new rule`
    return { ok: false, errors: [{ file, line: 1, column: 1, path: 'id', message }] }
  }
  const path = join(book.folder, file)
  const there = await readFile(path, 'utf8').catch(() => undefined)
  if (before === undefined ? there !== undefined : over !== before.fileDigest || there !== before.text)
    throw new VardeError(
      before === undefined ? 'RULE_EXISTS' : 'RULE_CHANGED',
      before === undefined ? `there is a file ${file} already` : `somebody has changed ${file} since it was opened`,
      { hint: before === undefined ? 'Choose another file name.' : 'Open the rule again and make the change there.' },
    )
  const tests = await testRule(compiled.rule, path)
  await writeWhole(path, text)
  await book.reload()
  return { ok: true, rule: compiled.rule, tests }
}

function fileFor(before: CompiledRule | undefined, { id, over, file }: SaveRule): string {
  if (before !== undefined) {
    if (over === undefined)
      throw new VardeError('RULE_EXISTS', `the id "${id}" is taken by ${before.file}`, {
        hint: 'Ids are never used twice.',
      })
    return before.file
  }
  if (over !== undefined)
    throw new VardeError('RULE_UNKNOWN', `there is no rule ${id}`, { hint: 'It may have been removed or refused.' })
  const wanted = file ?? `${id}.yaml`
  if (!fileName.test(wanted) || wanted.startsWith('lists/'))
    throw new VardeError('RULE_FILE', `${wanted} can't be the name of a rule file`, {
      hint: 'Small letters, digits and -, such as firewall/fw-30-new.yaml.',
    })
  return wanted
}

/** Whoever reads the folder meanwhile sees the old text or the new one. */
async function writeWhole(path: string, text: string): Promise<void> {
  const draft = join(dirname(path), `.${randomUUID()}.draft`)
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(draft, text, { flush: true })
    await rename(draft, path)
  } catch (cause) {
    await rm(draft, { force: true })
    throw new VardeError('RULES_READ_ONLY', `${path} can't be written`, {
      cause,
      hint: 'Name a folder that Varde may write with `rules:` in varde.yaml.',
    })
  }
}
