// What every store must do, as tests: an adapter is one when it passes. Registers vitest tests; not for production code.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, test } from 'vitest'
import { aggregateTests } from './contract/aggregates.ts'
import { createTests } from './contract/creates.ts'
import { documentTests } from './contract/documents.ts'
import { erasureTests } from './contract/erasures.ts'
import { searchTests } from './contract/searches.ts'
import type { ContractTools } from './contract/tools.ts'
import type { Store } from './port.ts'

export interface StoreContract {
  name: string
  /** An empty store, or after a close the same one again. */
  open(dir: string): Promise<Store>
  /** What this adapter can't do, by the names of tests, each with its reason. */
  skip?: { reason: string; tests: string[] }[]
}

export function storeContract(subject: StoreContract): void {
  const folders: string[] = []
  const open: Store[] = []

  afterEach(async () => {
    for (const store of open.splice(0)) await store.close()
  })
  afterAll(() => {
    for (const dir of folders) rmSync(dir, { recursive: true, force: true })
  })

  const tools: ContractTools = {
    check(name, run) {
      const skipped = subject.skip?.find(({ tests }) => tests.includes(name))
      test.skipIf(skipped !== undefined)(
        skipped === undefined ? name : `${name} (${skipped.reason})`,
        { timeout: 180_000 },
        run,
      )
    },
    async start() {
      const dir = mkdtempSync(join(tmpdir(), 'varde-store-'))
      folders.push(dir)
      const again = async () => {
        const store = await subject.open(dir)
        open.push(store)
        return store
      }
      const store = await again()
      return {
        store,
        async reopen() {
          for (const each of open.splice(0)) await each.close()
          return again()
        },
      }
    },
  }

  describe(`${subject.name}: creating and getting events`, () => createTests(tools))
  describe(`${subject.name}: searching events`, () => searchTests(tools))
  describe(`${subject.name}: counting events`, () => aggregateTests(tools))
  describe(`${subject.name}: erasing events`, () => erasureTests(tools))
  describe(`${subject.name}: documents`, () => documentTests(tools))
}
