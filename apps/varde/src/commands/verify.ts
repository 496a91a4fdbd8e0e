// varde verify: does everything still hold, and if not, where?
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { VardeError } from '@varde/runtime'
import type { JsonObject } from '@varde/schema'
import type { Command } from 'commander'
import { callNode } from '../call-node.ts'
import { openDataFolder } from '../data-folder.ts'
import { dataDefault } from '../defaults.ts'
import { printJson, printLine, progressLine } from '../output.ts'
import { verifyData } from '../verify-data.ts'
import { openStores } from '../wiring.ts'

function text(line: JsonObject): string {
  const { finding } = line
  if (typeof finding === 'object' && finding !== null && !Array.isArray(finding)) {
    const place = [finding['file'] ?? finding['seal'], finding['at']].filter((part) => part !== undefined).join(', ')
    return `${finding['rebuilt'] === true ? 'rebuilt' : 'WRONG'}  ${place}: ${finding['problem']}`
  }
  const rebuilt = Number(line['rebuilt']) > 0 ? `, ${line['rebuilt']} derived file(s) rebuilt` : ''
  return line['ok'] === true
    ? `all holds: ${line['seals']} seals over ${line['records']} records${rebuilt}`
    : `${line['wrong']} finding(s); ${line['seals']} seals over ${line['records']} records checked`
}

/** Straight from the files where nothing runs: ingest must not go on writing on top of what is in doubt. */
async function* verifyPath(path: string, tell: (progress: JsonObject) => void): AsyncIterable<JsonObject> {
  const folder = openDataFolder(path, { mustExist: true })
  if (!existsSync(join(folder.root, 'store')))
    throw new VardeError('VERIFY_NOTHING', `${folder.root} is no data folder of Varde`, {
      hint: 'Name the folder that was given to --data.',
    })
  if (folder.running() !== undefined) {
    yield* callNode('verify', {}, { data: path }, tell)
    return
  }
  const stores = await openStores(folder)
  try {
    yield* verifyData(stores, tell)
  } finally {
    await stores.close()
  }
}

export function registerVerify(program: Command): void {
  program
    .command('verify')
    .description('check every file and every seal of a data folder; exit 0 only if all holds')
    .argument('[path]', 'data folder', dataDefault)
    .option('--json', 'as NDJSON: findings, then {ok, …}')
    .action(async (path: string, { json }: { json?: boolean }) => {
      let ok = false
      for await (const line of verifyPath(path, (progress) => progressLine(Object.values(progress).join(' ')))) {
        if (typeof line['ok'] === 'boolean') ok = line['ok']
        await (json === true ? printJson(line) : printLine(text(line)))
      }
      if (!ok) process.exitCode = 1
    })
}
