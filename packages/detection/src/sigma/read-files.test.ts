// What is no archive, or unpacks to more than any archive of rules, is refused.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { limits } from '@varde/runtime'
import { afterAll, expect, test } from 'vitest'
import { readSigmaFiles } from './read-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'varde-sigma-files-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each([
  ['no gzip', Buffer.from('rules')],
  ['a bomb', gzipSync(Buffer.alloc(limits.sigmaArchiveBytesMax + 1), { level: 1 })],
])('%s', async (name, bytes) => {
  const path = join(folder, `${name}.tgz`)
  writeFileSync(path, bytes)
  await expect(readSigmaFiles(path)).rejects.toMatchObject({ code: 'SIGMA_ARCHIVE' })
})
