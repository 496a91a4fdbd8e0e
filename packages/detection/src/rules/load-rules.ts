// A folder of rule files: all that compile, and all errors of those that don't.
import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { compileRule } from './compile-rule.ts'
import { type Lists, readLists } from './lists.ts'
import type { CompiledRule, RuleError } from './rule.ts'

export interface LoadedRules {
  rules: CompiledRule[]
  errors: RuleError[]
  lists: Lists
}

/**
 * Reads every `.yaml` and `.yml` below the folder, but for `lists/` (its lists) and files whose name is in capitals
 * (the template). `lists` is another folder of lists. Of `known` rules those whose text and lists are the same are taken as they are. Rules come in the order of their paths; a second rule with an id that is taken is an error.
 */
export async function loadRules(
  folder: string,
  options: { known?: readonly CompiledRule[]; lists?: string } = {},
): Promise<LoadedRules> {
  const known = new Map((options.known ?? []).map((rule) => [rule.file, rule]))
  const { lists, errors: listErrors } = await readLists(options.lists ?? join(folder, 'lists'))
  const errors: RuleError[] = listErrors.map(({ file, message }) => ({ file, line: 1, column: 1, path: '', message }))
  const rules: CompiledRule[] = []
  const files = new Map<string, string>()
  for (const file of await ruleFiles(folder)) {
    const text = await readFile(join(folder, file), 'utf8')
    const before = known.get(file)
    const isSame = before?.text === text && before.lists.environment.digest === lists.environment.digest
    const compiled = isSame ? { ok: true as const, rule: before } : compileRule(text, file, { lists })
    if (!compiled.ok) {
      errors.push(...compiled.errors)
      continue
    }
    const taken = files.get(compiled.rule.id)
    if (taken !== undefined) {
      errors.push({
        file,
        line: 1,
        column: 1,
        path: 'id',
        message: `the id "${compiled.rule.id}" is taken by ${taken}`,
      })
      continue
    }
    files.set(compiled.rule.id, file)
    rules.push(compiled.rule)
  }
  return { rules, errors, lists }
}

export async function ruleFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter(
      (entry) =>
        entry.isFile() &&
        /\.ya?ml$/.test(entry.name) &&
        entry.name !== entry.name.toUpperCase().replace(/\.YA?ML$/, '.yaml'),
    )
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((file) => !file.startsWith('lists/'))
    .sort()
}
