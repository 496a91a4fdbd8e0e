// varde keys: API keys of senders.
import type { Command } from 'commander'
import { callNode } from '../call-node.ts'
import { dataDefault } from '../defaults.ts'
import { printJson, printLine } from '../output.ts'

interface Options {
  data: string
  json?: boolean
}

export function registerKeys(program: Command): void {
  const keys = program.command('keys').description('API keys of senders')
  keys
    .command('create')
    .description('make a key; its secret is shown this once')
    .requiredOption('--source <id>', 'the source its records belong to')
    .option('--name <text>', 'what it is for', 'made on the command line')
    .option('--tenant <id>', 'whose records these are', 'house')
    .option('--dataset <name>', 'such as winlogbeat')
    .option('--data <dir>', 'data folder', dataDefault)
    .option('--json', 'as JSON')
    .action(
      async ({ data, json, ...key }: Options & { source: string; name: string; tenant: string; dataset?: string }) => {
        for await (const line of callNode('keysCreate', { ...key }, { data, create: true }))
          await (json === true
            ? printJson(line)
            : printLine(`${line['secret']}\n(send it as "Authorization: ApiKey …"; it is not shown again)`))
      },
    )
  keys
    .command('list')
    .option('--data <dir>', 'data folder', dataDefault)
    .option('--json', 'as NDJSON')
    .action(async ({ data, json }: Options) => {
      for await (const line of callNode('keysList', {}, { data })) {
        await (json === true
          ? printJson(line)
          : printLine(
              `${line['id']}  ${String(line['source']).padEnd(20)}  ${line['revokedAt'] === undefined ? 'active ' : 'revoked'}  ${line['name']}`,
            ))
      }
    })
  keys
    .command('revoke')
    .argument('<id>')
    .option('--data <dir>', 'data folder', dataDefault)
    .option('--json', 'as JSON')
    .action(async (id: string, { data, json }: Options) => {
      for await (const line of callNode('keysRevoke', { id }, { data }))
        await (json === true ? printJson(line) : printLine(`${line['id']} is revoked`))
    })
}
