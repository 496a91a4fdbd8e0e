// Snapshots in pieces: what is read is what was written, small or large, and what an older Varde wrote.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { collections } from '@varde/store'
import { openEmbeddedStore } from '@varde/store/embedded'
import { expect, test } from 'vitest'
import { compact, entriesOfCompact, isCompactable, restored } from './compact.ts'
import type { CorrelatorSnapshot } from './correlator.ts'
import type { Entry } from './entry.ts'
import { dropPieces, piecesOf, readSnapshot, snapshotOf, writeSnapshot } from './snapshot-pieces.ts'

const snapshot: CorrelatorSnapshot = {
  version: 2,
  watermarks: [['main.0', 5]],
  begun: true,
  rules: [
    ['a'.repeat(64), Array.from({ length: 500 }, (_, n) => ({ key: `k${n}`, text: 'x'.repeat(50) }))],
    ['b'.repeat(64), []],
    ['c'.repeat(64), [{ key: 'only' }]],
  ],
  emission: { some: ['thing'] },
}

test('pieces put together are the snapshot, whatever their size', () => {
  for (const charsMax of [10, 1_000, 1_000_000]) {
    const pieces = [...piecesOf(snapshot, charsMax)]
    expect(snapshotOf(pieces)).toEqual(snapshot)
    expect(pieces.length).toBe(charsMax === 10 ? 502 : charsMax === 1_000 ? 38 : 3)
  }
  expect(snapshotOf([])).toBeUndefined()
})

test('in a store: one text or a set of pieces; a set without one of its pieces is none', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'varde-snapshot-'))
  const store = await openEmbeddedStore({ dir })
  try {
    const { documents } = store
    const small = await writeSnapshot(documents, { partition: 0, set: '1.0' }, snapshot)
    expect(small).toHaveProperty('snapshot')
    expect(await readSnapshot(documents, 0, small)).toEqual(snapshot)
    // What was begun by somebody who died is written over.
    await writeSnapshot(documents, { partition: 0, set: '1.1', charsMax: 500 }, { ...snapshot, emission: 'other' })
    const large = await writeSnapshot(documents, { partition: 0, set: '1.1', charsMax: 1_000 }, snapshot)
    expect(large).toEqual({ pieces: { set: '1.1', count: 38 } })
    expect(await readSnapshot(documents, 0, large)).toEqual(snapshot)
    expect(await readSnapshot(documents, 1, large)).toBeUndefined()
    await dropPieces(documents, 0, '1.1')
    expect(await readSnapshot(documents, 0, large)).toBeUndefined()
    expect(await documents.count(collections.state.name)).toBe(0)
    // The first format: the snapshot as the text itself.
    const first = { ...snapshot, version: 1 as const }
    expect(await readSnapshot(documents, 0, { snapshot: JSON.stringify(first) })).toEqual(first)
    expect(await readSnapshot(documents, 0, {})).toBeUndefined()
  } finally {
    await store.close()
    rmSync(dir, { recursive: true, force: true })
  }
})

test('a window at rest is the window', () => {
  const entry = (n: number, over: Partial<Entry> = {}): Entry => ({
    time: 1_000 + n,
    content: 'abcdef0123456789'.repeat(4),
    eventId: `main.0.0.${n}`,
    step: '',
    fields: { 'user.name': 'Bjørn', list: [1, null] },
    tenant: 'house',
    partition: 'main.0',
    late: false,
    attempts: undefined,
    counted: undefined,
    ...over,
  })
  const of = { tenant: 'house', key: '["x"]' }
  const entries = [entry(1), entry(2, { tenant: 'other', late: true }), entry(3, { content: 'no digest' })]
  for (const incomplete of [undefined, 'too much']) {
    const window = { ...of, entries, settled: 2, base: null, incomplete }
    expect(restored(compact(window), of, null)).toEqual(window)
    expect(entriesOfCompact(compact(window))).toBe(3)
  }
  expect(isCompactable({ entries })).toBe(true)
  expect(isCompactable({ entries: [entry(1, { attempts: ['a'] })] })).toBe(false)
  expect(isCompactable({ entries: Array.from({ length: 9 }, (_, n) => entry(n)) })).toBe(false)
})
