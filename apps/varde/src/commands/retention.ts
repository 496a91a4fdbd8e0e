// varde retention: how long each class is kept, and what has gone.
import type { JsonObject } from '@varde/schema'
import type { Command } from 'commander'
import { callNode } from '../call-node.ts'
import { dataDefault } from '../defaults.ts'
import { printJson, printLine } from '../output.ts'

const day = (time: unknown) => new Date(Number(time)).toISOString().slice(0, 10)

function row(line: JsonObject): string {
  if (line['class'] !== undefined) {
    const days = line['keepDays']
    const unused = line['used'] === true ? '' : ' (no source has this class now)'
    return `${line['class']}: ${days === null ? 'kept for ever' : `${days} days`}${unused}`
  }
  if (line['held'] !== undefined) {
    const { unit, events, cases } = Object(line['held'])
    return `held    ${unit}: ${events} events of ${cases.join(', ')}`
  }
  if (line['waiting'] !== undefined) return `waits   ${line['waiting']}`
  const arrived = Object(line['arrived'])
  return `expired ${day(line['at'])}  ${line['events']} of ${line['retention']}, arrived ${day(arrived.from)} to ${day(arrived.to)}  (${line['by']})`
}

export function registerRetention(program: Command): void {
  program
    .command('retention')
    .description('how long each class is kept (keepDays in the configuration), and what has gone')
    .option('--data <dir>', 'data folder', dataDefault)
    .option('--config <file>', 'configuration (YAML), where no server runs')
    .option('--now', 'let go what is over its time now; a server looks every hour')
    .option('--json', 'as NDJSON')
    .action(async ({ data, config, now, json }: { data: string; config?: string; now?: boolean; json?: boolean }) => {
      const place = config === undefined ? { data } : { data, config }
      for await (const line of callNode('retention', { now: now === true }, place))
        await (json === true ? printJson(line) : printLine(row(line)))
    })
}
