// varde status, search, alerts: what is there.

import { VardeError } from '@varde/runtime'
import type { JsonObject } from '@varde/schema'
import type { Command } from 'commander'
import { callNode } from '../call-node.ts'
import { dataDefault } from '../defaults.ts'
import { printAll, table, textAt } from '../output.ts'

interface Options {
  data: string
  json?: boolean
  from?: string
  to?: string
  limit: string
}

/** ISO time, or a span back from now such as 24h. UTC milliseconds. */
export function timeOf(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined
  const span = /^(\d+)([smhdw])$/.exec(text)
  const unit = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }[span?.[2] ?? '']
  const time = span !== null && unit !== undefined ? Date.now() - Number(span[1]) * unit : Date.parse(text)
  if (Number.isNaN(time))
    throw new VardeError('ARGUMENT_INVALID', `--${name} ${text} is no time`, {
      hint: 'Give an ISO time such as 2026-11-23T08:00:00Z, or a span such as 24h.',
    })
  return time
}

function rangeOf(options: Options): JsonObject {
  const [from, to] = [timeOf(options.from, 'from'), timeOf(options.to, 'to')]
  return { limit: Number(options.limit), ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
}

/** Enough to name an alert to other commands. */
const idShown = 10

export function registerQuestions(program: Command): void {
  program
    .command('status')
    .description('events, alerts, dead letters, seals, lag')
    .option('--data <dir>', 'data folder', dataDefault)
    .option('--json', 'as JSON')
    .action(({ data, json }: Options) =>
      printAll(callNode('status', {}, { data }), json, (line) =>
        table(
          Object.entries(line).map(([name, value]) => [
            name,
            typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value),
          ]),
        ),
      ),
    )

  program
    .command('search')
    .description('events by a query in KQL, newest first')
    .argument('[query]', "such as 'user.name: anna and not source.ip: 10.0.0.0/8'", '')
    .option('--data <dir>', 'data folder', dataDefault)
    .option('--from <time>', 'ISO time or span back, such as 24h')
    .option('--to <time>', 'ISO time or span back')
    .option('--limit <n>', 'at most', '100')
    .option('--json', 'as NDJSON: id, source, tenant, arrival, event, raw')
    .action((query: string, options: Options) =>
      printAll(
        callNode('search', { query, ...rangeOf(options) }, { data: options.data }),
        options.json,
        (line) =>
          `${textAt(line['event'], '@timestamp')}  ${textAt(line, 'source').padEnd(16)}  ${textAt(line, 'raw').slice(0, 200)}`,
      ),
    )

  program
    .command('alerts')
    .description('alerts, newest first; `prove` and `case open --alert` take the id as it stands here')
    .option('--data <dir>', 'data folder', dataDefault)
    .option('--from <time>', 'ISO time or span back, such as 7d')
    .option('--to <time>', 'ISO time or span back')
    .option('--limit <n>', 'at most', '1000')
    .option('--json', 'as NDJSON')
    .action((options: Options) =>
      printAll(
        callNode('alerts', rangeOf(options), { data: options.data }),
        options.json,
        (line) =>
          `${textAt(line, 'id').slice(0, idShown)}  ${new Date(Number(textAt(line, 'anchor.time'))).toISOString()}  ${textAt(line, 'severity').padEnd(8)}  ${textAt(line, 'status').padEnd(12)}  ${textAt(line, 'title')}`,
      ),
    )
}
