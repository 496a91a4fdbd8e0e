// varde rules history, varde rules diff: versions of a rule that ran, and what an edit changed.
import type { JsonObject } from '@varde/schema'
import type { Command } from 'commander'
import { callNode } from '../call-node.ts'
import { dataDefault } from '../defaults.ts'
import { printJson, printLine } from '../output.ts'

interface Options {
  data: string
  config?: string
  json?: boolean
}

const shortDigest = 12

async function history(rule: string, { data, config, json }: Options): Promise<void> {
  for await (const line of callNode('ruleHistory', { rule }, { data, config })) {
    if (json === true) await printJson(line)
    else await printLine(versionText(line))
  }
}

function versionText(version: JsonObject): string {
  const at = new Date(Number(version['at'])).toISOString()
  const by = typeof version['by'] === 'string' ? `  by ${version['by']}` : ''
  const note = typeof version['note'] === 'string' ? `  ${version['note']}` : ''
  const digests = [version['fileDigest'], version['digest']].map((digest) => String(digest).slice(0, shortDigest))
  return `${at}  file ${digests[0]}  decides ${digests[1]}${version['running'] === true ? '  runs' : ''}${by}${note}`
}

async function diff(
  rule: string,
  from: string | undefined,
  to: string | undefined,
  { data, config, json }: Options,
): Promise<void> {
  const args = { rule, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
  for await (const line of callNode('ruleDiff', args, { data, config })) {
    if (json === true) {
      await printJson(line)
      continue
    }
    await printLine(line['decides'] === true ? 'the two may decide differently' : 'the two decide alike: words only')
    for (const one of Array.isArray(line['lines']) ? line['lines'] : []) await printLine(lineText(one))
  }
}

function lineText(line: unknown): string {
  const { kind, text } = Object(line)
  return `${kind === 'added' ? '+' : kind === 'removed' ? '-' : ' '} ${text}`
}

export function registerRulesHistory(rules: Command): void {
  rules
    .command('history')
    .description('versions of a rule that ran, newest first, by their content digests')
    .argument('<rule>', 'id of the rule')
    .option('--data <dir>', 'data folder', dataDefault)
    .option('--config <file>', 'configuration (YAML)')
    .option('--json', 'as NDJSON, a line a version')
    .action(history)
  rules
    .command('diff')
    .description('two versions of a rule line by line; the last two without digests')
    .argument('<rule>', 'id of the rule')
    .argument('[from]', 'beginning of a file digest')
    .argument('[to]', 'beginning of a file digest')
    .option('--data <dir>', 'data folder', dataDefault)
    .option('--config <file>', 'configuration (YAML)')
    .option('--json', 'as JSON')
    .action(diff)
}
