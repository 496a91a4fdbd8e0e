// Rule files over event files of every shape we take.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Detection, detectFiles } from './detect-files.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'varde-detect-'))
  await writeFile(
    join(folder, 'one.yaml'),
    'id: cleared\nname: Log cleared\nseverity: high\norigin: sigma/abc\nmatch: { when: event.code = "1102", group: [host.name] }\n',
  )
  await writeFile(
    join(folder, 'two.yaml'),
    'id: burst\nname: Burst\nseverity: low\nthreshold: { when: event.code = "4625", group: [user.name], count: { atLeast: 3, within: 1m } }\ntitle: \'user.name & " " & count\'\n',
  )
  await writeFile(join(folder, 'bad.yaml'), 'id: bad\nname: Bad\nseverity: awful\n')
})
afterAll(() => rm(folder, { recursive: true }))

const ecs = (second: number, code: string) =>
  JSON.stringify({
    '@timestamp': new Date(Date.UTC(2026, 10, 23, 10, 0, second)).toISOString(),
    event: { code },
    user: { name: 'bob' },
    host: { name: 'web' },
  })

test('documents, wrapped raw records and lines, plain and packed, in event time', async () => {
  const xml =
    '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="Microsoft-Windows-Eventlog"/><EventID>1102</EventID><TimeCreated SystemTime="2026-11-23T09:00:00.0000000Z"/><Channel>Security</Channel><Computer>dc1</Computer></System></Event>'
  const plain = join(folder, 'events.ndjson')
  const packed = join(folder, 'more.ndjson.gz')
  await writeFile(plain, `${ecs(20, '4625')}\n${ecs(0, '4625')}\n\n{broken\n${ecs(5, '1102')}\n`)
  await writeFile(packed, gzipSync(`${JSON.stringify({ record: 41, raw: xml })}\n${ecs(30, '4625')}\n`))
  const ruleErrors: string[] = []
  const lineErrors: number[] = []
  const found: Detection[] = []
  const run = detectFiles({
    rules: folder,
    files: [plain, packed],
    onRuleError: (error) => ruleErrors.push(error.file),
    onLineError: (_file, line) => lineErrors.push(line),
  })
  for await (const detection of run) found.push(detection)
  expect(found.map(({ rule, origin, file, record, title }) => ({ rule, origin, file, record, title }))).toEqual([
    { rule: 'cleared', origin: 'sigma/abc', file: packed, record: 41, title: 'Log cleared' },
    { rule: 'cleared', origin: 'sigma/abc', file: plain, record: 5, title: 'Log cleared' },
    { rule: 'burst', origin: undefined, file: packed, record: 2, title: 'bob 3' },
  ])
  expect(found[2]?.records).toEqual([
    { file: plain, record: 2 },
    { file: plain, record: 1 },
    { file: packed, record: 2 },
  ])
  expect(ruleErrors).toContain('bad.yaml')
  expect(lineErrors).toEqual([4])
})

test('what a search printed is judged as it was stored', async () => {
  const file = join(folder, 'found.ndjson')
  await writeFile(
    file,
    `${JSON.stringify({ id: 'main.0.0.7', source: 'dc1', event: { ...JSON.parse(ecs(5, '1102')), agent: { type: 'winlogbeat' } }, raw: 'not read' })}\n`,
  )
  const found: Detection[] = []
  for await (const detection of detectFiles({ rules: folder, files: [file] })) found.push(detection)
  expect(found).toMatchObject([{ rule: 'cleared', record: 'main.0.0.7', time: '2026-11-23T10:00:05.000Z' }])
})

test('a folder without a rule that can be used is an error', async () => {
  const empty = await mkdtemp(join(tmpdir(), 'varde-detect-'))
  await expect(detectFiles({ rules: empty, files: [] }).next()).rejects.toMatchObject({ code: 'RULES_EMPTY' })
  await rm(empty, { recursive: true })
})
