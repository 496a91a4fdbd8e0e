// A process on a small disk whose journal still has room for a document when its index has none. Started by faults.test.ts.
import { statfsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isVardeError } from '@varde/runtime'
import { openEmbeddedStore } from '../open.ts'

const [, , mount = ''] = process.argv
const dir = join(mount, 'store')
const filler = join(mount, 'filler')
await writeFile(filler, Buffer.alloc(14 * 1024 * 1024))
const store = await openEmbeddedStore({ dir })
const { bavail, bsize } = statfsSync(mount)
const outcome = { held: 'waits', later: '', freed: '' }
const documents = () => store.documents.count('state')

// Once in the journal there is not the same room again.
const held = store.documents.create('state', 'held', { text: 'x'.repeat(Math.floor(0.7 * bavail * bsize)) })
held.then(
  () => (outcome.held = 'answered'),
  (error) => (outcome.held = String(error)),
)
while (outcome.later === '') {
  await store.documents.create('state', 'later', {}).catch((error) => {
    outcome.later = isVardeError(error) ? error.code : String(error)
  })
}
const full = { ...outcome, seen: await documents(), findings: await store.check() }
await rm(filler)
outcome.freed = (await held).ok ? 'written' : 'not written'
const seen = await documents()
await store.close()
const again = await openEmbeddedStore({ dir })
const reopened = { documents: await again.documents.count('state'), findings: await again.check() }
await again.close()
process.stdout.write(`${JSON.stringify({ full, freed: outcome.freed, seen, reopened })}\n`)
