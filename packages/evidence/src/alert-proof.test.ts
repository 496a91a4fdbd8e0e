// An alert that proves itself: what holds, how far it is signed, and that any change of any value is found.
import type { Json, JsonObject } from '@varde/schema'
import { describe, expect, test } from 'vitest'
import { type AlertProof, alertsStream, decidedDigest, decidedPart, valueAt, verifyAlertProof } from './alert-proof.ts'
import { digestOf } from './digest.ts'
import { sealEntry, tipOfEntry } from './entry.ts'
import { sealedBatch } from './fixture.ts'
import { signatureProof, signedPlace, signHead, tipOf } from './head.ts'
import { createKey } from './key.ts'
import { contentDigest } from './leaf.ts'
import { provable } from './proof.ts'
import { sealHead } from './seal.ts'

const key = createKey(1_000)

function proofFile(): AlertProof {
  const batches = [sealedBatch(20)]
  batches.push(sealedBatch(20, batches[0]?.seal))
  const [first, second] = batches
  if (first === undefined || second === undefined) throw new Error('two were made')
  const chosen = [first.events[1], first.events[4], second.events[2]].flatMap((event) => event ?? [])
  const alert: JsonObject = {
    id: digestOf('alert'),
    tenant: 'house',
    rule: {
      id: 'r',
      digest: digestOf('rule'),
      name: 'R',
      type: 'threshold',
      file: 'r.yaml',
      severity: 'high',
      attack: [],
    },
    title: 'three failures of user1',
    severity: 'high',
    group: { 'user.name': 'user1' },
    anchor: { content: contentDigest(chosen[2]?.event ?? {}), time: 5 },
    window: { from: 1, to: 5 },
    members: chosen.map(({ id, event }) => ({
      eventId: id,
      time: 1,
      content: contentDigest(event),
      step: 'one',
      fields: {},
    })),
    memberCount: 3,
    collected: {},
    status: 'open',
    history: [],
  }
  const entry = sealEntry({
    stream: alertsStream,
    at: 2_000,
    body: { action: 'final', subject: String(alert['id']), decided: decidedDigest(alert) },
  })
  const entryTip = tipOfEntry(entry.link)
  const head = signHead({ tips: [tipOf(second.seal), entryTip], at: 3_000, key })
  const file: AlertProof = {
    format: 'varde alert',
    version: 1,
    at: 4_000,
    alert: decidedPart(alert),
    rule: { digest: digestOf('rule'), file: 'r.yaml', text: 'id: r', lists: {} },
    members: chosen.map((stored) => {
      const batch = stored.home.offset < first.seal.to ? first : second
      const proof = provable(
        stored,
        batch.seal,
        batch.leaves.map(({ leaf }) => leaf),
      )
      return { event: stored.id, matched: { '$.event.outcome': 'failure' }, proof }
    }),
    signatures: {
      'main.0.2.0': signatureProof(head, first.seal, [sealHead(second.seal)]),
      'main.0.2.1': signatureProof(head, second.seal, []),
    },
    entry,
    entrySignature: { links: [], ...signedPlace(head, entryTip) },
    keys: [key.record],
  }
  return JSON.parse(JSON.stringify(file))
}

test('holds offline, signed, up to its head', () => {
  expect(verifyAlertProof(proofFile(), { firstKey: key.record.id })).toMatchObject({
    ok: true,
    findings: [],
    state: 'signed',
    members: 3,
    provenUpTo: { head: 0, at: 3_000 },
    firstKey: { compared: true },
  })
})

describe('less is said where there is less', () => {
  test.each<[string, (file: AlertProof) => unknown, string]>([
    [
      'no head yet',
      (file) => Object.assign(file, { signatures: {}, keys: [] }) && Reflect.deleteProperty(file, 'entrySignature'),
      'sealed',
    ],
    ['one seal not signed yet', (file) => Reflect.deleteProperty(file.signatures, 'main.0.2.1'), 'sealed'],
    ['no entry yet', (file) => Reflect.deleteProperty(file, 'entry'), 'sealed'],
    [
      'an event not sealed yet',
      (file) =>
        file.members.splice(1, 1, { event: file.members[1]?.event ?? '', matched: {}, missing: 'not sealed yet' }),
      'pending',
    ],
  ])('%s', (_name, change, state) => {
    const file = proofFile()
    change(file)
    expect(verifyAlertProof(file)).toMatchObject({ ok: true, state })
  })
})

describe('is named', () => {
  test.each<[string, (file: AlertProof) => unknown, RegExp]>([
    ['an event left out', (file) => file.members.pop(), /^members/],
    ['a proof left out', (file) => Reflect.deleteProperty(file.members[0] ?? {}, 'proof'), /^members\.0/],
    ['two events exchanged', (file) => file.members.reverse(), /^members\.0/],
    ['a title that the house did not seal', (file) => Object.assign(file.alert, { title: 'nothing' }), /^alert/],
    ['another rule', (file) => Object.assign(file.rule, { digest: digestOf('other') }), /^rule/],
    [
      'a head that was signed since the key was stolen',
      (file) => file.keys.push(createKey(9_000, key, 2_500).record),
      /^signatures/,
    ],
    [
      'a time stamp of nothing',
      (file) => Object.assign(file, { stamps: [{ head: 0, name: 'tsa', response: '' }] }),
      /^stamps\.0/,
    ],
    ['a key that is not the house’s', (file) => Object.assign(file, { keys: [createKey(1_000).record] }), /^keys/],
  ])('%s', (_name, change, at) => {
    const file = proofFile()
    change(file)
    const report = verifyAlertProof(file, { firstKey: key.record.id })
    expect(report.ok).toBe(false)
    expect(report.findings[0]?.at).toMatch(at)
  })
})

test('every value of the file but what is not proven (its time, the rule’s text) is held by something', () => {
  const free = /^(at|rule\.(text|file|lists|engine)|format|version)/
  const missed: string[] = []
  let tried = 0
  const walk = (value: Json, path: string[], file: AlertProof) => {
    if (typeof value === 'object' && value !== null) {
      for (const [name, member] of Object.entries(value)) walk(member, [...path, name], file)
      return
    }
    if (free.test(path.join('.'))) return
    tried += 1
    const copy: JsonObject = structuredClone(JSON.parse(JSON.stringify(file)))
    let at: Json = copy
    for (const name of path.slice(0, -1)) at = Object(at)[name]
    Object(at)[path.at(-1) ?? ''] =
      typeof value === 'number' ? value + 1 : typeof value === 'string' ? `${value}0` : 'x'
    const report = verifyAlertProof(JSON.parse(JSON.stringify(copy)), { firstKey: key.record.id })
    // A seal that no head names any more is not signed, and the report says so.
    if (report.ok && report.state === 'signed') missed.push(path.join('.'))
  }
  const file = proofFile()
  walk(JSON.parse(JSON.stringify(file)), [], file)
  expect(tried).toBeGreaterThan(200)
  expect(missed).toEqual([])
})

test('fields are read as rules read them', () => {
  const event = { user: [{ name: 'a' }, { name: 'b' }], event: { code: '1' } }
  expect(valueAt(event, '$.event.code')).toBe('1')
  expect(valueAt(event, 'user.name')).toEqual(['a', 'b'])
  expect(valueAt(event, 'host.name')).toBeUndefined()
})
