// Stage 1: which hits an event gives, with which keys; exceptions and missing keys are counted.
import { describe, expect, test } from 'vitest'
import { eventAt, ruleOf } from '../correlate/run-cases.ts'
import { contentDigest, hitsOf, matcherOf } from './hit.ts'
import { createRuleSet, type RuleSet } from './rule-set.ts'

const threshold =
  'threshold: { when: event.code = "1", group: [source.ip], count: { distinct: user.name, atLeast: 3, within: 1m } }'
const event = eventAt(0, { 'event.code': '1', 'source.ip': '192.0.2.1', 'user.name': 'bob', 'host.name': 'web' })

describe('match', () => {
  test('a hit carries the group, what is counted, and what every alert gathers', async () => {
    const [hit] = await createRuleSet([ruleOf(threshold)]).match(event)
    expect(hit).toMatchObject({ step: '', group: '["192.0.2.1"]', fields: { 'user.name': 'bob', 'host.name': 'web' } })
    expect(hit?.fields).not.toHaveProperty('source.ip')
  })

  test('what a title or having reads is carried too, in a sequence by step', async () => {
    const rule =
      ruleOf(`sequence: { group: [user.name], within: 1m, steps: [{ name: a, when: event.code = "1" }, { name: b, when: event.code = "1" }] }
having: a.source.port > 3
title: '"x" & b[0].process.name & event.action & count'`)
    const full = { ...event, process: { name: 'p' }, source: { ip: '192.0.2.1', port: 4 } }
    const hits = await createRuleSet([rule]).match(full)
    expect(hits.map((hit) => [hit.step, hit.fields['source.port'], hit.fields['process.name']])).toEqual([
      ['a', 4, 'p'],
      ['b', 4, 'p'],
    ])
    expect(rule.collect).toContain('event.action')
    expect(rule.collect).not.toContain('count')
  })

  test.each([
    ['an event without the key', { 'event.code': '1', 'user.name': 'bob' }],
    ['an event without what is counted', { 'event.code': '1', 'source.ip': '192.0.2.1' }],
  ])('%s gives no hit, and is counted', async (_name, fields) => {
    const ruleSet = createRuleSet([ruleOf(threshold)])
    expect(await ruleSet.match(eventAt(0, fields))).toEqual([])
    expect(ruleSet.counts().get('case-rule')).toEqual({ hits: 0, excepted: 0, ungrouped: 1, errors: 0 })
  })

  test('an exception eats the hit until its day has ended, by the time of the event', async () => {
    const ruleSet = createRuleSet([
      ruleOf(
        `${threshold}\nexceptions: [{ when: user.name = "bob", owner: anna, reason: scanner, until: 2026-11-23 }]`,
      ),
    ])
    expect(await ruleSet.match(event)).toEqual([])
    expect(await ruleSet.match({ ...event, '@timestamp': '2026-11-24T00:00:00.000Z' })).toHaveLength(1)
    expect(await ruleSet.match({ ...event, user: { name: 'eve' } })).toHaveLength(1)
    expect(ruleSet.counts().get('case-rule')).toMatchObject({ hits: 2, excepted: 1 })
  })

  test('a rule that fails matches nothing, and is counted', async () => {
    const ruleSet = createRuleSet([ruleOf('match: { when: event.code > 3 }')])
    expect(await ruleSet.match(event)).toEqual([])
    expect(ruleSet.counts().get('case-rule')?.errors).toBe(1)
  })

  test('a disabled rule is left out; the digest of the set says so', () => {
    const on = createRuleSet([ruleOf(threshold)])
    const off = createRuleSet([ruleOf(`${threshold}\nenabled: false`)])
    expect(off.rules).toEqual([])
    expect(off.digest).not.toBe(on.digest)
  })

  test('compiled rules answer at once', () => {
    expect(createRuleSet([ruleOf(threshold)]).match(event)).toBeInstanceOf(Array)
  })

  test('a long value in a key is cut and told by its digest', async () => {
    const [hit] = await createRuleSet([ruleOf(threshold)]).match({ ...event, source: { ip: 'x'.repeat(100_000) } })
    expect(hit?.group.length).toBeLessThan(600)
  })
})

describe('hits', () => {
  const stored = {
    id: 'main.0.2.7',
    home: { stream: 'main', generation: 0, partition: 2, offset: 7 },
    tenant: 'house',
    source: 'dc1',
    retention: 'standard',
    arrival: 5_000,
    raw: new Uint8Array(),
    seed: new Uint8Array(16),
    event,
    ingested: 0,
  }

  test('are complete, by the time of the event', async () => {
    const ruleSet = createRuleSet([ruleOf(threshold)])
    const [hit] = await matcherOf(ruleSet).match(stored, { attempt: 'a1' })
    expect(hit).toMatchObject({
      rule: ruleSet.rules[0]?.digest,
      eventId: 'main.0.2.7',
      time: Date.parse(event['@timestamp']),
      content: contentDigest(event),
      partition: 2,
      attempt: 'a1',
      late: false,
      tenant: 'house',
      source: 'dc1',
    })
    expect(hit).not.toHaveProperty('route')
  })

  test('of an event from the future count at its arrival; late ones are marked', async () => {
    const ruleSet = createRuleSet([ruleOf(threshold)])
    const found = await ruleSet.match(event)
    expect(hitsOf({ ...stored, lateness: 'future' }, found, { attempt: 'a' })[0]?.time).toBe(5_000)
    expect(hitsOf({ ...stored, lateness: 'late' }, found, { attempt: 'a' })[0]?.late).toBe(true)
  })

  test('are routed by what suppression leaves of the group', async () => {
    const ruleSet = createRuleSet([
      ruleOf(
        'match: { when: event.code = "1", group: [source.ip, host.name] }\nsuppress: { by: [host.name], for: 1h }',
      ),
    ])
    expect(hitsOf(stored, await ruleSet.match(event), { attempt: 'a' })[0]).toMatchObject({
      group: '["192.0.2.1","web"]',
      route: '["web"]',
    })
  })
})

test('a rule set made from the one before it matches like one made anew, and the one before goes on as it was', async () => {
  const rule = (n: number) =>
    ruleOf(`match: { when: event.code = "${n % 7}" and user.name = "u${n % 5}", group: [host.name] }`)
  const named = (n: number) => ({ ...rule(n), id: `rule-${n}`, digest: String(n).padStart(64, '0') })
  const events = Array.from({ length: 35 }, (_, n) =>
    eventAt(n, { 'event.code': String(n % 7), 'user.name': `u${n % 5}`, 'host.name': 'h' }),
  )
  const found = async (ruleSet: RuleSet) => {
    const all: string[] = []
    for (const [at, event] of events.entries())
      for (const hit of await ruleSet.match(event)) all.push(`${at} ${hit.rule.id}`)
    return all.sort()
  }
  let rules = Array.from({ length: 100 }, (_, n) => named(n))
  let ruleSet = createRuleSet(rules)
  for (let round = 0; round < 12; round++) {
    const before = { ruleSet, found: await found(ruleSet) }
    rules = [...rules.filter((_, n) => n % 9 !== round % 9), ...[0, 1, 2].map((n) => named(1_000 + round * 3 + n))]
    ruleSet = createRuleSet(rules, ruleSet)
    const anew = createRuleSet(rules)
    expect(ruleSet.digest).toBe(anew.digest)
    expect(await found(ruleSet)).toEqual(await found(anew))
    expect(ruleSet.counts().size).toBe(rules.length)
    expect(await found(before.ruleSet)).toEqual(before.found)
  }
})
