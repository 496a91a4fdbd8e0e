// varde verify: does everything still hold, and if not, where?
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { StampAuthority } from '@varde/evidence'
import { loadConfig, VardeError } from '@varde/runtime'
import type { JsonObject } from '@varde/schema'
import type { Command } from 'commander'
import { callNode } from '../call-node.ts'
import { openDataFolder } from '../data-folder.ts'
import { dataDefault } from '../defaults.ts'
import { printJson, printLine, progressLine } from '../output.ts'
import { verifyData } from '../verify-data.ts'
import { readAuthorities, verifyFile } from '../verify-file.ts'
import { type OutsideHead, readOutsideHeads } from '../verify-heads.ts'
import { openStores } from '../wiring.ts'

function plain(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value))
}

function text(line: JsonObject): string {
  const { finding } = line
  if (finding === undefined && line['kind'] !== undefined) return fileText(line)
  if (typeof finding === 'object' && finding !== null && !Array.isArray(finding)) {
    const place = [finding['file'] ?? finding['seal'], finding['at']].filter((part) => part !== undefined).join(', ')
    return `${finding['rebuilt'] === true ? 'rebuilt' : 'WRONG'}  ${place}: ${finding['problem']}`
  }
  const rebuilt = Number(line['rebuilt']) > 0 ? `, ${line['rebuilt']} derived file(s) rebuilt` : ''
  const proven = Object(line['provenUpTo'])
  const until =
    line['provenUpTo'] === undefined
      ? 'nothing is signed yet'
      : `proven up to head ${proven['head']} of ${new Date(Number(proven['at'])).toISOString()}; after it unproven: ${line['unproven']} seals and entries`
  const { checked = 0, trusted = 0 } = Object(line['stamps'])
  const stamps =
    checked === 0
      ? ''
      : `; ${checked} time stamps${trusted === checked ? '' : `, ${checked - trusted} of them not compared (--authority FILE)`}`
  const not = (Array.isArray(line['notCovered']) ? line['notCovered'] : []).map(
    (one) => `\n  not covered: ${String(one)}`,
  )
  return line['ok'] === true
    ? `all holds: ${line['seals']} seals over ${line['records']} records${Number(line['expired']) > 0 ? ` (${line['expired']} expired)` : ''}, ${line['entries']} entries${rebuilt}; ${until}${stamps}${not.join('')}`
    : `${line['wrong']} finding(s); ${line['seals']} seals over ${line['records']} records checked`
}

function fileText(line: JsonObject): string {
  const proven = Object(line['provenUpTo'])
  const until =
    line['provenUpTo'] === undefined
      ? 'not signed yet'
      : `proven up to head ${proven['head']} of ${new Date(Number(proven['at'])).toISOString()}`
  const first = Object(line['firstKey'])
  const key =
    first['compared'] === true
      ? 'the first key is the one that was given'
      : `compare the first key with the house’s: ${first['id']} (--key ID does it)`
  const what = line['kind'] === 'alert' ? `${line['members']} events, ${line['state']}` : `${line['records']} records`
  const unsigned = Array.isArray(line['unsigned']) ? line['unsigned'].length : 0
  const stamps = (Array.isArray(line['stamps']) ? line['stamps'] : []).map((stamp) => {
    const { at, ok, time, authority, trusted } = Object(stamp)
    return ok === true
      ? `\n  time stamp ${at}: ${new Date(Number(time)).toISOString()} by ${authority}${trusted === true ? '' : ' (not compared: --authority FILE)'}`
      : ''
  })
  return line['ok'] === true
    ? `all holds: ${what}; ${until}${unsigned > 0 ? `; ${unsigned} seals or entries are newer` : ''}; ${key}${stamps.join('')}`
    : `${line['wrong']} finding(s)`
}

/** Straight from the files where nothing runs: ingest must not go on writing on top of what is in doubt. */
async function* verifyPath(
  path: string,
  against: { outside: OutsideHead[]; authorities: StampAuthority[] },
  tell: (progress: JsonObject) => void,
  configFile: string | undefined,
): AsyncIterable<JsonObject> {
  const folder = openDataFolder(path, { mustExist: true })
  const file = configFile ?? (existsSync(folder.config) ? folder.config : undefined)
  const config = loadConfig({ ...(file === undefined ? {} : { file }), environment: process.env })
  if (config.store === 'embedded' && !existsSync(join(folder.root, 'store')))
    throw new VardeError('VERIFY_NOTHING', `${folder.root} is no data folder of Varde`, {
      hint: 'Name the folder that was given to --data.',
    })
  if (folder.running() !== undefined) {
    yield* callNode('verify', plain(against), { data: path }, tell)
    return
  }
  const stores = await openStores(folder, config)
  try {
    yield* verifyData(stores, tell, against)
  } finally {
    await stores.close()
  }
}

interface VerifyOptions {
  json?: boolean
  head?: string
  key?: string
  authority: string[]
  config?: string
}

export function registerVerify(program: Command): void {
  program
    .command('verify')
    .description('check a data folder, an evidence bundle (.zip) or an alert (.json); exit 0 only if all holds')
    .argument('[path]', 'data folder, or file', dataDefault)
    .option('--head <file>', 'heads that were published and kept elsewhere: the folder must still have them')
    .option('--key <id>', 'id of the first key, known from elsewhere')
    .option('--authority <file...>', 'certificates of time stamp authorities to trust (PEM)', [])
    .option('--config <file>', 'configuration (YAML): where the events lie, if not in the folder')
    .option('--json', 'as NDJSON: findings, then {ok, …}')
    .action(async (path: string, { json, head, key, authority, config }: VerifyOptions) => {
      let ok = false
      const tell = (progress: JsonObject) => progressLine(Object.values(progress).join(' '))
      const outside = head === undefined ? [] : readOutsideHeads(readFileSync(head, 'utf8'), head)
      if (!existsSync(path))
        throw new VardeError('VERIFY_NOTHING', `there is no file or folder ${path}`, {
          hint: 'Name a data folder, a bundle (.zip) or an alert (.json).',
        })
      const isFile = statSync(path).isFile()
      const lines = isFile
        ? verifyFile(path, { authorities: authority, ...(key === undefined ? {} : { firstKey: key }) }, tell)
        : verifyPath(path, { outside, authorities: readAuthorities(authority) }, tell, config)
      for await (const line of lines) {
        if (typeof line['ok'] === 'boolean') ok = line['ok']
        await (json === true ? printJson(line) : printLine(text(line)))
      }
      if (!ok) process.exitCode = 1
    })
  program
    .command('prove')
    .description('an alert with its proof, as one JSON file that `varde verify` checks offline')
    .argument('<id>', 'id of the alert, or its beginning')
    .option('--data <dir>', 'data folder', dataDefault)
    .action(async (id: string, { data }: { data: string }) => {
      for await (const line of callNode('prove', { id }, { data })) await printJson(line)
    })
}
