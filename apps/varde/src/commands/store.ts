// varde store: what an administrator of the Elasticsearch cluster needs of us.
import { loadConfig, VardeError } from '@varde/runtime'
import type { Command } from 'commander'
import { printJson, printLine } from '../output.ts'
import { openClusterStore, storeRole } from '../wiring.ts'

export function registerStore(program: Command): void {
  const store = program.command('store').description('the Elasticsearch cluster that Varde keeps its events in')
  store
    .command('role')
    .description(
      'print the least role for an API key: POST /_security/api_key {"name": "varde", "role_descriptors": {"varde": …}}',
    )
    .option('--prefix <prefix>', 'as elasticsearch.prefix', 'varde')
    .action(async ({ prefix }: { prefix: string }) => printJson(storeRole(prefix)))
  store
    .command('snapshot')
    .description('copy all of it into a snapshot repository that the cluster knows')
    .argument('<repository>')
    .requiredOption('--config <file>', 'configuration with store: elasticsearch (YAML)')
    .option('--json', 'as JSON')
    .action(async (repository: string, { config: file, json }: { config: string; json?: boolean }) => {
      const config = loadConfig({ file, environment: process.env })
      if (config.store !== 'elasticsearch')
        throw new VardeError('CONFIG_INVALID', `${file} does not say store: elasticsearch`)
      const opened = await openClusterStore(config)
      try {
        const taken = await opened.snapshot(repository, Date.now())
        await (json === true
          ? printJson(taken)
          : printLine(`${taken.name}: ${taken.indices} indices, ${taken.shards} shards`))
      } finally {
        await opened.close()
      }
    })
}
