// varde rules import: rules of other people as rule files, with an honest list of what could not be translated.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { importSigma } from '@varde/detection'
import { VardeError } from '@varde/runtime'
import type { Command } from 'commander'
import { printLine } from '../output.ts'

interface Options {
  from: string
  out: string
  report?: string
}

async function importRules(path: string, { from, out, report: reportFile }: Options): Promise<void> {
  if (from !== 'sigma')
    throw new VardeError('ARGUMENT_INVALID', `--from ${from} is not known`, {
      hint: 'Rules can be imported from: sigma.',
    })
  const { rules, report } = await importSigma(path)
  for (const { file, text } of rules) {
    const target = join(out, file)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, text)
  }
  if (reportFile !== undefined) writeFileSync(reportFile, `${JSON.stringify(report, null, 2)}\n`)
  await printLine(`${report.rules} of ${report.documents} rules imported into ${out}`)
  for (const [reason, count] of Object.entries(report.reasons)) await printLine(`  ${count} left out: ${reason}`)
  for (const [dataset, count] of Object.entries(report.datasets))
    await printLine(`  ${count} need a source with dataset: ${dataset}`)
  if (report.open.length > 0) await printLine(`  ${report.open.length} name no log source: tried on every event`)
}

export function registerRulesImport(rules: Command): void {
  rules
    .command('import')
    .description('translate rules into rule files; each keeps its origin and author')
    .argument('<path>', 'a rule file, a folder of them, or a .tar.gz')
    .requiredOption('--from <format>', 'sigma')
    .requiredOption('--out <dir>', 'folder for the rule files')
    .option('--report <file>', 'what could not be translated, as JSON')
    .action(importRules)
}
