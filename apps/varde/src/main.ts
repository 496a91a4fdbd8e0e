// The command line of Varde.
import { Command } from 'commander'
import { registerAudit } from './commands/audit.ts'
import { registerCase } from './commands/case.ts'
import { registerDetect } from './commands/detect.ts'
import { registerDoctor } from './commands/doctor.ts'
import { registerHeads } from './commands/heads.ts'
import { registerHistory } from './commands/history.ts'
import { registerKeys } from './commands/keys.ts'
import { registerMigrate } from './commands/migrate.ts'
import { registerParse } from './commands/parse.ts'
import { registerQuestions } from './commands/questions.ts'
import { registerRetention } from './commands/retention.ts'
import { registerRules } from './commands/rules.ts'
import { start } from './commands/start.ts'
import { registerStore } from './commands/store.ts'
import { registerVerify } from './commands/verify.ts'
import { dataDefault } from './defaults.ts'
import { explain, remark } from './output.ts'
import { version } from './version.ts'

const program = new Command('varde')
  .description('Central log store and SIEM-lite: collect, seal, search, detect, prove.')
  .version(version)
  .showHelpAfterError('(varde --help lists all commands)')

program
  .command('start')
  .description('run Varde: page, API, collectors, detection')
  .option('--data <dir>', 'data folder', dataDefault)
  .option('--config <file>', 'configuration (YAML); <dir>/varde.yaml is read by itself')
  .option('--port <n>', 'port of the page and the API')
  .option('--role <roles>', 'what this process does: collect, ingest, correlate, api, notify; several with commas')
  .option('--sample', 'load the sample on the first start')
  .action(start)
registerHistory(program)
registerQuestions(program)
registerParse(program)
registerDetect(program)
registerRules(program)
registerVerify(program)
registerCase(program)
registerKeys(program)
registerAudit(program)
registerHeads(program)
registerRetention(program)
registerDoctor(program)
registerMigrate(program)
registerStore(program)

// A reader that has seen enough (head) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

try {
  await program.parseAsync()
} catch (error) {
  remark(`varde: ${explain(error)}`)
  process.exit(1)
}
