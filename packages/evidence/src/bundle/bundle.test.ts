// A bundle holds as it was written, is the same bytes each time, and its tools (sha256sum, unzip, openssl) are of the same mind.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { memorySink, memorySource, sampleBundle, sampleHouse } from './sample-bundle.ts'
import { verifyBundle } from './verify.ts'
import { createBundleWriter } from './write.ts'

const house = sampleHouse()
const firstKey = house.first.record.id

test('a bundle holds, says how far it is proven, and what is not signed yet', async () => {
  const report = await verifyBundle(memorySource(await sampleBundle(house)), { firstKey })
  expect(report.findings).toEqual([])
  expect(report).toMatchObject({
    ok: true,
    manifest: { case: 'case-1', revision: 3, key: house.second.record.id },
    firstKey: { compared: true },
    heads: 2,
    provenUpTo: { head: 2, at: 1_795_565_022_000 },
    unsigned: ['main.0.2.4', '@custody.10', '@custody.11'],
    stamps: [],
  })
  expect(report.records).toBeGreaterThan(60)
  expect(report.withheld).toBeGreaterThan(5)
})

test('the same revision gives the same bytes', async () => {
  expect((await sampleBundle(house)).equals(await sampleBundle(house))).toBe(true)
})

test('another first key than the known one is found', async () => {
  const report = await verifyBundle(memorySource(await sampleBundle(house)), {
    firstKey: sampleHouse('another').first.record.id,
  })
  expect(report.findings[0]).toMatchObject({ at: 'keys.jsonl:1', problem: expect.stringMatching(/known was/) })
})

test('unzip, sha256sum and openssl can check the essentials', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'varde-bundle-'))
  try {
    writeFileSync(join(dir, 'bundle.zip'), await sampleBundle(house))
    const run = (command: string, ...args: string[]) =>
      execFileSync(command, args, { cwd: dir, encoding: 'utf8', stdio: 'pipe' })
    run('python3', '-m', 'zipfile', '-e', 'bundle.zip', '.')
    expect(
      run('sha256sum', '-c', 'SHA256SUMS')
        .trim()
        .split('\n')
        .every((line) => line.endsWith(': OK')),
    ).toBe(true)
    const signed = (data: string, signature: string) =>
      run('openssl', 'pkeyutl', '-verify', '-pubin', '-inkey', 'key.pem', '-rawin', '-in', data, '-sigfile', signature)
    expect(signed('SHA256SUMS', 'SHA256SUMS.sig')).toMatch(/Success/)
    expect(signed('heads/00000002.txt', 'heads/00000002.sig')).toMatch(/Success/)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
})

test.each([
  ['../evil', /can't hold/],
  ['a//b', /can't hold/],
  ['ø.txt', /can't hold/],
  ['0.txt', /stands before/],
  ['b.txt', /stands before/],
])('a file called %s is refused', async (path, problem) => {
  const writer = createBundleWriter(memorySink())
  await writer.add({ path: 'b.txt', content: 'x' })
  await expect(writer.add({ path, content: 'y' })).rejects.toThrow(problem)
})
