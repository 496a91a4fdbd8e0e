// Random tamperings of bundles: each is found and named; a second verifier in another language and the bundle's own page are of the same mind.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { memorySource, sampleBundle, sampleHouse } from './sample-bundle.ts'
import { numbersFrom, tamper } from './tamper.ts'
import { verifierPage } from './verifier-page.ts'
import { verifyBundle } from './verify.ts'

const count = Number(process.env['VARDE_TAMPERINGS'] ?? (process.env['VARDE_SOAK'] === undefined ? 300 : 10_000))
const script = join(import.meta.dirname, '..', '..', '..', '..', 'test', 'second-verifier', 'verify_bundle.py')

interface SecondAnswer {
  ok: boolean
  at: string | null
  problem?: string
  unsigned?: string[]
}

/** The Python verifier, asked bundle after bundle. */
function secondVerifier(dir: string): {
  ask(bundle: Buffer, firstKey: string): Promise<SecondAnswer>
  process: ChildProcess
} {
  const child = spawn('python3', [script, '--serve'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const path = join(dir, 'bundle.zip')
  return {
    process: child,
    async ask(bundle, firstKey) {
      writeFileSync(path, bundle)
      child.stdin.write(`${path}\t${firstKey}\n`)
      const line = await answers.next()
      return JSON.parse(String(line.value))
    },
  }
}

test(`of ${count} tamperings every one is found and named, by both verifiers and the page`, {
  timeout: 30_000 + count * 500,
}, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'varde-tamper-'))
  const second = secondVerifier(dir)
  const page = verifierPage()
  try {
    const house = sampleHouse()
    const firstKey = house.first.record.id
    const [bundle, other] = [await sampleBundle(house), await sampleBundle(sampleHouse('another'))]
    expect(await second.ask(bundle, firstKey)).toMatchObject({
      ok: true,
      unsigned: ['main.0.2.4', '@custody.10', '@custody.11'],
    })
    expect(await page(bundle, firstKey)).toBeUndefined()
    const seed = Number(process.env['VARDE_SEED'] ?? 8)
    const pick = numbersFrom(seed)
    for (let n = 0; n < count; n += 1) {
      const { name, path, bytes } = await tamper({ bundle, other, key: house.second }, pick)
      if (bytes.equals(bundle)) continue
      const report = await verifyBundle(memorySource(bytes), { firstKey })
      const answer = await second.ask(bytes, firstKey)
      const third = await page(bytes, firstKey)
      const told = { n, seed, name, ours: report.findings[0], theirs: answer.at }
      expect({ ...told, ok: report.ok, second: answer.ok }).toEqual({ ...told, ok: false, second: false })
      expect(report.findings[0]?.at, name).toMatch(/\S/)
      expect(answer.at, name).toMatch(/\S/)
      expect({ ...told, page: third !== undefined }).toEqual({ ...told, page: true })
      // Without the key, the very file is named.
      if (path !== undefined && !name.includes('signed by the house'))
        expect({
          ...told,
          at: report.findings[0]?.at.split(/[: ]/)[0],
          why: report.findings[0]?.problem,
        }).toMatchObject({ at: path })
    }
  } finally {
    second.process.kill()
    rmSync(dir, { recursive: true, force: true })
  }
})
