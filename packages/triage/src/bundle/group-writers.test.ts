// Threads make the same bytes of a group as this one does.
import { hashEvent, noDigest, proveLeaves, sealBatch, sealHead } from '@varde/evidence'
import { expect, test } from 'vitest'
import { makeChunk } from '../cases/pin-chunk.ts'
import { eventsTo, start } from '../testing/case-fixture.ts'
import { openGroupWriters } from './group-writers.ts'

test('threads and this one write the same', async () => {
  const events = eventsTo(40)
  const made = events.map((event) => hashEvent(event))
  const leaves = made.map(({ leaf }) => leaf)
  const seal = sealHead(
    sealBatch({
      stream: 'main',
      generation: 0,
      partition: 0,
      leaves: made,
      others: [],
      ruleSet: noDigest,
      watermark: start,
      attempt: 'a',
      lastRecord: noDigest,
      sealedAt: start,
      ledger: [],
    }),
  )
  const pinned = [events.slice(3, 20), events.slice(22, 39)].map((part, n) =>
    makeChunk({
      case: 'case-1',
      batch: `pin-${n}`,
      events: part,
      leaves: part.map(({ home }) => leaves[home.offset] ?? ''),
      seal,
      hashes: proveLeaves(
        leaves,
        part.map(({ home }) => home.offset),
      ),
      pinnedAt: start,
    }),
  )
  const group = { seal, chunks: pinned.map(({ chunk }) => chunk) }
  const packed = pinned.map(({ copies }) => copies)
  const [withdrawn = ''] = events.slice(7, 8).map(({ id }) => id)
  const mark = { eventId: withdrawn, at: start, by: 'anna', withdrawn: { reason: 'not ours' } }
  const context = { marks: new Map([[withdrawn, mark]]), alerts: new Map() }
  const options = { of: { id: 'case-1', zone: 'Europe/Copenhagen' }, context }
  const writtenBy = async (count: number) => {
    const writers = await openGroupWriters(count, options)
    try {
      return await Promise.all([writers.write(group, packed), writers.write(group, packed)])
    } finally {
      await writers.close()
    }
  }
  const [here] = await writtenBy(events.length)
  expect(here).toMatchObject({ records: 34, withheld: 1 })
  for (const there of await writtenBy(1_000_000)) expect(there).toEqual(here)
})
