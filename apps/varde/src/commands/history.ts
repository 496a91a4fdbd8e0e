// varde import, varde sample: history into the store.
import { resolve } from 'node:path'
import type { JsonObject } from '@varde/schema'
import type { Command } from 'commander'
import { callNode } from '../call-node.ts'
import { dataDefault } from '../defaults.ts'
import { printJson, printLine, progressLine, remark } from '../output.ts'

interface ImportOptions {
  data: string
  config?: string
  source: string
  tenant?: string
  dataset?: string
  timeZone?: string
  json?: boolean
}

const barWidth = 30

function duration(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`
}

/** One line: bar, share, rate, time left. */
export function progressText(step: JsonObject): string {
  if (step['step'] === 'seal') return 'sealing …'
  if (step['step'] === 'detect') return `detecting: ${step['events']} events read, ${step['hits']} hits`
  const share = Number(step['bytesRead']) / Math.max(1, Number(step['bytesTotal']))
  const bar = '█'.repeat(Math.round(share * barWidth)).padEnd(barWidth, '░')
  const left = typeof step['secondsLeft'] === 'number' ? `, ${duration(step['secondsLeft'])} left` : ''
  return `${bar} ${Math.round(share * 100)} %  ${step['records']} records, ${Math.round(Number(step['recordsPerSecond']))}/s${left}  ${step['file']}`
}

async function run(
  lines: AsyncIterable<JsonObject>,
  json: boolean | undefined,
  text: (line: JsonObject) => string,
): Promise<void> {
  for await (const line of lines) {
    if (process.stderr.isTTY) remark('')
    await (json === true ? printJson(line) : printLine(text(line)))
  }
}

export function registerHistory(program: Command): void {
  program
    .command('import')
    .description('files (plain, .gz, .zst) into the store; run it again after a break: nothing is doubled')
    .argument('<file...>')
    .option('--data <dir>', 'data folder', dataDefault)
    .option('--config <file>', 'configuration (YAML)')
    .option('--source <id>', 'the source these records belong to', 'import')
    .option('--tenant <id>', 'whose records these are', 'house')
    .option('--dataset <name>', 'such as cisco_asa.log; recognised by content without it')
    .option('--time-zone <zone>', 'of times that carry none, such as Europe/Copenhagen')
    .option('--json', 'the result as JSON')
    .action((files: string[], { data, config, json, ...options }: ImportOptions) =>
      run(
        callNode(
          'import',
          { files: files.map((file) => resolve(file)), ...options },
          { data, config, create: true },
          (step) => progressLine(progressText(step)),
        ),
        json,
        (line) =>
          `${line['records']} records imported, ${line['skippedBytes']} bytes were there already, ${line['alerts']} alerts over the imported history`,
      ),
    )

  program
    .command('sample')
    .description('load the sample and end: a working week of a small hosting company, with an attack in it')
    .option('--remove', 'take it out again: its events are erased, its alerts retracted')
    .option('--data <dir>', 'data folder', dataDefault)
    .option('--config <file>', 'configuration (YAML)')
    .option('--json', 'the result as JSON')
    .action(
      ({ data, config, json, remove = false }: { data: string; config?: string; json?: boolean; remove?: boolean }) =>
        run(
          callNode('sample', { remove }, { data, config, create: true }, (step) => progressLine(progressText(step))),
          json,
          (line) =>
            line['already'] === true
              ? 'the sample is already there'
              : `${line['events']} events, ${line['alerts']} alerts${remove ? ' taken out' : ''}`,
        ),
    )
}
