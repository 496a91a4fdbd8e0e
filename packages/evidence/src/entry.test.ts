// Sealed streams: what was appended holds, every change is named, and an entry can be withheld without breaking the chain.
import type { JsonObject } from '@varde/schema'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { entryId, type SealedEntry, sealEntry, tipOfEntry, verifyEntries, verifyEntry, withholdEntry } from './entry.ts'
import { type EntryDocuments, openEntryStreams } from './entry-streams.ts'

function stream(count: number, name = '@custody'): SealedEntry[] {
  const entries: SealedEntry[] = []
  for (let n = 0; n < count; n += 1) {
    const previous = entries.at(-1)?.link
    entries.push(
      sealEntry({
        stream: name,
        at: 1_000 + n,
        body: { action: 'viewed', subject: `case-${n % 2}`, by: 'anna', note: `ø ${n}` },
        ...(previous === undefined ? {} : { previous }),
      }),
    )
  }
  return entries
}

const entry = (entries: SealedEntry[], at: number): SealedEntry => {
  const found = entries[at]
  if (found === undefined) throw new Error(`no entry ${at}`)
  return found
}

test('what was appended holds, whole or with bodies withheld', () => {
  const entries = stream(9)
  expect(verifyEntries(entries)).toMatchObject({ ok: true, count: 9, last: { seq: 8 } })
  const shown = entries.map((one, n) => (n % 3 === 0 ? one : withholdEntry(one)))
  expect(verifyEntries(JSON.parse(JSON.stringify(shown)))).toMatchObject({ ok: true, count: 9 })
  expect(tipOfEntry(entry(entries, 8).link)).toMatchObject({ stream: '@custody', seq: 8, hash: entry(entries, 8).hash })
  expect(verifyEntries(entries.slice(4), entry(entries, 3).link)).toMatchObject({ ok: true, count: 5 })
})

describe('every tampering is named', () => {
  const cases: [string, (entries: SealedEntry[]) => SealedEntry[], string, RegExp][] = [
    [
      'another body',
      (e) => e.with(3, { ...entry(e, 3), body: { by: 'mallory' } }),
      '@custody.3',
      /not what was sealed/,
    ],
    ['another time', (e) => e.with(3, { ...entry(e, 3), link: { ...entry(e, 3).link, at: 1 } }), '@custody.3', /hash/],
    [
      'a body without its salt',
      (e) => e.with(2, { ...withholdEntry(entry(e, 2)), body: {} }),
      '@custody.2',
      /together/,
    ],
    ['one left out', (e) => e.toSpliced(4, 1), '@custody.5', /entry 4 is missing/],
    ['two swapped', (e) => e.with(1, entry(e, 2)).with(2, entry(e, 1)), '@custody.2', /entry 1 is missing/],
    ['one twice', (e) => e.toSpliced(4, 0, entry(e, 4)), '@custody.4', /entry 5 is missing/],
    ['the beginning cut off', (e) => e.slice(2), '@custody.2', /before it are missing/],
    ['spliced with another chain', (e) => [...e.slice(0, 4), ...stream(9).slice(4)], '@custody.4', /another entry/],
    ['another stream', (e) => [...e, ...stream(1, '@audit')], '@audit.0', /another stream/],
  ]
  test.each(cases)('%s', (_name, tamper, at, problem) => {
    expect(verifyEntries(tamper(stream(9)))).toEqual({ ok: false, at, problem: expect.stringMatching(problem) })
  })

  test('any flipped character of a stored entry', () => {
    const entries = stream(3)
    const text = JSON.stringify(entry(entries, 1))
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.integer({ min: 1, max: 127 }), (at, by) => {
        const changed = `${text.slice(0, at)}${String.fromCharCode(text.charCodeAt(at) ^ by)}${text.slice(at + 1)}`
        let parsed: SealedEntry
        try {
          parsed = JSON.parse(changed)
          if (JSON.stringify(parsed) === text) return
          expect(verifyEntry(parsed, entry(entries, 0).link).ok).toBe(false)
        } catch (error) {
          // A text that is no entry at all any more is found where it is parsed.
          expect(error).toBeInstanceOf(Error)
        }
      }),
      { numRuns: 300, seed: 8 },
    )
  })
})

/** The part of a store that streams need, in memory. */
function documents(): EntryDocuments & { docs: Map<string, JsonObject> } {
  const docs = new Map<string, JsonObject>()
  const at = (doc: JsonObject, path: string) => path.split('.').reduce<unknown>((value, key) => Object(value)[key], doc)
  const rows = () => [...docs].map(([id, doc]) => ({ id, version: 1, doc }))
  return {
    docs,
    get: async (_collection, id) => rows().find((row) => row.id === id),
    async create(_collection, id, doc) {
      const current = rows().find((row) => row.id === id)
      if (current !== undefined) return { ok: false, current }
      docs.set(id, doc)
      return { ok: true, version: 1 }
    },
    async list(_collection, { where = {}, sort, limit }) {
      const found = rows().filter(({ doc }) =>
        Object.entries(where).every(([path, condition]) => {
          const value = at(doc, path)
          if (typeof condition !== 'object') return value === condition
          return Number(value) >= (condition.gte ?? 0) && Number(value) < (condition.lt ?? Number.POSITIVE_INFINITY)
        }),
      )
      if (sort !== undefined)
        found.sort(
          (a, b) => (Number(at(a.doc, sort.by)) - Number(at(b.doc, sort.by))) * (sort.order === 'asc' ? 1 : -1),
        )
      return { docs: found.slice(0, limit) }
    },
  }
}

test('appends from two owners at once make one chain', async () => {
  const store = documents()
  let now = 5_000
  const clock = { now: () => (now -= 1) }
  const [a, b] = [openEntryStreams({ documents: store, clock }), openEntryStreams({ documents: store, clock })]
  await Promise.all(
    Array.from({ length: 40 }, (_, n) => (n % 2 ? a : b).append('@audit', { action: 'x', subject: `s${n % 4}` })),
  )
  await a.append('@custody', { action: 'y' })
  const read = await Array.fromAsync(a.read('@audit'))
  expect(read).toHaveLength(40)
  expect(verifyEntries(read)).toMatchObject({ ok: true, count: 40 })
  expect((await Array.fromAsync(b.read('@audit', { subject: 's1' }))).map(({ body }) => body?.['subject'])).toEqual(
    Array.from({ length: 10 }, () => 's1'),
  )
  expect(await b.names()).toEqual(['@audit', '@custody'])
  expect(entryId((await b.last('@audit'))?.link ?? { stream: '', seq: 0 })).toBe('@audit.39')
  expect(() => a.append('audit', {})).toThrow(/no name of a stream/)
})
