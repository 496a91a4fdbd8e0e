// Signed heads and their keys: what is signed holds, and what is left out, cut back, replaced or changed is found.
import type { Json } from '@varde/schema'
import { describe, expect, test } from 'vitest'
import { sealedBatch } from './fixture.ts'
import {
  headHash,
  type SignedHead,
  signatureProof,
  signHead,
  tipOf,
  verifyHead,
  verifyHeads,
  verifySignatureProof,
} from './head.ts'
import { createKey, type KeyRecord, verifyKeys } from './key.ts'
import { sealHead } from './seal.ts'

const first = createKey(1_000)
const second = createKey(5_000, first)
const keys = [first.record, second.record]

const seals = [sealedBatch(20).seal]
for (let n = 0; n < 4; n += 1) seals.push(sealedBatch(10 + n, seals.at(-1)).seal)
const [a, b, c, d, e] = seals
if (a === undefined || b === undefined || c === undefined || d === undefined || e === undefined)
  throw new Error('five seals were made')

/** Tips of other chains, beside the one of the seals. */
const others = [0, 1, 3].map((partition) => ({ ...tipOf(a), partition }))
const head0 = signHead({ tips: [tipOf(b), ...others], at: 2_000, key: first })
const head1 = signHead({ tips: [tipOf(c), ...others], previous: head0, at: 3_000, key: first })
const head2 = signHead({
  tips: [tipOf(e), ...others, { ...tipOf(a), stream: 'audit' }],
  previous: head1,
  at: 6_000,
  key: second,
})
const heads = [head0, head1, head2]

test('a line of keys and heads holds', () => {
  expect(verifyKeys(keys, first.record.id)).toEqual({ ok: true })
  for (const head of heads) expect(verifyHead(head, keys)).toEqual({ ok: true })
  expect(verifyHeads(heads, keys)).toEqual({ ok: true, last: headHash(head2.head) })
  expect(verifyHeads(heads, keys, headHash(head1.head))).toMatchObject({ ok: true })
  expect(head2.tips.map(({ stream, partition }) => `${stream}.${partition}`)).toEqual([
    'audit.2',
    'main.0',
    'main.1',
    'main.2',
    'main.3',
  ])
})

describe('keys', () => {
  test.each<[string, KeyRecord[], RegExp]>([
    ['another first key than the known one', [createKey(1_000).record], /known was/],
    [
      'a successor that nobody introduced',
      [first.record, { ...createKey(5_000).record, replaces: first.record.id }],
      /signature/,
    ],
    ['one left out', [second.record], /replaces/],
    ['a changed time', [first.record, { ...second.record, from: 4_000 }], /signature/],
    [
      'another public key under the same id',
      [{ ...first.record, publicKey: second.record.publicKey }],
      /digest of its public key/,
    ],
    ['no key at all', [{ ...first.record, publicKey: 'AAAA' }], /digest of its public key/],
  ])('%s', (_name, records, problem) => {
    expect(verifyKeys(records, first.record.id)).toMatchObject({ ok: false, problem: expect.stringMatching(problem) })
  })
})

describe('a revoked key', () => {
  const after = createKey(5_000, first, 3_000)
  const known = [first.record, after.record]

  test('what it signed before holds; what it signed since holds only under a head of another key', () => {
    expect(verifyKeys(known, first.record.id)).toEqual({ ok: true })
    expect(verifyHeads([head0], known)).toMatchObject({ ok: true })
    expect(verifyHeads([head0, head1], known)).toMatchObject({
      ok: false,
      at: 1,
      problem: expect.stringMatching(/revoked/),
    })
    const next = signHead({ tips: head1.tips, previous: head1, at: 6_000, key: after })
    expect(verifyHeads([head0, head1, next], known)).toMatchObject({ ok: true })
  })

  test('a first key revokes none, and none is revoked later than its successor begins', () => {
    expect(verifyKeys([createKey(1_000, undefined, 500).record])).toMatchObject({ ok: false, at: 0 })
    expect(verifyKeys([first.record, createKey(5_000, first, 6_000).record])).toMatchObject({ ok: false, at: 1 })
  })
})

describe('heads', () => {
  const cut = signHead({ tips: [tipOf(b), ...others], previous: head1, at: 6_000, key: second })
  const without = signHead({ tips: [tipOf(e), ...others.slice(1)], previous: head1, at: 6_000, key: second })
  const foreign = signHead({ tips: head0.tips, at: 2_000, key: createKey(1_000) })
  const late = signHead({ tips: head1.tips, previous: head1, at: 7_000, key: first })
  test.each<[string, SignedHead[], number, RegExp]>([
    ['one missing', [head0, head2], 2, /head 1 is missing/],
    ['a chain cut back', [head0, head1, cut], 2, /main\.0\.2 was cut back/],
    ['a chain that disappeared', [head0, head1, without], 2, /main\.0\.0 has disappeared/],
    ['an unknown key', [foreign], 0, /not among the known/],
    ['a key after it was replaced', [head0, head1, late], 2, /not in use/],
    ['tips that were not signed', [{ ...head0, tips: head1.tips }], 0, /another root/],
    ['a tip twice', [{ ...head0, tips: [...head0.tips.slice(0, 3), ...head0.tips.slice(2, 3)] }], 0, /each once/],
  ])('%s', (_name, given, at, problem) => {
    expect(verifyHeads(given, keys)).toEqual({ ok: false, at, problem: expect.stringMatching(problem) })
  })

  test('a history that was written anew lacks the head kept elsewhere', () => {
    const rewritten = signHead({ tips: [tipOf(a), ...others], at: 2_000, key: first })
    expect(verifyHeads([rewritten], keys, headHash(head0.head))).toMatchObject({
      ok: false,
      problem: expect.stringMatching(/kept elsewhere/),
    })
  })
})

describe('from a seal to the signature', () => {
  const proof = signatureProof(head2, c, [sealHead(d), sealHead(e)])
  const shipped = JSON.parse(JSON.stringify(proof))

  test('as JSON, by the seal or its head; also the tip itself', () => {
    expect(verifySignatureProof(shipped, c, keys)).toEqual({ ok: true })
    expect(verifySignatureProof(shipped, sealHead(c), keys)).toEqual({ ok: true })
    expect(verifySignatureProof(signatureProof(head2, e, []), e, keys)).toEqual({ ok: true })
  })

  test('not for another seal, nor with a link missing', () => {
    expect(verifySignatureProof(shipped, b, keys)).toMatchObject({ ok: false })
    expect(verifySignatureProof({ ...shipped, links: [] }, c, keys)).toMatchObject({ ok: false })
    expect(() => signatureProof(head2, c, [sealHead(d)])).toThrow(/does not end its chain/)
  })

  test('every changed value breaks it', () => {
    let tried = 0
    const walk = (value: Json, path: string[]) => {
      if (typeof value === 'object' && value !== null) {
        for (const [key, member] of Object.entries(value)) walk(member, [...path, key])
        return
      }
      const copy = structuredClone(shipped)
      let at: object = copy
      for (const part of path.slice(0, -1)) at = Reflect.get(at, part)
      Reflect.set(
        at,
        path.at(-1) ?? '',
        typeof value === 'number' ? value + 1 : `${String(value).startsWith('a') ? 'b' : 'a'}${String(value).slice(1)}`,
      )
      tried += 1
      expect(verifySignatureProof(copy, c, keys), path.join('.')).toMatchObject({ ok: false })
    }
    walk(shipped, [])
    expect(tried).toBeGreaterThan(40)
  })
})
