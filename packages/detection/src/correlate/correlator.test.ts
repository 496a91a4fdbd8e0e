// Each type of rule: what it finds, and the near miss.
import { describe, expect, test } from 'vitest'
import { createLists } from '../rules/lists.ts'
import { createRuleSet } from '../rules/rule-set.ts'
import type { DetectedAlert } from './alert.ts'
import { createCorrelator } from './correlator.ts'
import { applyWrites, eventAt, hitsFor, markerAt, ruleOf, runRule, start } from './run-cases.ts'

const many = (count: number, everySeconds: number, fields: (n: number) => Record<string, string | number>, from = 0) =>
  Array.from({ length: count }, (_, n) => eventAt(from + n * everySeconds, fields(n)))

const failure = (n: number) => ({ 'event.code': '4625', 'user.name': `user${n}`, 'source.ip': '192.0.2.9' })
const spray =
  'threshold: { when: event.code = "4625", group: [source.ip], count: { distinct: user.name, atLeast: 5, within: 10m } }'
const brute = 'threshold: { when: event.code = "4625", group: [source.ip], count: { atLeast: 5, within: 60s } }'
const sequence =
  'sequence: { group: [user.name], within: 30m, steps: [{ name: fail, when: event.outcome = "failure", atLeast: 3 }, { name: ok, when: event.outcome = "success" }] }'
const login = (outcome: string, ip: string) => ({ 'event.outcome': outcome, 'user.name': 'anna', 'source.ip': ip })

interface Case {
  name: string
  rule: string
  events: ReturnType<typeof eventAt>[]
  until?: number
  alerts: { group?: Record<string, unknown>; members?: number; from?: number; to?: number; anchor?: number }[]
}

