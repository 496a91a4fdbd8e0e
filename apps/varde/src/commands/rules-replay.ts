// varde rules replay: rules over history, against the alerts that are there; for one rule, or for a pull request.
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import {
  type CompiledRule,
  listValues,
  loadRules,
  type ReplaySummary,
  type ReportOptions,
  replayJUnit,
  replayMarkdown,
  signed,
  type TestReport,
  testRule,
} from '@varde/detection'
import { systemClock, VardeError } from '@varde/runtime'
import type { JsonObject } from '@varde/schema'
import type { Command } from 'commander'
import { callNode } from '../call-node.ts'
import { dataDefault } from '../defaults.ts'
import { printJson, printLine, progressLine, remark, table } from '../output.ts'
import { isWithin, listsOf, rootOf } from '../rule-folders.ts'
import { timeOf } from './values.ts'

interface Options {
  data: string
  config?: string
  since: string
  until?: string
  rules?: string
  all?: boolean
  includeLate?: boolean
  backfill?: boolean
  perDayMax?: string
  json?: boolean
  markdown?: string
  junit?: string
}

interface Asked {
  args: JsonObject
  /** Of files: their tests are part of the report. */
  rules: CompiledRule[]
  folder: string
}

/** Ids of running rules, or files and folders. Of folders only what decides otherwise than what runs, unless `all`. */
async function asked(names: string[], { all, rules: root }: Options): Promise<Asked> {
  const paths = names.filter((name) => existsSync(name))
  const missing = names.find((name) => /\.ya?ml$|[\\/]/.test(name) && !existsSync(name))
  if (missing !== undefined)
    throw new VardeError('ARGUMENT_INVALID', `there is no file or folder ${missing}`, {
      hint: 'Name rule files by their paths, or running rules by their ids.',
    })
  if (paths.length === 0) return { args: { rules: names.map((id) => ({ id })) }, rules: [], folder: '' }
  if (paths.length < names.length)
    throw new VardeError('ARGUMENT_INVALID', 'name either rules by their ids, or files and folders', {
      hint: `These are no files: ${names.filter((name) => !paths.includes(name)).join(' ')}`,
    })
  const [first = '.'] = paths
  const isFolder = statSync(first).isDirectory()
  const folder = root ?? (isFolder ? first : rootOf(dirname(first)))
  const loaded = await loadRules(folder, { lists: listsOf(folder) })
  const wanted = loaded.rules.filter((rule) => paths.some((path) => isWithin(join(folder, rule.file), path)))
  const errors = loaded.errors.filter((error) => paths.some((path) => isWithin(join(folder, error.file), path)))
  for (const error of errors) remark(`varde: ${error.file}:${error.line}:${error.column}: ${error.message}`)
  if (errors.length > 0) process.exitCode = 1
  if (wanted.length === 0)
    throw new VardeError('RULES_EMPTY', `no rule in ${paths.join(' ')} could be used`, {
      hint: '--rules names the folder that holds them and their lists.',
    })
  return {
    args: {
      rules: wanted.map(({ file, text }) => ({ file, text })),
      lists: JSON.parse(JSON.stringify(listValues(loaded.lists === undefined ? undefined : wanted[0]?.lists))),
      changedOnly: isFolder && all !== true,
    },
    rules: wanted,
    folder,
  }
}

async function testsOf(rules: readonly CompiledRule[], folder: string): Promise<Map<string, TestReport[]>> {
  const tests = new Map<string, TestReport[]>()
  for (const rule of rules) tests.set(rule.id, (await testRule(rule, join(folder, rule.file))).tests)
  return tests
}

