// varde parse: what the parsers make of lines, by the code that ingest runs.
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseRecord } from '@varde/parsers'
import type { Command } from 'commander'
import { printJson, printLine } from '../output.ts'
import { parseNdjson } from '../parse-ndjson.ts'

interface Options {
  dataset?: string
  timeZone?: string
  json?: boolean
  ndjson?: boolean
}

async function explainLine(line: string, options: Options): Promise<void> {
  const raw = Buffer.from(line)
  const parsed = parseRecord({
    raw,
    arrival: Date.now(),
    ...(options.dataset === undefined ? {} : { dataset: options.dataset }),
    ...(options.timeZone === undefined ? {} : { timeZone: options.timeZone }),
  })
  if (options.json === true) return printJson(parsed)
  if (!parsed.ok) return printLine(`✗ ${parsed.reason}: ${parsed.detail}\n  ${line}`)
  const left = parsed.unexplained.map(({ from, to }) => JSON.stringify(raw.subarray(from, to).toString()))
  await printLine(
    `${parsed.dataset}${parsed.confidence === 1 ? '' : ` (recognised by content, ${Math.round(parsed.confidence * 100)} % sure)`}`,
  )
  await printLine(JSON.stringify(parsed.event, null, 2))
  if (left.length > 0) await printLine(`not explained: ${left.join('  ')}`)
}

export function registerParse(program: Command): void {
  program
    .command('parse')
    .description('show product, fields and what was left over of each line of a file or of standard input')
    .argument('[file]')
    .option('--dataset <name>', 'what the lines are, such as cisco_asa.log')
    .option('--time-zone <zone>', 'of times that carry none')
    .option('--json', 'a JSON line for each line')
    .option('--ndjson', 'read {id, dataset?, raw, meta?} and write {id, event}, a line each')
    .action(async (file: string | undefined, options: Options) => {
      const input = file === undefined ? process.stdin : createReadStream(file)
      if (options.ndjson === true) return parseNdjson(input, process.stdout)
      for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }))
        if (line !== '') await explainLine(line, options)
    })
}
