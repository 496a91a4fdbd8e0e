// varde rules lint and why: what is wrong with a rule that compiles, and why it met an event or did not.
import { existsSync } from 'node:fs'
import { type Explanation, explain, lintRule, loadRules, readEvents } from '@varde/detection'
import { systemClock, VardeError } from '@varde/runtime'
import type { Command } from 'commander'
import { z } from 'zod'
import { callNode } from '../call-node.ts'
import { dataDefault } from '../defaults.ts'
import { printJson, printLine } from '../output.ts'
import { listsOf } from '../rule-folders.ts'
import { shippedRules } from '../wiring.ts'

async function lint(folder: string, json: boolean | undefined): Promise<void> {
  const { rules, errors } = await loadRules(folder, { lists: listsOf(folder) })
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

interface WhyOptions {
  rules: string
  json?: boolean
  dataset?: string
  data: string
  config?: string
}

/** `main.0.2.4711`, where no file has that name. */
const eventId = /^[a-z0-9_-]+\.\d+\.\d+\.\d+$/

async function why(id: string, on: string, options: WhyOptions): Promise<void> {
  if (eventId.test(on) && !existsSync(on)) return whyStored(id, on, options)
  return whyFile(id, on, options.rules, options)
}

async function whyStored(rule: string, event: string, { data, config, json }: WhyOptions): Promise<void> {
  for await (const line of callNode('why', { rule, event }, { data, config })) {
    if (json === true) {
      await printJson(line)
      continue
    }
    await printLine(`${event}  ${line['verdict']}  ${line['reason']}`)
    const { conditions, window, alerts, suppressedBy } = Answer.parse(line)
    for (const condition of conditions) {
      if (condition.step !== '') await printLine(`  ${condition.step}:`)
      await printClause(condition.clause, 1)
    }
    if (window !== undefined) await printLine(`  window: ${window.text}`)
    if (window?.having === false) await printLine('  `having` is not true of it')
    for (const alert of alerts) await printLine(`  alert ${alert.id.slice(0, 12)}: ${alert.title}`)
    if (suppressedBy !== undefined)
      await printLine(
        `  suppressed: alert ${suppressedBy.id.slice(0, 12)} stands for it until ${new Date(suppressedBy.until).toISOString()}`,
      )
  }
}

const AlertName = z.object({ id: z.string(), title: z.string() })
const Answer = z.object({
  conditions: z.array(z.object({ step: z.string(), clause: z.unknown() })),
  window: z.object({ text: z.string(), having: z.boolean().optional() }).optional(),
  alerts: z.array(AlertName),
  suppressedBy: AlertName.extend({ until: z.number() }).optional(),
})
const Clause = z.object({
  text: z.string(),
  value: z.unknown(),
  error: z.string().optional(),
  fields: z.array(z.object({ field: z.string(), value: z.unknown() })),
  of: z.array(z.unknown()),
})

async function printClause(given: unknown, depth: number): Promise<void> {
  const { text, value, error, fields, of } = Clause.parse(given)
  const mark = error !== undefined ? '!' : value === true ? '✓' : '✗'
  const read =
    of.length > 0 ? '' : fields.map((one) => `${one.field} = ${JSON.stringify(one.value) ?? 'missing'}`).join(', ')
  const told = error ?? read
  await printLine(`${'  '.repeat(depth)}${mark} ${text}${told === '' ? '' : `  (${told})`}`)
  for (const part of of) await printClause(part, depth + 1)
}

async function whyFile(
  id: string,
  file: string,
  folder: string,
  options: { json?: boolean; dataset?: string },
): Promise<void> {
  const { rules } = await loadRules(folder, { lists: listsOf(folder) })
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
    .description('tell why a rule met a stored event, or each event of a file, or why not')
    .argument('<rule>', 'id of the rule')
    .argument('<event>', 'id of a stored event; or a file: NDJSON, ECS documents or raw lines, .gz too')
    .option('--rules <dir>', 'folder of rule files, for files', shippedRules)
    .option('--dataset <name>', 'event.dataset of raw lines that do not say theirs')
    .option('--data <dir>', 'data folder, for stored events', dataDefault)
    .option('--config <file>', 'configuration (YAML)')
    .option('--json', 'as NDJSON, with the whole tree of clauses')
    .action(why)
}
