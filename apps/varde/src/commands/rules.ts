// varde rules: test them, and tell what is wrong with them.
import { join } from 'node:path'
import { loadRules, testRule } from '@varde/detection'
import type { Command } from 'commander'
import { printJson, printLine } from '../output.ts'
import { listsOf } from '../rule-folders.ts'
import { shippedRules } from '../wiring.ts'
import { registerRuleChecks } from './rule-checks.ts'
import { registerRulesHistory } from './rules-history.ts'
import { registerRulesImport } from './rules-import.ts'
import { registerRulesNew } from './rules-new.ts'
import { registerRulesReplay } from './rules-replay.ts'

async function runTests(folder: string, json: boolean | undefined): Promise<void> {
  const { rules, errors } = await loadRules(folder, { lists: listsOf(folder) })
  for (const error of errors)
    await (json === true
      ? printJson({ ok: false, ...error })
      : printLine(
          `✗ ${error.file}:${error.line}:${error.column}: ${error.path === '' ? '' : `${error.path}: `}${error.message}`,
        ))
  let passed = 0
  let failed = 0
  for (const rule of rules) {
    const report = await testRule(rule, join(folder, rule.file))
    // A rule that never proved it can hit and can stay quiet has proved nothing.
    const proven = report.hits > 0 && report.misses > 0
    const good = report.tests.filter((test) => test.ok).length
    passed += good
    failed += report.tests.length - good
    if (!proven) failed += 1
    if (json === true) {
      await printJson({
        ok: report.ok && proven,
        rule: report.rule,
        file: report.file,
        hits: report.hits,
        misses: report.misses,
        tests: report.tests.map(({ name, ok, problems }) => ({ name, ok, problems })),
      })
      continue
    }
    await printLine(`${report.ok && proven ? '✓' : '✗'} ${report.file}  ${report.tests.length} tests`)
    if (!proven) await printLine('    needs at least one test that hits and one that does not')
    for (const test of report.tests.filter((one) => !one.ok))
      await printLine(`    ${test.name}: ${test.problems.join('; ')}`)
  }
  if (json !== true)
    await printLine(`${rules.length} rules, ${errors.length} error(s); tests: ${passed} passed, ${failed} failed`)
  if (failed > 0 || errors.length > 0 || rules.length === 0) process.exitCode = 1
}

export function registerRules(program: Command): void {
  const rules = program.command('rules').description('detection rules as files')
  rules
    .command('test')
    .description('run the tests inside the rule files through the code that runs live')
    .argument('[dir]', 'folder of rule files', shippedRules)
    .option('--json', 'as NDJSON, a line a rule')
    .action((folder: string, { json }: { json?: boolean }) => runTests(folder, json))
  registerRuleChecks(rules)
  registerRulesNew(rules)
  registerRulesReplay(rules)
  registerRulesHistory(rules)
  registerRulesImport(rules)
}
