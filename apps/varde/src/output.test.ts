import { readFileSync, writeFileSync } from 'node:fs'
import { VardeError } from '@varde/runtime'
import { expect, test } from 'vitest'
import { openDataFolder } from './data-folder.ts'
import { explain } from './output.ts'

function told(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    return explain(error)
  }
  return 'no error'
}

test.each([
  {
    name: 'a file that is not there',
    run: () => readFileSync('nowhere.log'),
    says: /^there is no nowhere\.log\n {2}→ .*\(ENOENT\)$/s,
  },
  {
    name: 'a folder for a file',
    run: () => writeFileSync(import.meta.dirname, ''),
    says: /^a folder, where a file is wanted: .*\(EISDIR\)$/s,
  },
  {
    name: 'a file for a data folder',
    run: () => openDataFolder(import.meta.filename),
    says: /is a file, not a data folder\n {2}→ .*--data/,
  },
  {
    name: 'one of ours',
    run: () => {
      throw new VardeError('A_CODE', 'what', { hint: 'do this' })
    },
    says: /^what\n {2}→ do this\n {2}\(A_CODE\)$/,
  },
  {
    name: 'what nobody foresaw keeps its stack',
    run: () => {
      throw new TypeError('odd')
    },
    says: /^TypeError: odd\n {4}at /,
  },
])('$name', ({ run, says }) => {
  expect(told(run)).toMatch(says)
})
