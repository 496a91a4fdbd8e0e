// Every way to change what is stored, and that the verifier names the seal, the record and the half.
import type { DeadLetter, Seal, StoredEvent } from '@varde/schema'
import { eventId } from '@varde/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chain, sealedBatch } from './fixture.ts'
import { hashEvent } from './leaf.ts'
import { type SealFinding, type VerifySources, verifyFolderSeals } from './verify.ts'

function folder() {
  const batches = [sealedBatch(40)]
  for (let next = 0; next < 3; next += 1) batches.push(sealedBatch(25, batches.at(-1)?.seal))
  const seals: Seal[] = structuredClone(batches.map(({ seal }) => seal))
  const events: StoredEvent[] = structuredClone(batches.flatMap((batch) => batch.events))
  const letters: DeadLetter[] = batches.flatMap((batch) =>
    batch.deadLetters.map((letter) => ({ ...structuredClone(letter), id: eventId(letter.home) })),
  )
  return { seals, events, letters }
}

type Folder = ReturnType<typeof folder>

function sourcesOf({ seals, events, letters }: Folder): VerifySources {
  return {
    seals: (async function* () {
      yield* seals
    })(),
    async *events(_chain, from, to) {
      yield events.filter(({ home }) => home.offset >= from && home.offset < to)
    },
    deadLetters: async (_chain, offsets) => letters.filter(({ home }) => offsets.includes(home.offset)),
  }
}

async function findings(given: Folder): Promise<SealFinding[]> {
  const found: SealFinding[] = []
  for await (const step of verifyFolderSeals(sourcesOf(given))) if (step.kind === 'finding') found.push(step.finding)
  return found
}

test('what was not touched holds', async () => {
  expect(await findings(folder())).toEqual([])
})

function flip(bytes: Uint8Array, at: number): Uint8Array {
  const changed = Uint8Array.from(bytes)
  changed[at % changed.length] = (changed[at % changed.length] ?? 0) ^ 1
  return changed
}

/** Each way to tamper, and the item that must be named. */
const tamperings: { name: string; at: (given: Folder, pick: number) => string }[] = [
  {
    name: 'a byte of a raw record',
    at({ events }, pick) {
      const event = events[pick % events.length]
      if (event === undefined) return ''
      event.raw = flip(event.raw, pick)
      return event.id
    },
  },
  {
    name: 'a field of an event',
    at({ events }, pick) {
      const event = events[pick % events.length]
      if (event === undefined) return ''
      event.event['user'] = { name: 'somebody else' }
      return event.id
    },
  },
  {
    name: 'an arrival',
    at({ events }, pick) {
      const event = events[pick % events.length]
      if (event === undefined) return ''
      event.arrival += 1
      return event.id
    },
  },
  {
    name: 'a seed',
    at({ events }, pick) {
      const event = events[pick % events.length]
      if (event === undefined) return ''
      event.seed = flip(event.seed, pick)
      return event.id
    },
  },
  {
    name: 'a tenant',
    at({ events }, pick) {
      const event = events[pick % events.length]
      if (event === undefined) return ''
      event.tenant = 'somebody'
      return event.id
    },
  },
  {
    name: 'an event that is gone',
    at({ events }, pick) {
      const [event] = events.splice(pick % events.length, 1)
      return event?.id ?? ''
    },
  },
  {
    name: 'a dead letter',
    at({ letters }, pick) {
      const letter = letters[pick % letters.length]
      if (letter === undefined) return ''
      letter.detail = 'nothing was wrong'
      return letter.id
    },
  },
]

test.each(tamperings)('$name is found and named', async ({ at }) => {
  await fc.assert(
    fc.asyncProperty(fc.nat(10_000), async (pick) => {
      const given = folder()
      const id = at(given, pick)
      const found = await findings(given)
      expect(found.map((finding) => finding.at)).toContain(id)
      expect(found).toHaveLength(1)
    }),
    { numRuns: 40, seed: 20261123 },
  )
})

test('any changed member of any seal is found, also of the last', async () => {
  const numbers = ['from', 'to', 'count', 'seq', 'watermark', 'sealedAt', 'generation', 'partition'] as const
  const texts = ['root', 'previous', 'ruleSet', 'attempt', 'lastRecord', 'stream', 'hints', 'hash'] as const
  for (const name of [...numbers, ...texts]) {
    for (const at of [0, 1, 2, 3]) {
      const given = folder()
      const seal = given.seals[at]
      if (seal === undefined) throw new Error('no such seal')
      if (name === 'hints') seal.hints = `AAAA${seal.hints.slice(4)}`
      else if (name === 'stream') seal.stream = 'other'
      else if (name === 'attempt') seal.attempt = 'attempt-2'
      else if (name === 'root' || name === 'previous' || name === 'ruleSet' || name === 'lastRecord' || name === 'hash')
        seal[name] = `${seal[name].startsWith('a') ? 'b' : 'a'}${seal[name].slice(1)}`
      else seal[name] += 1
      expect({ name, at, found: (await findings(given)).length > 0 }).toEqual({ name, at, found: true })
    }
  }
})

test('an erased event is held against its sealed order; without one, or with another leaf, it is missing', async () => {
  const given = folder()
  const [gone] = given.events.splice(3, 1)
  if (gone === undefined) throw new Error('there are many')
  const order = new Map([[gone.home.offset, hashEvent(gone).leaf]])
  const found = async (erased: Map<number, string>) => {
    const findings: SealFinding[] = []
    for await (const step of verifyFolderSeals({ ...sourcesOf(given), erased: async () => erased }))
      if (step.kind === 'finding') findings.push(step.finding)
    return findings
  }
  expect(await found(order)).toEqual([])
  expect(await found(new Map())).toMatchObject([{ at: gone.id, problem: 'a sealed record is missing' }])
  expect(await found(new Map([[gone.home.offset, '0'.repeat(64)]]))).toMatchObject([{ at: gone.id }])
})

test('a missing seal, and two in the wrong order', async () => {
  const missing = folder()
  missing.seals.splice(1, 1)
  expect((await findings(missing))[0]).toMatchObject({
    seal: `${chain.stream}.0.${chain.partition}.2`,
    problem: expect.stringContaining('seal 1 is missing'),
  })
  const swapped = folder()
  const [a, b, c, d] = swapped.seals
  if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error('four seals')
  swapped.seals = [a, c, b, d]
  expect((await findings(swapped)).length).toBeGreaterThan(0)
})