const cases: Case[] = [
  {
    name: 'match: each content is an alert',
    rule: 'match: { when: event.code = "1102" }',
    events: many(2, 1, () => ({ 'event.code': '1102' })),
    alerts: [{ members: 1 }, { members: 1 }],
  },
  {
    name: 'match: another code',
    rule: 'match: { when: event.code = "1102" }',
    events: many(2, 1, () => ({ 'event.code': '1103' })),
    alerts: [],
  },
  {
    name: 'threshold: five users',
    rule: spray,
    events: many(5, 120, failure),
    alerts: [{ group: { 'source.ip': '192.0.2.9' }, members: 5, from: 0, to: 480, anchor: 480 }],
  },
  {
    name: 'threshold: four users, however often',
    rule: spray,
    events: many(40, 10, (n) => failure(n % 4)),
    alerts: [],
  },
  {
    name: 'threshold: the fifth exactly at the end of the window',
    rule: brute,
    events: many(5, 15, () => failure(1)),
    alerts: [{ members: 5 }],
  },
  {
    name: 'threshold: the fifth a millisecond too late',
    rule: brute,
    events: [...many(4, 15, () => failure(1)), eventAt(60.001, failure(1))],
    alerts: [],
  },
  {
    name: 'threshold: events without the key do not count',
    rule: brute,
    events: many(9, 1, () => ({ 'event.code': '4625' })),
    alerts: [],
  },
  {
    name: 'threshold: one alert for as long as it goes on',
    rule: brute,
    events: many(30, 10, () => failure(1)),
    alerts: [{ members: 30, from: 0, to: 290, anchor: 40 }],
  },
  {
    name: 'threshold: a new alert after a window of rest',
    rule: brute,
    events: [...many(5, 1, () => failure(1)), ...many(5, 1, () => failure(1), 200)],
    alerts: [{ members: 5 }, { members: 5 }],
  },
  {
    name: 'threshold: having',
    rule: `${brute}\nhaving: $count(user.name) = 1`,
    events: many(5, 1, failure),
    alerts: [],
  },
  {
    name: 'sequence: three failures, then success',
    rule: sequence,
    events: [...many(3, 10, () => login('failure', '192.0.2.9')), eventAt(60, login('success', '192.0.2.9'))],
    alerts: [{ members: 4, anchor: 60 }],
  },
  {
    name: 'sequence: two failures are too few',
    rule: sequence,
    events: [...many(2, 10, () => login('failure', '192.0.2.9')), eventAt(60, login('success', '192.0.2.9'))],
    alerts: [],
  },
  {
    name: 'sequence: success first',
    rule: sequence,
    events: [eventAt(0, login('success', '192.0.2.9')), ...many(3, 10, () => login('failure', '192.0.2.9'), 1)],
    alerts: [],
  },
  {
    name: 'sequence: too long',
    rule: sequence,
    events: [...many(3, 10, () => login('failure', '192.0.2.9')), eventAt(1801, login('success', '192.0.2.9'))],
    alerts: [],
  },
  {
    name: 'sequence: having over the steps',
    rule: `${sequence}\nhaving: ok[0].source.ip in fail.source.ip`,
    events: [
      ...many(3, 10, () => login('failure', '192.0.2.9')),
      eventAt(60, login('success', '192.0.2.10')),
      eventAt(90, login('success', '192.0.2.9')),
    ],
    alerts: [],
  },
  {
    name: 'first seen: a new country of a user that is known',
    rule: 'firstSeen: { when: event.code = "login", group: [user.name], value: country, learn: 10d }',
    events: [
      eventAt(0, { 'event.code': 'login', 'user.name': 'anna', country: 'DK' }),
      eventAt(11 * 86_400, { 'event.code': 'login', 'user.name': 'anna', country: 'RU' }),
      eventAt(11 * 86_400 + 9, { 'event.code': 'login', 'user.name': 'anna', country: 'RU' }),
    ],
    alerts: [{ members: 1, anchor: 11 * 86_400 }],
  },
  {
    name: 'first seen: still learning',
    rule: 'firstSeen: { when: event.code = "login", group: [user.name], value: country, learn: 10d }',
    events: [
      eventAt(0, { 'event.code': 'login', 'user.name': 'anna', country: 'DK' }),
      eventAt(9 * 86_400, { 'event.code': 'login', 'user.name': 'anna', country: 'RU' }),
    ],
    alerts: [],
  },
  {
    name: 'absence: no second backup',
    rule: 'absence: { expect: event.action = "backup", group: [host.name], every: 26h }',
    events: [eventAt(0, { 'event.action': 'backup', 'host.name': 'web' })],
    until: 26 * 3600 + 1,
    alerts: [{ members: 1, anchor: 0, to: 26 * 3600 }],
  },
  {
    name: 'absence: the watermark has not passed',
    rule: 'absence: { expect: event.action = "backup", group: [host.name], every: 26h }',
    events: [eventAt(0, { 'event.action': 'backup', 'host.name': 'web' })],
    until: 26 * 3600,
    alerts: [],
  },
  {
    name: 'absence: answered',
    rule: 'absence: { after: event.code = "1116", expect: event.code = "1117", group: [host.name], within: 10m }',
    events: [
      eventAt(0, { 'event.code': '1116', 'host.name': 'web' }),
      eventAt(600, { 'event.code': '1117', 'host.name': 'web' }),
    ],
    until: 7200,
    alerts: [],
  },
  {
    name: 'absence: not answered in time',
    rule: 'absence: { after: event.code = "1116", expect: event.code = "1117", group: [host.name], within: 10m }',
    events: [
      eventAt(0, { 'event.code': '1116', 'host.name': 'web' }),
      eventAt(601, { 'event.code': '1117', 'host.name': 'web' }),
    ],
    until: 7200,
    alerts: [{ members: 1 }],
  },
  {
    name: 'ratio: far above the last days',
    rule: 'ratio: { when: event.code = "f", group: [host.name], of: { within: 10m }, against: { previous: 2d, factor: 3, atLeast: 5 } }',
    events: [
      ...many(40, 3600, () => ({ 'event.code': 'f', 'host.name': 'web' })),
      ...many(6, 10, () => ({ 'event.code': 'f', 'host.name': 'web' }), 41 * 3600 + 1800),
    ],
    alerts: [{ members: 6 }],
  },
  {
    name: 'ratio: as it used to be',
    rule: 'ratio: { when: event.code = "f", group: [host.name], of: { within: 10m }, against: { previous: 2d, factor: 3, atLeast: 5 } }',
    events: Array.from({ length: 40 }, (_, hour) =>
      many(6, 10, () => ({ 'event.code': 'f', 'host.name': 'web' }), hour * 3600),
    ).flat(),
    alerts: [{ members: 6, anchor: 40 }],
  },
]

describe('one rule over events', () => {
  test.each(cases)('$name', async ({ rule, events, until, alerts }) => {
    const found = await runRule(ruleOf(rule), events, until)
    const told = found.map((alert) => ({
      group: alert.group,
      members: alert.memberCount,
      from: (alert.window.from - start) / 1000,
      to: (alert.window.to - start) / 1000,
      anchor: (alert.anchor.time - start) / 1000,
    }))
    expect(told).toMatchObject(alerts)
    expect(told).toHaveLength(alerts.length)
    expect(found.every((alert) => alert.finality === 'final')).toBe(true)
  })
})

