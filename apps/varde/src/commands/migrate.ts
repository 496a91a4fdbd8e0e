// varde migrate: an embedded data folder into the cluster of a configuration, chain intact.
import { loadConfig, VardeError } from '@varde/runtime'
import type { Command } from 'commander'
import { openDataFolder } from '../data-folder.ts'
import { dataDefault } from '../defaults.ts'
import { migrate } from '../migrate.ts'
import { printJson, printLine, progressLine } from '../output.ts'
import { openClusterStore, openStores, stream } from '../wiring.ts'

export function registerMigrate(program: Command): void {
  program
    .command('migrate')
    .description('carry an embedded data folder into the Elasticsearch of a configuration, and prove every seal there')
    .option('--data <dir>', 'data folder; nothing may run on it', dataDefault)
    .requiredOption('--config <file>', 'configuration with store: elasticsearch (YAML)')
    .option('--json', 'as NDJSON: findings, then {ok, …}')
    .action(async ({ data, config: file, json }: { data: string; config: string; json?: boolean }) => {
      const config = loadConfig({ file, environment: process.env })
      if (config.store !== 'elasticsearch') {
        throw new VardeError('CONFIG_INVALID', `${file} does not say store: elasticsearch`, {
          hint: 'Give the configuration that the cluster will run with.',
        })
      }
      const folder = openDataFolder(data, { mustExist: true })
      if (folder.running() !== undefined) {
        throw new VardeError('MIGRATE_RUNNING', `Varde runs on ${folder.root}`, { hint: 'Stop it first.' })
      }
      const source = await openStores(folder)
      try {
        const target = await openClusterStore(config)
        try {
          const steps = migrate({ source, target, stream, partitions: config.partitions }, (progress) =>
            progressLine(Object.values(progress).join(' ')),
          )
          for await (const line of steps) {
            if (line['ok'] === false) process.exitCode = 1
            if (json === true) await printJson(line)
            else if (line['ok'] === undefined) await printLine(`WRONG  ${JSON.stringify(line['finding'])}`)
            else {
              await printLine(
                `${line['events']} events, ${line['documents']} documents, ${line['tombstones']} tombstones carried over; ` +
                  (line['ok'] === true
                    ? `all holds there: ${line['seals']} seals over ${line['records']} records`
                    : `${line['wrong']} finding(s)`),
              )
            }
          }
        } finally {
          await target.close()
        }
      } finally {
        await source.close()
      }
    })
}