async function replayRules(names: string[], options: Options): Promise<void> {
  const from = timeOf(options.since, 'since') ?? 0
  const to = timeOf(options.until, 'until') ?? systemClock.now()
  const { args, rules, folder } = await asked(names, options)
  const { includeLate = false, backfill = false, data, config } = options
  let summary: ReplaySummary | undefined
  for await (const line of callNode('replay', { ...args, from, to, includeLate, backfill }, { data, config }, (step) =>
    progressLine(`${step['state']}: ${step['events']} events read, ${step['hits']} hits`),
  ))
    summary = JSON.parse(JSON.stringify(line))
  progressLine('')
  if (summary === undefined) {
    remark('varde: no rule decides otherwise than the running ones: nothing to replay')
    return
  }
  await report(summary, options, {
    from,
    to,
    tests: await testsOf(rules, folder),
    ...(options.perDayMax === undefined ? {} : { perDayMax: Number(options.perDayMax) }),
  })
}

async function report(summary: ReplaySummary, options: Options, facts: ReportOptions): Promise<void> {
  const { markdown, junit, json } = options
  if (markdown !== undefined) writeFileSync(markdown, replayMarkdown(summary, facts))
  if (junit !== undefined) writeFileSync(junit, replayJUnit(summary, facts))
  if (json === true) return printJson(summary)
  const { rules, cost } = summary
  await printLine(`${signed(summary)} alerts, ${summary.changed} with other events, ${summary.same} the same`)
  if (options.backfill === true) await printLine(`${summary.raised} alerts raised`)
  const rows = rules.map((one) => [one.id, signed(one), `${one.perDay.toFixed(2)} a day`])
  if (rules.length > 1) await printLine(table(rows))
  else await printLine(`${rules[0]?.perDay.toFixed(2) ?? 0} alerts a day`)
  await printLine(
    `${cost.events} events read, ${cost.hits} hits, ${Math.round(cost.elapsedMs)} ms (${Math.round(cost.cpuMs)} ms of CPU)`,
  )
  const line = (mark: string) => (alert: ReplaySummary['addedAlerts'][number]) =>
    `${mark} ${new Date(alert.anchor).toISOString()}  ${alert.severity.padEnd(8)}  ${alert.title}`
  for (const alert of summary.addedAlerts) await printLine(line('+')(alert))
  for (const alert of summary.missingAlerts) await printLine(line('−')(alert))
  for (const { after } of summary.changedAlerts) await printLine(line('~')(after))
  const hidden = summary.added + summary.missing + summary.changed - shownOf(summary)
  if (hidden > 0) await printLine(`… and ${hidden} more`)
  if (summary.failures > 0 || summary.truncated > 0)
    remark(`varde: ${summary.failures} evaluations failed, ${summary.truncated} events did not fit in windows`)
}

function shownOf({ addedAlerts, missingAlerts, changedAlerts }: ReplaySummary): number {
  return addedAlerts.length + missingAlerts.length + changedAlerts.length
}

export function registerRulesReplay(rules: Command): void {
  rules
    .command('replay')
    .description(
      'run rules over history and compare with the alerts that are there; for a pull request, name its rules folder',
    )
    .argument(
      '<rule...>',
      'ids of running rules, rule files, or a folder of which what differs from the running rules is taken',
    )
    .option('--since <time>', 'ISO time, or a span back from now', '30d')
    .option('--until <time>', 'ISO time, or a span back from now')
    .option(
      '--rules <dir>',
      'folder that holds the named files and their lists; else the nearest above them that has lists',
    )
    .option('--all', 'of a folder, also rules that decide like the running ones')
    .option('--include-late', 'also events that came too late for live windows')
    .option('--backfill', 'raise what was found and is not there; again adds nothing')
    .option('--per-day-max <n>', 'in the reports, a rule with more alerts a day fails')
    .option('--markdown <file>', 'a comment for the pull request')
    .option('--junit <file>', 'tests and replay of each rule, as JUnit XML')
    .option('--json', 'the whole result as JSON')
    .option('--data <dir>', 'data folder', dataDefault)
    .option('--config <file>', 'configuration (YAML)')
    .action(replayRules)
}
