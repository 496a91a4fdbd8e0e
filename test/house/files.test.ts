// The house rules that a machine can check: file heads, names, escape hatches, and nothing of this or any machine inside.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const tracked = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  .split('\n')
  .filter((file) => file !== '')
const code = tracked.filter((file) => /\.(ts|tsx|mjs)$/.test(file))
const text = (file: string) => readFileSync(join(root, file), 'utf8')

test('every file begins by saying what it is for', () => {
  const heads = code.filter((file) => !/\.test\.tsx?$/.test(file) && !file.endsWith('.config.ts'))
  expect(heads.filter((file) => !/^(#!.*\n)?(\/\/|\/\*\*?) ?\S/.test(text(file)))).toEqual([])
})

test('no file has a name that could hold anything', () => {
  expect(
    code.filter(
      (file) =>
        /^(utils?|helpers|common|misc|manager|shared|lib)\.[a-z.]+$/.test(basename(file)) &&
        file !== 'packages/detection/src/compile/helpers.ts' &&
        file !== 'packages/api/src/contract/common.ts',
    ),
  ).toEqual([])
})

test('no suppressed checks', () => {
  const hatch = new RegExp(
    ['@ts-', 'biome-', 'eslint-'].map((start) => `${start}(ignore|expect-error|nocheck|disable)`).join('|'),
  )
  expect(code.filter((file) => hatch.test(text(file)))).toEqual([])
})

test('nothing stays focused or skipped without a reason', () => {
  const tests = tracked.filter((file) => file.endsWith('.test.ts'))
  expect(
    tests.filter((file) => /\b(test|describe|it)\.(only|todo)\b|\b(test|describe)\.skip\(/.test(text(file))),
  ).toEqual([])
})

test('no absolute path of a machine and no registry address', () => {
  const words = tracked.filter(
    (file) =>
      !/\.(png|mmdb|gz|zst|evtx|gen\.ts)$/.test(file) &&
      file !== 'test/house/files.test.ts' &&
      !file.includes('/fixtures/'),
  )
  const wrong = words.filter((file) => /\/work\/|\/root\/|registry\.npmjs\.org|\/home\/[a-z]+\//.test(text(file)))
  expect(wrong).toEqual([])
})

test('a decision has a number of its own', () => {
  const numbers = tracked.filter((file) => file.startsWith('docs/decisions/')).map((file) => basename(file).slice(0, 4))
  expect(numbers.filter((number, index) => numbers.indexOf(number) !== index)).toEqual([])
})

test('nothing under a licence that does not let it in', () => {
  const wrong = tracked.filter(
    (file) =>
      /\.(ts|ya?ml|json|ndjson|log)$/.test(file) &&
      file !== 'test/house/files.test.ts' &&
      /Elastic License|Elastic-2\.0/.test(text(file)),
  )
  expect(wrong).toEqual([])
})