test('a listed key that never reported is missed from the start on', async () => {
  const rule = ruleOf(
    'absence: { expect: event.action = "backup", group: [host.name], every: 26h, keys: { list: systems } }',
    createLists({ systems: ['web', 'db'] }),
  )
  const found = await runRule(rule, [eventAt(3600, { 'event.action': 'backup', 'host.name': 'web' })], 26 * 3600 + 1)
  expect(found.map((alert) => [alert.group, alert.memberCount])).toEqual([[{ 'host.name': 'db' }, 0]])
})

test('suppression lets one alert stand for the next, and counts them', async () => {
  const rule = ruleOf(
    'match: { when: event.code = "1102", group: [host.name] }\nsuppress: { by: [host.name], for: 1h }',
  )
  const events = [0, 10, 3599, 3600, 3700].map((at) => eventAt(at, { 'event.code': '1102', 'host.name': 'web' }))
  const found = await runRule(rule, [...events, eventAt(20, { 'event.code': '1102', 'host.name': 'db' })])
  expect(
    found.map((alert) => [alert.group['host.name'], (alert.anchor.time - start) / 1000, alert.suppressed]),
  ).toEqual([
    ['web', 0, 2],
    ['db', 20, 0],
    ['web', 3600, 1],
  ])
})

test('title and collected values', async () => {
  const rule = ruleOf(
    `${spray}\ntitle: "'Spray from ' & source.ip & ' on ' & distinct & ' accounts, first ' & user.name[0]"`,
  )
  const [alert] = await runRule(rule, many(6, 1, failure))
  expect(alert?.title).toBe('Spray from 192.0.2.9 on 6 accounts, first user0')
  expect(alert?.collected['user.name']).toEqual({
    values: ['user0', 'user1', 'user2', 'user3', 'user4', 'user5'],
    count: 6,
  })
})

describe('attempts and markers', () => {
  test('hits alone raise a provisional alert; the named attempt makes it final', async () => {
    const ruleSet = createRuleSet([ruleOf(brute)])
    const correlator = createCorrelator({ ruleSet, partitions: ['main.0'] })
    for (const [offset, event] of many(5, 1, failure).entries())
      correlator.apply(await hitsFor(ruleSet, event, { offset }))
    const raised = await correlator.advance([])
    expect(raised.map((write) => [write.change, write.change === 'retracted' ? '' : write.alert.finality])).toEqual([
      ['raised', 'provisional'],
    ])
    const final = await correlator.advance([markerAt(start + 60_000)])
    expect(final.map((write) => [write.change, write.change === 'retracted' ? '' : write.alert.finality])).toEqual([
      ['revised', 'final'],
    ])
  })

  test('hits of an attempt that no seal names are undone', async () => {
    const ruleSet = createRuleSet([ruleOf(brute)])
    const correlator = createCorrelator({ ruleSet, partitions: ['main.0'] })
    const alerts = new Map<string, DetectedAlert>()
    const events = many(5, 1, failure)
    for (const [offset, event] of events.slice(0, 4).entries())
      correlator.apply(await hitsFor(ruleSet, event, { offset }))
    for (const event of events.slice(4))
      correlator.apply(await hitsFor(ruleSet, event, { offset: 4, attempt: 'zombie' }))
    applyWrites(alerts, await correlator.advance([]))
    expect(alerts.size).toBe(1)
    applyWrites(alerts, await correlator.advance([markerAt(start + 60_000)]))
    expect(alerts.size).toBe(0)
  })

  test('an event that both attempts found counts once', async () => {
    const ruleSet = createRuleSet([ruleOf(brute)])
    const correlator = createCorrelator({ ruleSet, partitions: ['main.0'] })
    for (const attempt of ['zombie', 'a']) {
      for (const [offset, event] of many(4, 1, failure).entries())
        correlator.apply(await hitsFor(ruleSet, event, { offset, attempt }))
    }
    expect(await correlator.advance([markerAt(start + 60_000)])).toEqual([])
  })

  test('an event out of order revises: the anchor moves, the old alert is taken back', async () => {
    const ruleSet = createRuleSet([ruleOf(brute)])
    const correlator = createCorrelator({ ruleSet, partitions: ['main.0'] })
    const alerts = new Map<string, DetectedAlert>()
    const events = many(6, 1, failure)
    for (const [offset, event] of events.entries())
      if (offset !== 2) correlator.apply(await hitsFor(ruleSet, event, { offset }))
    applyWrites(alerts, await correlator.advance([]))
    expect([...alerts.values()].map((alert) => alert.anchor.time - start)).toEqual([5000])
    for (const event of events.slice(2, 3)) correlator.apply(await hitsFor(ruleSet, event, { offset: 2 }))
    applyWrites(alerts, await correlator.advance([markerAt(start + 60_000)]))
    expect([...alerts.values()].map((alert) => [alert.anchor.time - start, alert.memberCount])).toEqual([[4000, 6]])
  })

  test('a late hit enters no window, and its range is told', async () => {
    const rule = ruleOf(brute)
    const ruleSet = createRuleSet([rule])
    const correlator = createCorrelator({ ruleSet, partitions: ['main.0'] })
    for (const [offset, event] of many(5, 1, failure).entries()) {
      correlator.apply((await hitsFor(ruleSet, event, { offset })).map((hit) => ({ ...hit, late: offset === 3 })))
    }
    expect(await correlator.advance([markerAt(start + 60_000)])).toEqual([])
    expect(correlator.stats().late).toBe(1)
    expect(correlator.takeLateRanges()).toMatchObject([
      { rule: rule.digest, from: start + 3000, to: start + 3000, count: 1 },
    ])
  })

  test('state is gone when its time has passed', async () => {
    const ruleSet = createRuleSet([
      ruleOf(brute),
      ruleOf(sequence.replace('fail', 'bad')),
      ruleOf('match: { when: event.code = "4625" }'),
    ])
    const correlator = createCorrelator({ ruleSet, partitions: ['main.0'] })
    for (const [offset, event] of many(50, 1, failure).entries())
      correlator.apply(await hitsFor(ruleSet, event, { offset }))
    await correlator.advance([markerAt(start + 10_000)])
    await correlator.advance([markerAt(start + 7_200_000)])
    expect(correlator.stats()).toMatchObject({ windows: 0, entries: 0 })
  })
})

