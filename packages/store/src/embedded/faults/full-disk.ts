// A process on a disk of a few megabytes: fills it, frees it, and reports what the store did. Started by faults.test.ts.
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { isVardeError } from '@varde/runtime'
import { stored } from '../../contract/sample.ts'
import { openEmbeddedStore } from '../open.ts'

// Which of the files meets the end of the disk first depends on its size and on what is written a round.
const [, , mount = '', eventsText = '50', documentsText = '1'] = process.argv
const [eventsARound, documentsARound] = [Number(eventsText), Number(documentsText)]
const filler = join(mount, 'filler')
await writeFile(filler, Buffer.alloc(6 * 1024 * 1024))
const store = await openEmbeddedStore({ dir: join(mount, 'store'), sealRows: 1_000 })
const everything = { scope: { tenants: 'all' as const }, query: { kind: 'all' as const } }
let acknowledged = 0
let next = 0
let documents = 0
let refused: string | undefined
const written: Promise<void>[] = []

const codeOf = (error: unknown) => (isVardeError(error) ? error.code : String(error))

async function create(): Promise<void> {
  const events = Array.from({ length: eventsARound }, (_, index) =>
    stored({ offset: next + index, raw: `${next} `.repeat(300) }),
  )
  await store.events.create(events)
  next += events.length
  acknowledged += events.length
}

/** Not awaited one by one: a write that is in the journal is answered when the index has room for it. */
async function createDocument(id: string): Promise<void> {
  try {
    if ((await store.documents.create('state', id, { text: 'x'.repeat(200) })).ok) documents += 1
  } catch (error) {
    refused ??= codeOf(error)
  }
}

async function fill(): Promise<string> {
  for (let round = 0; round < 4_000 && refused === undefined; round += 1) {
    try {
      if (eventsARound > 0) await create()
    } catch (error) {
      return codeOf(error)
    }
    for (let n = 0; n < documentsARound; n += 1) written.push(createDocument(`d${round}.${n}`))
    // As long as the index has room: then they are answered before the next round.
    await Promise.race([Promise.all(written.slice(-documentsARound)), pause(50)])
  }
  return refused ?? 'never full'
}

const first = { error: await fill(), acknowledged: acknowledged + documents }
await rm(filler)
let freed = 'never'
for (let attempt = 0; attempt < 60 && freed === 'never'; attempt += 1) {
  try {
    await create()
    freed = (await store.documents.create('state', `f${attempt}`, {})).ok ? 'goes on' : 'not created'
    documents += 1
  } catch {
    await pause(250)
  }
}
await Promise.all(written)
await store.settle()
const counted = await store.events.count(everything)
const findings = await store.check()
await store.close()
const again = await openEmbeddedStore({ dir: join(mount, 'store'), sealRows: 1_000_000 })
const reopened = { events: await again.events.count(everything), documents: await again.documents.count('state') }
await again.close()
process.stdout.write(`${JSON.stringify({ first, freed, counted, acknowledged, documents, findings, reopened })}\n`)
