// varde rules new: a rule file from the template, which passes its own tests from the start.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { loadRules } from '@varde/detection'
import { VardeError } from '@varde/runtime'
import type { Command } from 'commander'
import { printLine } from '../output.ts'
import { shippedRules } from '../wiring.ts'

interface Options {
  rules: string
  area?: string
  name?: string
}

const idPattern = /^[a-z0-9][a-z0-9-]{2,79}$/
const areaPattern = /^[a-z0-9][a-z0-9-]*$/

async function newRule(id: string, { rules: folder, area, name }: Options): Promise<void> {
  if (!idPattern.test(id) || (area !== undefined && !areaPattern.test(area)))
    throw new VardeError('ARGUMENT_INVALID', `${idPattern.test(id) ? area : id} can't be a name here`, {
      hint: 'Small letters, digits and -, such as fw-30-new-service.',
    })
  const own = join(folder, 'TEMPLATE.yaml')
  const template = readFileSync(existsSync(own) ? own : join(shippedRules, 'TEMPLATE.yaml'), 'utf8')
  const taken = existsSync(folder) ? (await loadRules(folder)).rules.find((rule) => rule.id === id) : undefined
  const file = join(folder, area ?? '', `${id}.yaml`)
  if (taken !== undefined || existsSync(file))
    throw new VardeError('RULE_EXISTS', `the id "${id}" is taken by ${taken?.file ?? file}`, {
      hint: 'Ids are never used twice: choose another.',
    })
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, filled(template, id, name, area))
  await printLine(`${file} is written: it compiles and passes its tests.`)
  await printLine()
  await printLine('Next:')
  const varde = 'npm run -s varde --'
  await printLine(`  1. ${varde} parse FILE                       what event your log line becomes`)
  await printLine('  2. edit it: keep one type section, write `when`, a test that hits and one that does not')
  await printLine(`  3. ${varde} rules test ${folder}`)
  await printLine(`  4. ${varde} rules lint ${folder}`)
  await printLine(`  5. ${varde} rules replay ${file} --since 30d    what it would have found, and the alerts a day`)
  await printLine(`  6. set "enabled: true" (a server that follows ${folder} takes it up at once) and commit`)
}

function filled(template: string, id: string, name: string | undefined, area: string | undefined): string {
  const lines = template.split('\n').filter((line) => !line.startsWith('# Copy me'))
  const schema = `${area === undefined ? './' : '../'}rule.schema.json`
  return lines
    .map((line) => {
      if (line.startsWith('# yaml-language-server:')) return `# yaml-language-server: $schema=${schema}`
      // Not before its author says so: the folder may be followed by a server.
      if (line.startsWith('id: ')) return `id: ${id}\nenabled: false`
      return line.startsWith('name: ') && name !== undefined ? `name: ${JSON.stringify(name)}` : line
    })
    .join('\n')
}

export function registerRulesNew(rules: Command): void {
  rules
    .command('new')
    .description('write a rule file from the template, switched off, and say what to do next')
    .argument('<id>', 'such as fw-30-new-service; never changed, never used again')
    .option('--area <dir>', 'folder below the rules folder, such as firewall')
    .option('--name <text>', 'what it finds, in a few words')
    .option('--rules <dir>', 'folder of rule files', shippedRules)
    .action(newRule)
}