test('a hit that comes days late is an alert as soon as its attempt is named', async () => {
  const ruleSet = createRuleSet([ruleOf('match: { when: event.code = "1102", group: [host.name] }')])
  const correlator = createCorrelator({ ruleSet, partitions: ['main.0'] })
  const alerts = new Map<string, DetectedAlert>()
  const days = (n: number) => start + n * 86_400_000
  await correlator.advance([markerAt(days(3))])
  const event = eventAt(0, { 'event.code': '1102', 'host.name': 'dc1' })
  correlator.apply((await hitsFor(ruleSet, event, { offset: 0 })).map((hit) => ({ ...hit, late: true })))
  applyWrites(alerts, await correlator.advance([]))
  applyWrites(alerts, await correlator.advance([markerAt(days(3) + 1)]))
  expect([...alerts.values()].map(({ finality, anchor }) => [finality, anchor.time])).toEqual([['final', start]])
  await correlator.advance([markerAt(days(5))])
  expect(correlator.stats()).toMatchObject({ windows: 0, entries: 0 })
})

test.each([
  ['on time, then late', false],
  ['late, then late again', true],
])('the same content %s is one alert with two members, whatever was settled between', async (_name, firstLate) => {
  const rule = ruleOf('match: { when: event.code = "1102", group: [host.name] }')
  const ruleSet = createRuleSet([rule])
  const correlator = createCorrelator({ ruleSet, partitions: ['main.0'] })
  const alerts = new Map<string, DetectedAlert>()
  const event = eventAt(0, { 'event.code': '1102', 'host.name': 'dc1' })
  for (const [offset, late, seconds] of [
    [0, firstLate, 30],
    [1, true, 50],
  ] as const) {
    correlator.apply((await hitsFor(ruleSet, event, { offset })).map((hit) => ({ ...hit, late })))
    applyWrites(alerts, await correlator.advance([markerAt(start + seconds * 1_000)]))
  }
  expect([...alerts.values()].map(({ finality, memberCount }) => [finality, memberCount])).toEqual([['final', 2]])
  // They are not kept for ever.
  await correlator.advance([markerAt(start + 7_200_000)])
  expect(correlator.stats()).toMatchObject({ windows: 0, entries: 0 })
})

