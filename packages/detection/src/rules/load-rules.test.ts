// A folder of rules: what is read, what is refused, and what need not be compiled again.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadRules } from './load-rules.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'varde-rules-'))
  await mkdir(join(folder, 'lists'))
  await mkdir(join(folder, 'area'))
  await writeFile(join(folder, 'lists/people.yaml'), "name: people\ndescription: x\nversion: '1'\nvalues: [bob]\n")
})
afterEach(() => rm(folder, { recursive: true }))

const rule = (id: string, when: string): string => `id: ${id}\nname: ${id}\nseverity: low\nmatch: { when: '${when}' }\n`
const write = (file: string, text: string): Promise<void> => writeFile(join(folder, file), text)

test('rules in the order of their paths, lists beside them, the template left out', async () => {
  await write('area/two.yaml', rule('two', '$inList("people", user.name)'))
  await write('area/one.yml', rule('one', 'a = 1'))
  await write('TEMPLATE.yaml', 'not: a rule')
  await write('area/notes.md', 'none')
  const { rules, errors } = await loadRules(folder)
  expect([rules.map((one) => [one.id, one.file]), errors]).toEqual([
    [
      ['one', 'area/one.yml'],
      ['two', 'area/two.yaml'],
    ],
    [],
  ])
})

test('a bad rule, a taken id and a bad list are errors of their files; the rest runs', async () => {
  await write('area/a.yaml', rule('same', 'a = 1'))
  await write('area/b.yaml', rule('same', 'b = 1'))
  await write('area/c.yaml', 'id: c')
  await write('lists/bad.yaml', 'name: Bad')
  const { rules, errors } = await loadRules(folder)
  expect(rules.map((one) => one.file)).toEqual(['area/a.yaml'])
  expect([...new Set(errors.map((error) => error.file))].map((file) => file.replace(folder, '')).sort()).toEqual([
    '/lists/bad.yaml',
    'area/b.yaml',
    'area/c.yaml',
  ])
})

test('what has not changed is taken as it is; a changed list compiles its rules again', async () => {
  await write('area/one.yaml', rule('one', 'a = 1'))
  await write('area/two.yaml', rule('two', '$inList("people", user.name)'))
  const first = await loadRules(folder)
  await write('area/one.yaml', rule('one', 'a = 2'))
  const second = await loadRules(folder, { known: first.rules })
  expect(second.rules.map((one, position) => one === first.rules[position])).toEqual([false, true])
  await write('lists/people.yaml', "name: people\ndescription: x\nversion: '2'\nvalues: [eve]\n")
  const third = await loadRules(folder, { known: second.rules })
  expect(
    third.rules.map((one, position) => [one === second.rules[position], one.digest === second.rules[position]?.digest]),
  ).toEqual([
    [false, true],
    [false, false],
  ])
})
