// Makes a fresh clone ready: the pinned packages by pnpm and the web app's build, each once, for any Node ≥ 20.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'

/** Pinned here and not in package.json: there, pnpm would look itself up in the registry at each install. */
const packageManager = 'pnpm@12.21.0'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..')
/** The pinned Node, as npm delivers it. */
export const pinnedNode = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')

/** Of the program, however it is started; what stands in the environment goes before. */
export const programEnvironment = {
  // DuckDB's queries and every fsync share this pool: four threads would let a search hold up an acknowledgement.
  UV_THREADPOOL_SIZE: '16',
  // Types are stripped and scripts compiled once for all later starts: a second of CPU time less each.
  NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'varde-compiled'),
  ...process.env,
}

const say = (text) => process.stderr.write(`varde: ${text}\n`)

function digest(files) {
  const hash = createHash('sha256')
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0')
  return hash.digest('hex')
}

function filesBelow(folder, skip) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => !skip.includes(entry.name))
    .flatMap((entry) =>
      entry.isDirectory() ? filesBelow(`${folder}/${entry.name}`, skip) : [`${folder}/${entry.name}`],
    )
    .sort()
}

function isCurrent(stamp, want) {
  return existsSync(join(root, stamp)) && readFileSync(join(root, stamp), 'utf8') === want
}

function run(command, args, what) {
  // Results go to stdout; what an installer says does not belong there.
  const done = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' })
  if (done.status === 0) return
  say(`${what} failed (${command} ${args.join(' ')}: ${done.error?.message ?? `exit ${done.status}`}).`)
  say('Check that this machine reaches its npm registry, then run the same command again.')
  process.exit(1)
}

/** Installs the packages that the lock file names, unless they are there. */
export function installPackages() {
  const manifests = [
    'package.json',
    'pnpm-workspace.yaml',
    'pnpm-lock.yaml',
    ...['apps', 'packages'].flatMap((folder) =>
      readdirSync(join(root, folder)).map((name) => `${folder}/${name}/package.json`),
    ),
  ]
  const want = digest(manifests.filter((file) => existsSync(join(root, file))))
  const stamp = 'node_modules/.varde-installed'
  if (isCurrent(stamp, want) && existsSync(pinnedNode)) return
  say('installing packages (once, about half a minute) …')
  run(
    process.platform === 'win32' ? 'npx.cmd' : 'npx',
    ['--yes', packageManager, 'install', '--frozen-lockfile'],
    'Installing packages',
  )
  writeFileSync(join(root, stamp), want)
}

/** The small files once and for all, so that no request pays for it: a `.br` and a `.gz` beside each text. */
function compress(files) {
  for (const file of files.filter((name) => /\.(js|css|html|svg|json)$/.test(name))) {
    const bytes = readFileSync(join(root, file))
    writeFileSync(join(root, `${file}.br`), brotliCompressSync(bytes))
    writeFileSync(join(root, `${file}.gz`), gzipSync(bytes, { level: 9 }))
  }
}

/** Builds the web app, unless the build is of these very sources. */
export function buildWeb() {
  const sources = [
    ...filesBelow('apps/web', ['node_modules', 'dist']),
    ...filesBelow('packages/schema/src', []),
    ...filesBelow('packages/api/src/contract', []),
    'pnpm-lock.yaml',
  ]
  const want = digest(sources)
  const stamp = 'apps/web/dist/.built-from'
  if (isCurrent(stamp, want)) return
  say('building the web app (once) …')
  rmSync(join(root, 'apps/web/dist'), { recursive: true, force: true })
  run(
    pinnedNode,
    [join(root, 'apps/web/node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn', 'apps/web'],
    'Building the web app',
  )
  mkdirSync(join(root, 'apps/web/dist'), { recursive: true })
  compress(filesBelow('apps/web/dist', []))
  writeFileSync(join(root, stamp), want)
}
