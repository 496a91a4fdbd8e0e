// varde heads: signatures over everything that is sealed, and the keys that make them. varde erase: what must go.
import type { Json, JsonObject } from '@varde/schema'
import type { Command } from 'commander'
import { callNode } from '../call-node.ts'
import { commandUser, dataDefault } from '../defaults.ts'
import { printAll, progressLine, textAt } from '../output.ts'
import { countOf, timeOf } from './values.ts'

interface Options {
  data: string
  json?: boolean
}

const when = (value: Json | undefined, name: string) => new Date(Number(textAt(value, name))).toISOString()

export function registerHeads(program: Command): void {
  const heads = program.command('heads').description('signed heads: what proves everything sealed up to a moment')
  const common = (command: Command) =>
    command.option('--data <dir>', 'data folder', dataDefault).option('--json', 'as NDJSON')
  const headRow = (line: JsonObject) =>
    `${textAt(line['head'], 'number').padStart(6)}  ${when(line['head'], 'at')}  ${textAt(line, 'hash')}  ${textAt(line['head'], 'chains')} chains`

  common(heads.command('list').description('the last ones, newest last').option('--limit <n>', 'at most', '20')).action(
    ({ data, json, limit }: Options & { limit: string }) =>
      printAll(callNode('headsList', { limit: countOf(limit, 'limit') }, { data }), json, headRow),
  )
  common(heads.command('sign').description('sign, publish and stamp one now')).action(({ data, json }: Options) =>
    printAll(callNode('headsSign', {}, { data }), json, headRow),
  )
  common(heads.command('keys').description('the line of keys; keep the id of the first one elsewhere')).action(
    ({ data, json }: Options) =>
      printAll(
        callNode('headsKeys', {}, { data }),
        json,
        (line) =>
          `${textAt(line, 'id')}  from ${when(line, 'from')}${line['revokedFrom'] === undefined ? '' : `  (revokes the one before from ${when(line, 'revokedFrom')} on)`}`,
      ),
  )
  common(
    heads
      .command('rotate')
      .description('a new key takes over')
      .requiredOption('--reason <text>', 'why')
      .option(
        '--revoked-from <time>',
        'the old key was in other hands since then: what it signed since proves nothing',
      ),
  ).action(({ data, json, reason, revokedFrom }: Options & { reason: string; revokedFrom?: string }) => {
    const since = timeOf(revokedFrom, 'revoked-from')
    const args = { reason, by: commandUser(), ...(since === undefined ? {} : { revokedFrom: since }) }
    return printAll(callNode('headsRotate', args, { data }), json, (line) => `${textAt(line, 'id')} signs from now on`)
  })
  registerErase(program, common)
}

function registerErase(program: Command, common: (command: Command) => Command): void {
  common(
    program
      .command('erase')
      .description(
        'erase the events of a subject: raw records, fields and salts go, tombstones and a sealed record stay',
      )
      .argument('<query>', "in KQL, such as 'user.name: anna'")
      .requiredOption('--authority <text>', 'on whose authority and why, such as "GDPR 17, request 2026-14"')
      .option('--from <time>', 'ISO time or span back, such as 24h')
      .option('--to <time>', 'ISO time or span back')
      .option('--tenant <id>', 'only of this customer')
      .option('--really', 'erase; without it only the number of events is told'),
  ).action(
    async (
      query: string,
      options: Options & { authority: string; from?: string; to?: string; tenant?: string; really?: boolean },
    ) => {
      const [from, to] = [timeOf(options.from, 'from'), timeOf(options.to, 'to')]
      const args = {
        query,
        authority: options.authority,
        really: options.really === true,
        by: commandUser(),
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
        ...(options.tenant === undefined ? {} : { tenant: options.tenant }),
      }
      const told = callNode('erase', args, { data: options.data }, (step) =>
        progressLine(Object.values(step).join(' ')),
      )
      await printAll(told, options.json, (line) =>
        line['erased'] === true
          ? `${line['events']} events erased, ${line['alerts']} alerts emptied of their fields\nCopies that may remain:\n${(Array.isArray(line['left']) ? line['left'] : []).map((one) => `  ${String(one)}`).join('\n')}`
          : `${line['events']} events would be erased (nothing was done: add --really)`,
      )
    },
  )
}
