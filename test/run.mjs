// npm test [-- PATH…], npm run check, npm run soak, npm run bench: installs what is missing, runs, and counts plainly.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { buildWeb, installPackages, pinnedNode, programEnvironment, root } from '../apps/varde/bin/install.mjs'

installPackages()

const [named, ...rest] = process.argv.slice(2)
const mode = ['check', 'soak', 'bench'].includes(named) ? named : 'test'
/** Paths of test files or folders: those alone, without the checks. */
const only = (mode === 'test' ? [named, ...rest] : rest).filter((path) => path !== undefined)
const results = join(root, 'test', 'results')
mkdirSync(results, { recursive: true })

const tool = (name, file) => join(root, 'node_modules', name, file)
const checks = [
  { name: 'types', args: [tool('typescript', 'bin/tsc'), '--noEmit', '-p', '.'] },
  { name: 'types of the web app', args: [tool('typescript', 'bin/tsc'), '--noEmit', '-p', 'apps/web'] },
  { name: 'format and lint', args: [tool('@biomejs/biome', 'bin/biome'), 'ci', '.'] },
  { name: 'dead code', args: [tool('knip', 'bin/knip.js')] },
]

function run(args, env = {}) {
  return (
    spawnSync(pinnedNode, args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      // Tests start the program itself some hundred times: as its door does.
      env: { ...programEnvironment, ...env },
    }).status === 0
  )
}

/** Each check counts as one test. */
function runChecks() {
  const failed = checks.filter(({ name, args }) => {
    console.log(`\n── ${name}`)
    return !run(args)
  })
  for (const { name } of failed) console.log(`failed: ${name}`)
  return { passed: checks.length - failed.length, failed: failed.length, skipped: 0 }
}

function projectsHere() {
  const projects = ['unit', 'house', 'engines', 'e2e', 'faults', 'browser']
  return projects.filter((name) => ['unit', 'house'].includes(name) || existsSync(join(root, 'test', name)))
}

function runVitest(env) {
  const report = join(results, 'vitest.json')
  rmSync(report, { force: true })
  const projects = projectsHere().flatMap((name) => ['--project', name])
  const ok = run(
    [
      tool('vitest', 'vitest.mjs'),
      'run',
      ...only,
      ...projects,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ],
    env,
  )
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 }
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
    readFileSync(report, 'utf8'),
  )
  const brokenFiles = testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((one) => one.status !== 'failed'),
  ).length
  const skipped = testResults.flatMap((file) =>
    file.assertionResults
      .filter((one) => one.status === 'pending' || one.status === 'skipped')
      .map((one) => one.fullName),
  )
  if (skipped.length > 0) console.log(`\nskipped:\n${skipped.map((name) => `  ${name}`).join('\n')}`)
  const failed = numFailedTests + brokenFiles
  return { passed: numPassedTests, failed: failed === 0 && !ok ? 1 : failed, skipped: numPendingTests + numTodoTests }
}

function add(a, b) {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }
}

if (mode === 'bench') {
  buildWeb()
  process.exit(run([join(root, 'test', 'bench', 'main.ts'), ...rest]) ? 0 : 1)
} else {
  buildWeb()
  let counts = only.length > 0 ? { passed: 0, failed: 0, skipped: 0 } : runChecks()
  if (mode !== 'check') counts = add(counts, runVitest(mode === 'soak' ? { VARDE_SOAK: '1' } : {}))
  console.log(
    `\n${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`,
  )
  process.exit(counts.failed === 0 && counts.passed > 0 ? 0 : 1)
}
