// varde case: open a case, pin evidence, check it, export it as a bundle.
import { resolve } from 'node:path'
import type { JsonObject } from '@varde/schema'
import type { Command } from 'commander'
import { callNode } from '../call-node.ts'
import { commandUser, dataDefault } from '../defaults.ts'
import { printAll, progressLine, textAt } from '../output.ts'
import { countOf, timeOf } from './values.ts'

interface Common {
  data: string
  json?: boolean
}

/** Leaves out what was not given, and says who asks. */
function args(values: Record<string, JsonObject[string] | undefined>): JsonObject {
  return JSON.parse(JSON.stringify({ ...values, by: commandUser() }))
}

export function registerCase(program: Command): void {
  const group = program.command('case').description('cases: open, pin evidence, verify, export a bundle')
  const command = (name: string, description: string) =>
    group
      .command(name)
      .description(description)
      .option('--data <dir>', 'data folder', dataDefault)
      .option('--json', 'as NDJSON')

  command('list', 'all cases, the last changed first').action((options: Common) =>
    printAll(
      callNode('caseList', {}, options),
      options.json,
      (line) => `${line['id']}  r${line['revision']}  ${line['status']}  ${line['events']} events  ${line['title']}`,
    ),
  )

  command('open', 'open a case, from alerts or empty')
    .option('--title <text>', 'title; that of the first alert without it')
    .option('--alert <id...>', 'alerts to pin with all their events; the first characters of an id are enough')
    .option('--why <text>', 'stands in the chain of custody')
    .action((options: Common & { title?: string; alert?: string[]; why?: string }) =>
      printAll(
        callNode('caseOpen', args({ title: options.title, alerts: options.alert, why: options.why }), options),
        options.json,
        (line) => `${line['id']}  ${line['eventCount']} events pinned`,
      ),
    )

  command('pin', 'pin the events that a query finds')
    .argument('<case>')
    .argument('<query>', 'in KQL')
    .requiredOption('--why <text>', 'stands in the chain of custody')
    .option('--from <time>', 'ISO time or span back')
    .option('--to <time>', 'ISO time or span back')
    .action((id: string, query: string, options: Common & { why: string; from?: string; to?: string }) =>
      printAll(
        callNode(
          'casePin',
          args({
            case: id,
            query,
            why: options.why,
            from: timeOf(options.from, 'from'),
            to: timeOf(options.to, 'to'),
          }),
          options,
        ),
        options.json,
        (line) => `${line['pinned']} pinned, ${line['already']} were there`,
      ),
    )

  command('verify', 'check the proof of everything that is pinned')
    .argument('<case>')
    .option('--why <text>', 'stands in the chain of custody')
    .action(async (id: string, options: Common & { why?: string }) => {
      let ok = false
      const checked = async function* () {
        for await (const line of callNode('caseVerify', args({ case: id, why: options.why }), options)) {
          ok = line['ok'] === true
          yield line
        }
      }
      await printAll(checked(), options.json, (line) => {
        const { checked: count, pending, wrong } = line
        const said = `${count} events checked${pending === 0 ? '' : `, ${pending} of them not sealed yet`}`
        if (line['ok'] === true) return `all holds: ${said}`
        const found = Array.isArray(wrong) ? wrong : []
        return [`WRONG: ${said}`, ...found.map((one) => `  ${textAt(one, 'item')}: ${textAt(one, 'problem')}`)].join(
          '\n',
        )
      })
      if (!ok) process.exitCode = 1
    })

  command('export', 'make a bundle that a stranger can check')
    .argument('<case>')
    .argument('<file>', 'the ZIP to write')
    .requiredOption('--to <who>', 'who gets it')
    .requiredOption('--why <text>', 'stands in the chain of custody')
    .option('--tenant <name>', "only this customer's events")
    .option('--pseudonymise', "names of Varde's own users become person-1 …")
    .option('--language <da|en>', 'of report and how-to', 'en')
    .option('--revision <n>', 'of the case; the present one without it')
    .option('--resume <export>', 'go on with an export that was stopped')
    .action(
      (
        id: string,
        file: string,
        options: Common & {
          to: string
          why: string
          tenant?: string
          pseudonymise?: boolean
          language: string
          revision?: string
          resume?: string
        },
      ) => {
        const { to, why, tenant, pseudonymise, language, revision, resume } = options
        const number = revision === undefined ? undefined : countOf(revision, 'revision')
        const asked = args({
          case: id,
          file: resolve(file),
          to,
          why,
          tenant,
          pseudonymise,
          language,
          revision: number,
          resume,
        })
        return printAll(
          callNode('caseExport', asked, options, ({ export: of, step, done, total }) =>
            progressLine(`${step} ${done}/${total} (if it is stopped: --resume ${of})`),
          ),
          options.json,
          (line) => `${line['path']}: ${line['bytes']} bytes, ${line['total']} records, sums ${line['digest']}`,
        )
      },
    )
}
