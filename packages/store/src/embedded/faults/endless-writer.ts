// A process that creates events and documents until it is killed, and says what was acknowledged. Started by faults.test.ts.
import { stored } from '../../contract/sample.ts'
import { openEmbeddedStore } from '../open.ts'

const [, , dir = '', firstText = '0'] = process.argv
const store = await openEmbeddedStore({ dir, sealRows: 400, threads: 1 })
const user = ['anna', 'björn', 'carl']

async function writeEvents(partition: number, rows: number): Promise<void> {
  for (let from = Number(firstText); ; from += rows) {
    const events = Array.from({ length: rows }, (_, index) => {
      const offset = from + index
      return stored({
        offset,
        partition,
        event: { user: { name: user[offset % 3] ?? '' } },
        sender: { producer: `p${partition}`, sequence: offset },
      })
    })
    await store.events.create(events)
    process.stdout.write(`e ${partition} ${from} ${from + rows}\n`)
  }
}

async function writeDocuments(): Promise<void> {
  for (let n = Number(firstText); ; n += 1) {
    const outcome = await store.documents.create('state', `d${n}`, { n })
    if (outcome.ok) process.stdout.write(`d ${n}\n`)
  }
}

await Promise.all([writeEvents(0, 50), writeEvents(1, 3), writeDocuments()])
