// varde rules lint and why: what is wrong with a rule that compiles, and why it met an event or did not.
import { type Explanation, explain, lintRule, loadRules, readEvents } from '@varde/detection'
import { systemClock, VardeError } from '@varde/runtime'
import type { Command } from 'commander'
import { printJson, printLine } from '../output.ts'
import { shippedRules } from '../wiring.ts'

async function lint(folder: string, json: boolean | undefined): Promise<void> {
  const { rules, errors } = await loadRules(folder)
  const refused = errors.map(({ file, line, column, message }) => ({
    file,
    level: 'error',
    check: 'refused',
    message: `${line}:${column} ${message}`,
  }))
  const findings = [...refused, ...rules.flatMap((rule) => lintRule(rule, { now: systemClock.now() }))]
  for (const finding of findings) {
    if (json === true) await printJson(finding)
    else await printLine(`${finding.level}  ${finding.file}  ${finding.message} (${finding.check})`)
  }
  if (json !== true) await printLine(`${rules.length} rules, ${findings.length} finding(s)`)
  if (findings.some((finding) => finding.level === 'error')) process.exitCode = 1
}

async function why(
  id: string,
  file: string,
  folder: string,
  options: { json?: boolean; dataset?: string },
): Promise<void> {
  const { rules } = await loadRules(folder)
  const rule = rules.find((one) => one.id === id)
  if (rule === undefined)
    throw new VardeError('RULE_UNKNOWN', `no rule in ${folder} has the id "${id}"`, {
      hint: 'The id stands in the first line of the rule file; --rules names another folder.',
    })
  const { dataset } = options
  for await (const { event, record } of readEvents(file, dataset === undefined ? {} : { dataset })) {
    const explanation = await explain(rule, event)
    if (options.json === true) await printJson({ record, ...explanation })
    else await printLine(`${String(record)}  ${explanation.verdict}  ${explanation.reason}${detail(explanation)}`)
  }
}

function detail({ conditions }: Explanation): string {
  return conditions
    .filter((_one) => conditions.length > 1)
    .map((one) => `\n    ${one.step}: ${one.holds ? 'holds' : `not: ${one.firstFalse?.text ?? ''}`}`)
    .join('')
}

export function registerRuleChecks(rules: Command): void {
  rules
    .command('lint')
    .description('tell what is wrong with rules that compile: fields, traps, keys, ATT&CK ids, missing proof')
    .argument('[dir]', 'folder of rule files', shippedRules)
    .option('--json', 'as NDJSON, a line a finding')
    .action((folder: string, { json }: { json?: boolean }) => lint(folder, json))
  rules
    .command('why')
    .description('tell for each event of a file why a rule met it, or why not')
    .argument('<rule>', 'id of the rule')
    .argument('<file>', 'events: NDJSON, ECS documents or raw lines, .gz too')
    .option('--rules <dir>', 'folder of rule files', shippedRules)
    .option('--dataset <name>', 'event.dataset of raw lines that do not say theirs')
    .option('--json', 'as NDJSON, with the whole tree of clauses')
    .action((id: string, file: string, options: { rules: string; json?: boolean; dataset?: string }) =>
      why(id, file, options.rules, options),
    )
}
