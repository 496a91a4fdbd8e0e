// varde doctor: is this machine and this data folder in a state to run, and what to do where it is not.
import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { loadRules } from '@varde/detection'
import { isVardeError, loadConfig } from '@varde/runtime'
import type { Command } from 'commander'
import { openDataFolder } from '../data-folder.ts'
import { dataDefault } from '../defaults.ts'
import { printJson, printLine } from '../output.ts'
import { examineBus, examineStore, shippedRules } from '../wiring.ts'

interface Check {
  check: string
  ok: boolean
  detail: string
  hint?: string
}

const freeBytesMin = 2 * 1024 ** 3

function portFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host, port }, () => server.close(() => resolve(true)))
  })
}

function bad(check: string, error: unknown, hint: string): Check {
  return {
    check,
    ok: false,
    detail: error instanceof Error ? error.message : String(error),
    hint: isVardeError(error) && error.hint !== undefined ? error.hint : hint,
  }
}

async function* examine(data: string, configFile: string | undefined): AsyncIterable<Check> {
  yield { check: 'node', ok: true, detail: process.version }
  const folder = openDataFolder(data)
  try {
    accessSync(folder.root, constants.W_OK)
    const private_ = (statSync(folder.root).mode & 0o077) === 0
    yield {
      check: 'data folder',
      ok: private_,
      detail: folder.root,
      ...(private_ ? {} : { hint: `Others on this machine can read it: chmod 700 ${folder.root}` }),
    }
  } catch (error) {
    yield bad('data folder', error, 'Choose a folder that you may write to.')
  }
  const { bavail, bsize } = statfsSync(folder.root)
  const free = bavail * bsize
  yield {
    check: 'disk',
    ok: free > freeBytesMin,
    detail: `${(free / 1024 ** 3).toFixed(1)} GB free`,
    ...(free > freeBytesMin
      ? {}
      : { hint: 'Free some space: below 1 GB Varde warns, and a full disk stops acknowledging.' }),
  }
  const server = folder.running()
  yield {
    check: 'server',
    ok: true,
    detail: server === undefined ? 'not running on this folder' : `pid ${server.pid} at ${server.url}`,
  }
  const file = configFile ?? (existsSync(folder.config) ? folder.config : undefined)
  try {
    const config = loadConfig({ ...(file === undefined ? {} : { file }), environment: process.env })
    yield { check: 'configuration', ok: true, detail: file ?? 'the defaults' }
    for (const { host, port } of server === undefined ? [config.http] : []) {
      const isFree = await portFree(host, port)
      yield {
        check: 'port',
        ok: isFree,
        detail: `${host}:${port} is ${isFree ? 'free' : 'taken'}`,
        ...(isFree ? {} : { hint: 'Choose another with --port.' }),
      }
    }
    // Topics of others may be read by an embedded Varde too.
    if (config.kafka !== undefined) yield* examineBus(config)
    if (config.store === 'elasticsearch') yield* examineStore(config)
    const folderOfRules = config.rules ?? shippedRules
    const { rules, errors } = await loadRules(folderOfRules)
    yield {
      check: 'rules',
      ok: errors.length === 0,
      detail: `${rules.length} rules in ${folderOfRules}, ${errors.length} error(s)`,
      ...(errors.length === 0 ? {} : { hint: `Run: varde rules test ${folderOfRules}` }),
    }
  } catch (error) {
    yield bad('configuration', error, 'Mend the file.')
  }
  const built = existsSync(join(import.meta.dirname, '..', '..', '..', 'web', 'dist', 'index.html'))
  yield {
    check: 'web app',
    ok: built,
    detail: built ? 'built' : 'not built',
    ...(built ? {} : { hint: 'npm start builds it.' }),
  }
}

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check this machine, the configuration and the data folder')
    .option('--data <dir>', 'data folder', dataDefault)
    .option('--config <file>', 'configuration (YAML)')
    .option('--json', 'as NDJSON')
    .action(async ({ data, config, json }: { data: string; config?: string; json?: boolean }) => {
      for await (const one of examine(data, config)) {
        if (!one.ok) process.exitCode = 1
        await (json === true
          ? printJson(one)
          : printLine(
              `${one.ok ? '✓' : '✗'} ${one.check.padEnd(16)} ${one.detail}${one.hint === undefined ? '' : `\n                   → ${one.hint}`}`,
            ))
      }
    })
}
