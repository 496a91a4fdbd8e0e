// A process on a disk of a few megabytes: fills it, frees it, and reports what the store did. Started by faults.test.ts.
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { isVardeError } from '@varde/runtime'
import { stored } from '../../contract/sample.ts'
import { openEmbeddedStore } from '../open.ts'

const [, , mount = ''] = process.argv
const filler = join(mount, 'filler')
await writeFile(filler, Buffer.alloc(6 * 1024 * 1024))
const store = await openEmbeddedStore({ dir: join(mount, 'store'), sealRows: 1_000 })
const everything = { scope: { tenants: 'all' as const }, query: { kind: 'all' as const } }
let acknowledged = 0
let next = 0
let documents = 0

async function create(): Promise<void> {
  const events = Array.from({ length: 50 }, (_, index) => stored({ offset: next + index, raw: `${next} `.repeat(300) }))
  await store.events.create(events)
  next += events.length
  acknowledged += events.length
}

async function fill(): Promise<string> {
  for (let n = 0; n < 2_000; n += 1) {
    try {
      await create()
      if ((await store.documents.create('state', `d${next}`, { text: 'x'.repeat(200) })).ok) documents += 1
    } catch (error) {
      return isVardeError(error) ? error.code : String(error)
    }
  }
  return 'never full'
}

const first = { error: await fill(), acknowledged }
await rm(filler)
let freed = 'never'
for (let attempt = 0; attempt < 60 && freed === 'never'; attempt += 1) {
  try {
    await create()
    freed = 'goes on'
  } catch {
    await pause(250)
  }
}
await store.settle()
const counted = await store.events.count(everything)
const findings = await store.check()
await store.close()
const again = await openEmbeddedStore({ dir: join(mount, 'store'), sealRows: 1_000_000 })
const reopened = { events: await again.events.count(everything), documents: await again.documents.count('state') }
await again.close()
process.stdout.write(`${JSON.stringify({ first, freed, counted, acknowledged, documents, findings, reopened })}\n`)