test('over the limit the oldest windows go, counted, and later alerts of the rule say so', async () => {
  const ruleSet = createRuleSet([ruleOf(brute)])
  const correlator = createCorrelator({ ruleSet, partitions: ['main.0'], entriesMax: 20 })
  const alerts = new Map<string, DetectedAlert>()
  for (let n = 0; n < 40; n++)
    correlator.apply(
      await hitsFor(ruleSet, eventAt(n / 10, { ...failure(1), 'source.ip': `192.0.2.${n}` }), { offset: n }),
    )
  expect(correlator.stats().evicted).toBeGreaterThan(0)
  for (let n = 0; n < 5; n++)
    correlator.apply(
      await hitsFor(ruleSet, eventAt(5 + n, { ...failure(1), 'source.ip': '192.0.2.77' }), { offset: 100 + n }),
    )
  applyWrites(alerts, await correlator.advance([markerAt(start + 60_000)]))
  expect([...alerts.values()].map((alert) => alert.incomplete)).toEqual([
    'memory ran out: windows of this rule were let go',
  ])
})

test('rules that are gone go on until every partition works without them; windows of others go on', async () => {
  const lists = createLists({ systems: ['web'] })
  const absence = ruleOf(
    'absence: { expect: event.action = "backup", group: [host.name], every: 1h, keys: { list: systems } }',
    lists,
  )
  const first = createRuleSet([ruleOf(brute), absence])
  const second = createRuleSet([absence])
  const correlator = createCorrelator({ ruleSet: first, partitions: ['main.0', 'main.1'] })
  const alerts = new Map<string, DetectedAlert>()
  const advance = async (partition: number, watermark: number, ruleSet: string, attempt = 'a') =>
    applyWrites(alerts, await correlator.advance([{ ...markerAt(watermark, attempt, partition), ruleSet }]))
  for (const [offset, event] of many(4, 1, failure).entries()) correlator.apply(await hitsFor(first, event, { offset }))
  await advance(0, start, first.digest)
  await advance(1, start, first.digest)
  expect(correlator.setRules(second)).toEqual([])
  await advance(1, start + 1, second.digest)
  // A batch that was matched before the change comes after it, and counts.
  correlator.apply(await hitsFor(first, eventAt(5, failure(9)), { offset: 9, attempt: 'b' }))
  await advance(0, start + 6_000, first.digest, 'b')
  await advance(1, start + 6_000, second.digest)
  expect([...alerts.values()].map((alert) => alert.rule.type)).toEqual(['threshold'])
  await advance(0, start + 7_000, second.digest)
  expect(correlator.switched()).toBe(true)
  expect(correlator.stats().rules).toMatchObject([{ windows: 1 }])
  // The absence was there all the time: its silence counts from the first watermark, not from the last change.
  await advance(0, start + 3_600_000 + 1, second.digest)
  await advance(1, start + 3_600_000 + 1, second.digest)
  expect([...alerts.values()].map((alert) => [alert.rule.type, alert.group])).toContainEqual([
    'absence',
    { 'host.name': 'web' },
  ])
})

test('a new rule begins with its past: what began before is known and not told, what goes on from it is', async () => {
  const rule = ruleOf(
    'firstSeen: { when: event.code = "4625", group: [user.name], value: host.name, learn: 1h, forget: 10h }',
  )
  const empty = createRuleSet([])
  const next = createRuleSet([rule])
  const correlator = createCorrelator({ ruleSet: empty, partitions: ['main.0'] })
  const at = (seconds: number, host: string) =>
    eventAt(seconds, { 'event.code': '4625', 'user.name': 'anna', 'host.name': host })
  await correlator.advance([markerAt(start + 20_000_000)])
  correlator.hold(correlator.setRules(next))
  // One comes while the past is being read.
  correlator.apply(await hitsFor(next, at(20_002, 'new'), { offset: 50 }))
  const past = []
  for (const [offset, event] of [at(0, 'a'), at(100, 'b'), at(9_000, 'c'), at(20_001, 'a')].entries())
    past.push(...(await hitsFor(next, event, { offset, attempt: 'past' })))
  expect(JSON.stringify(correlator.snapshot().rules)).toBe('[]')
  // `c` was new at 9,000 s, long before anybody asked.
  expect(await correlator.warmUp(rule.digest, past)).toEqual([])
  const writes = await correlator.advance([{ ...markerAt(start + 30_000_000), ruleSet: next.digest }])
  expect(writes).toMatchObject([{ change: 'raised', alert: { members: [{ fields: { 'host.name': 'new' } }] } }])
  expect(JSON.stringify(correlator.snapshot().rules)).not.toBe('[]')
})
