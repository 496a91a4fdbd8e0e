// varde audit: who did what and when, newest first, and whether the sealed record of it is whole.
import type { JsonObject } from '@varde/schema'
import type { Command } from 'commander'
import { callNode } from '../call-node.ts'
import { dataDefault } from '../defaults.ts'
import { printJson, printLine, textAt } from '../output.ts'
import { countOf } from './values.ts'

interface Options {
  data: string
  by?: string
  action?: string
  limit: string
  json?: boolean
}

function row(line: JsonObject): string {
  if (line['whole'] === false) return `NOT WHOLE at ${line['at']}: ${line['problem']}`
  if (line['entries'] === 0) return 'nothing yet: entries come with sign-ins, users, keys, rules and exports'
  if (line['whole'] === true) return `whole: ${line['entries']} entries, each sealed over the one before`
  const at = new Date(Number(line['at'])).toISOString()
  return `${at}  ${textAt(line, 'by')}  ${textAt(line, 'action')}  ${textAt(line, 'subject')}  ${textAt(line, 'detail')}`
}

export function registerAudit(program: Command): void {
  program
    .command('audit')
    .description('who did what, newest first; the first line says whether the sealed record is whole')
    .option('--by <name>', 'only what this person did')
    .option('--action <name>', 'only this, such as session.sign-in; with a dot at the end all that begin so')
    .option('--limit <n>', 'entries at most', '100')
    .option('--data <dir>', 'data folder', dataDefault)
    .option('--json', 'as NDJSON')
    .action(async ({ data, json, limit, ...filter }: Options) => {
      let whole = true
      for await (const line of callNode('audit', { ...filter, limit: countOf(limit, 'limit') }, { data })) {
        if (line['whole'] === false) whole = false
        await (json === true ? printJson(line) : printLine(row(line)))
      }
      if (!whole) process.exitCode = 1
    })
}
