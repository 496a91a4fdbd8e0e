// varde detect: rule files over event files, in event time, without a store.
import { detectFiles } from '@varde/detection'
import type { Command } from 'commander'
import { printJson, printLine, remark } from '../output.ts'

interface Options {
  rules: string
  dataset?: string
  json?: boolean
}

export function registerDetect(program: Command): void {
  program
    .command('detect')
    .description(
      'run rule files over NDJSON files ({record, raw} or ECS documents, also .gz), in event time; a line a match',
    )
    .argument('<file...>')
    .requiredOption('--rules <dir>', 'folder of rule files')
    .option('--dataset <name>', 'what raw lines are, where they do not say')
    .option('--json', 'as NDJSON: {rule, origin?, file, record, …}')
    .action(async (files: string[], { rules, dataset, json }: Options) => {
      const found = detectFiles({
        rules,
        files,
        onRuleError: (error) =>
          remark(`varde: rule left out: ${error.file}:${error.line}:${error.column}: ${error.message}`),
        onLineError: (file, line, message) => remark(`varde: line left out: ${file}:${line}: ${message}`),
        ...(dataset === undefined ? {} : { dataset }),
      })
      for (;;) {
        const next = await found.next()
        if (next.done === true) {
          remark(`varde: ${next.value.events} events, ${next.value.rules} rules, ${next.value.matches} matches`)
          return
        }
        const { time, severity, title, file, record } = next.value
        await (json === true
          ? printJson(next.value)
          : printLine(`${time}  ${severity.padEnd(8)}  ${title}  (${file} ${JSON.stringify(record)})`))
      }
    })
}
