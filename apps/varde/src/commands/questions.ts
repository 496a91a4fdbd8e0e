// varde status, search, alerts: what is there.

import type { JsonObject } from '@varde/schema'
import type { Command } from 'commander'
import { callNode } from '../call-node.ts'
import { dataDefault } from '../defaults.ts'
import { printAll, table, textAt } from '../output.ts'
import { countOf, timeOf } from './values.ts'

interface Options {
  data: string
  json?: boolean
  from?: string
  to?: string
  limit: string
}

function rangeOf(options: Options): JsonObject {
  const [from, to] = [timeOf(options.from, 'from'), timeOf(options.to, 'to')]
  return {
    limit: countOf(options.limit, 'limit'),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  }
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
        'no event found: widen --from and --to; a query in KQL is `field: value`',
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
        'no alerts',
      ),
    )
}
