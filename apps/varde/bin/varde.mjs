#!/usr/bin/env node
// The door for any Node ≥ 20: installs what is missing and hands over to the pinned Node.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { buildWeb, installPackages, pinnedNode, programEnvironment, root } from './install.mjs'

const args = process.argv.slice(2)
if (Number(process.versions.node.split('.')[0]) < 20) {
  process.stderr.write(`varde: Node 20 or newer is needed to begin; this is ${process.version}.\n`)
  process.exit(1)
}
installPackages()
if (args[0] === 'start') buildWeb()

const main = join(root, 'apps', 'varde', 'src', 'main.ts')
const child = spawn(pinnedNode, ['--disable-warning=ExperimentalWarning', main, ...args], {
  stdio: 'inherit',
  env: programEnvironment,
  cwd: process.env.INIT_CWD ?? process.cwd(),
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)))
