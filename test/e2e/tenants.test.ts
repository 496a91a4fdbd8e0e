// A customer's people see nothing of other customers: every endpoint of the contract is asked before and after there is anything of bravo's.
// What alpha is told must hold no word of bravo's, and must not change by it: no value, no name, no count.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EndpointName, endpoints, roles } from '../../packages/api/src/contract.ts'
import { can } from '../../packages/auth/src/roles.ts'
import { type Asked, type Caller, caller, json, lasting, listen, password, recordsOf, rule, signIn } from './tenants.ts'
import { type Server, startServer } from './varde.ts'

const folder = mkdtempSync(join(tmpdir(), 'varde-e2e-tenants-'))
const start = Math.floor(Date.now() / 3_600_000) * 3_600_000
const range = { from: start - 3_600_000, to: start + 7_200_000 }
const hook = createServer((_, response) => response.end('taken'))
let server: Server
let admin: Caller

/** Ids of what one customer has. */
interface Own {
  event: string
  alert: string
  letter: string
  case: string
  export: string
  replay: string
  search: string
  operation: string
}

beforeAll(async () => {
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve))
  const address = hook.address()
  const port = typeof address === 'object' ? address?.port : 0
  mkdirSync(join(folder, 'rules'))
  writeFileSync(join(folder, 'rules', 'beacon.yaml'), rule('bravo-scanner'))
  writeFileSync(
    join(folder, 'varde.yaml'),
    `rules: ${join(folder, 'rules')}
heads: { sign: false }
listeners: []
notify:
  channels: { hook: { kind: webhook, url: 'http://127.0.0.1:${port}/', format: json } }
  routes: [{ severity: low, channels: [hook] }]
`,
  )
  server = await startServer(['--data', join(folder, 'data'), '--config', join(folder, 'varde.yaml')])
  const nobody = caller(server.url, {})
  json(await nobody('setUp', { body: { token: server.setUpToken, name: 'anna', password } }))
  admin = await signIn(server.url, 'anna')
}, 2120_000)
afterAll(async () => {
  await server?.kill('SIGKILL')
  hook.close()
  rmSync(folder, { recursive: true, force: true })
})

async function until(what: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 120_000
  while (!(await what())) {
    if (Date.now() > end) throw new Error(`did not become true in time: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** People of a customer by role; whatever a role may do, one of them may. */
async function peopleOf(tenant: string): Promise<Map<string, Caller>> {
  const found = new Map<string, Caller>()
  for (const role of roles) {
    if (role === 'administrator') continue
    const name = `${tenant}-${role}`
    json(await admin('createUser', { body: { name, role, password, tenants: [tenant] } }))
    found.set(role, await signIn(server.url, name))
  }
  return found
}

function one(people: Map<string, Caller>, role: string): Caller {
  const found = people.get(role)
  if (found === undefined) throw new Error(`there is no ${role}`)
  return found
}

/** Fills the world with a customer's records and what its people make of them, and waits until all of it has come to rest. */
async function fill(tenant: string, count: number, people: Map<string, Caller>): Promise<Own> {
  const investigator = one(people, 'investigator')
  const engineer = one(people, 'engineer')
  const source = `${tenant}-source`
  const key = json(await admin('createKey', { body: { name: tenant, source, tenant } }))
  const sent = await fetch(`${server.url}/api/ingest`, {
    method: 'POST',
    headers: { authorization: `ApiKey ${key.secret}`, 'content-type': 'application/x-ndjson' },
    body: recordsOf(tenant, count, Date.now()),
  })
  expect(sent.status).toBeLessThan(300)
  const alerts = async () => json(await investigator('searchAlerts', { body: { filter: {}, sort: 'time' } })).alerts
  await until(async () => {
    const found: { finality: string }[] = await alerts()
    return found.length === count && found.every(({ finality }) => finality === 'final')
  })
  const letters = async () => json(await engineer('deadLetters')).deadLetters
  await until(async () => (await letters()).length === 1)
  // The ledger of minutes is written beside the events: an unreadable record and what was not understood stand in it.
  await until(async () => {
    const { received, findings } = json(await investigator('completeness', { query: range }))
    return received === count + 1 && findings.length > 0
  })
  const notices = async () => json(await investigator('notifications', { query: { limit: 200 } })).notifications
  await until(async () => {
    const all: { status: string }[] = await notices()
    return all.length === count && all.every(({ status }) => status === 'sent')
  })
  const found = async () =>
    json(await investigator('searchEvents', { body: { query: '', ...range, order: 'oldest' } })).events
  await until(async () => (await found()).length === count)
  const events = await found()
  await until(async () => {
    for (const { id } of [events[0], events.at(-1)])
      if (json(await investigator('event', { params: { id } })).proof.verified !== true) return false
    return true
  })
  const [alert] = (await alerts()).map(({ id }: { id: string }) => id)
  const search = { name: `${tenant} search`, state: `q=${tenant}`, shared: true }
  const saved = json(await investigator('saveSearch', { body: search }))
  const opened = json(await investigator('createCase', { body: { title: `${tenant} case`, alerts: [alert] } }))
  const of = { id: opened.case.id }
  await investigator('changeCase', {
    params: of,
    body: {
      revision: opened.case.revision,
      changes: [{ kind: 'breach', regimes: ['gdpr'] }],
    },
  })
  const made = json(await investigator('createExport', { params: of, body: { why: `${tenant} why`, to: tenant } }))
  await until(async () => json(await investigator('caseExport', { params: { id: made.id } })).state === 'done')
  const replay = json(await engineer('startReplay', { body: { rules: [{ id: 'beacon' }], ...range } }))
  await until(async () => json(await engineer('replay', { params: { id: replay.id } })).state === 'done')
  const note = { target: { ids: [alert] }, change: { note: `${tenant} note` } }
  const updated = json(await investigator('updateAlerts', { body: note }))
  return {
    event: events[0].id,
    alert,
    letter: (await letters())[0].id,
    case: of.id,
    export: made.id,
    replay: replay.id,
    search: saved.id,
    operation: updated.operation,
  }
}

interface Plan {
  /** What alpha asks before and after; the answers must be equal. */
  same?: Asked[]
  /** What alpha asks about its own, where the asking itself changes something or time does. */
  own?: Asked[]
  /** What alpha asks of somebody's: must be refused, or do and tell nothing. */
  foreign?: Asked[]
}

/** Each endpoint of the contract stands here: a new one without a plan does not compile. */
function plan(tenant: string, { event, alert, letter, search, operation, ...own }: Own): Record<EndpointName, Plan> {
  const [all, id] = [{ query: '', ...range }, { params: { id: own.case } }]
  const byId = (of: string): Plan =>
    tenant === 'alpha' ? { same: [{ params: { id: of } }] } : { foreign: [{ params: { id: of } }] }
  const read = (...asked: Asked[]): Plan => (tenant === 'alpha' ? { same: asked } : {})
  const theirs = (...asked: Asked[]): Plan => (tenant === 'alpha' ? {} : { foreign: asked })
  const ofCase = byId(own.case)
  return {
    health: read({}),
    setUp: theirs({ body: { token: 'x', name: 'x', password } }),
    signIn: theirs({ body: { name: 'bravo-analyst', password: 'wrong' } }),
    // It would end what asks; the cookie is its only input.
    signOut: {},
    me: read({}),
    changePassword: theirs({ body: { current: 'not this one', password } }),
    searchEvents: read({ body: all }, { body: { ...all, query: 'bravo*' } }),
    histogram: read({ body: { ...all, buckets: 20, by: 'user.name' } }),
    values: read({ body: { ...all, field: 'user.name' } }, { body: { ...all, field: 'labels.bravo_field' } }),
    event: byId(event),
    exportEvents: read({ query: { ...all, format: 'ndjson' } }, { query: { ...all, format: 'csv' } }),
    fields: read({}),
    checkQuery: read({ body: { query: 'a: b' } }),
    completeness: read({ query: range }),
    savedSearches: read({}),
    saveSearch: { own: [{ body: { name: 'again', state: 'q=a', shared: false } }] },
    removeSearch: theirs({ params: { id: search } }),
    lookUps: read({}),
    channels: read({}),
    notifications: read({}, { query: { limit: 3 } }),
    testChannel: theirs({ body: { channel: 'hook' } }),
    setLookUps: theirs({ body: { lookUps: [] } }),
    patterns: read({ body: all }),
    compare: read({ body: { query: '', range, base: range } }),
    people: read({}),
    searchAlerts: read({ body: { filter: {}, sort: 'time' } }),
    countAlerts: read({ body: { filter: {} } }),
    groupAlerts: read({ body: { filter: {}, by: 'user' } }, { body: { filter: {}, by: 'assignee' } }),
    alert: byId(alert),
    alertEvents: byId(alert),
    alertProof: tenant === 'alpha' ? { own: [{ params: { id: alert } }] } : { foreign: [{ params: { id: alert } }] },
    updateAlerts: theirs({ body: { target: { ids: [alert] }, change: { status: 'closed', note: 'alpha was here' } } }),
    undoAlerts: theirs({ body: { operation } }),
    cases: read({}),
    createCase: theirs({ body: { title: 'mine', alerts: [alert] } }),
    case: ofCase,
    changeCase: theirs({ ...id, body: { changes: [{ kind: 'add-note', text: 'alpha was here' }] } }),
    caseHistory: ofCase,
    pinToCase: theirs(
      { ...id, body: { what: { alert }, why: 'x' } },
      { ...id, body: { what: { events: [event] }, why: 'x' } },
    ),
    casePins: ofCase,
    casePin: {
      ...(tenant === 'alpha' ? { own: [{ params: { id: own.case, event } }] } : {}),
      ...theirs({ params: { id: own.case, event } }),
    },
    verifyCase: theirs(id),
    caseTimeline: ofCase,
    caseCompleteness: ofCase,
    caseCustody: tenant === 'alpha' ? { own: [id] } : { foreign: [id] },
    addCustody: theirs({ ...id, body: { action: 'viewed', item: 'case', why: 'x' } }),
    caseExports: ofCase,
    createExport: theirs({ ...id, body: { why: 'x', to: 'x' } }),
    caseExport: byId(own.export),
    resumeExport: theirs({ params: { id: own.export } }),
    stopExport: theirs({ params: { id: own.export } }),
    downloadExport: tenant === 'alpha' ? { own: [{ params: { id: own.export } }] } : byId(own.export),
    regimes: read({}),
    clocks: tenant === 'alpha' ? { own: [{}] } : {},
    caseBreach: ofCase,
    caseDocument:
      tenant === 'alpha'
        ? { own: [{ params: { id: own.case, document: 'register' } }] }
        : { foreign: [{ params: { id: own.case, document: 'register' } }] },
    breachRegister: read({}),
    breachIntake: theirs(
      { body: { supplier: 'x', text: 'x', informedAt: start, tenants: [tenant] } },
      { body: { supplier: 'x', text: 'x', informedAt: start } },
    ),
    rules: read({}),
    rule: read({ params: { id: 'beacon' } }),
    testRule: read({ params: { id: 'beacon' } }),
    tryRule: theirs({ body: { rule: { id: 'beacon' }, on: { eventId: event } } }),
    saveRule: theirs({ params: { id: 'beacon' }, body: { text: rule('alpha') } }),
    ruleHistory: read({ params: { id: 'beacon' } }),
    ruleDiff: read(),
    why:
      tenant === 'alpha'
        ? read({ body: { rule: { id: 'beacon' }, eventId: event } })
        : theirs({ body: { rule: { id: 'beacon' }, eventId: event } }),
    startReplay: { own: [{ body: { rules: [{ id: 'beacon' }], ...range } }] },
    replays: { own: [{}] },
    replay: tenant === 'alpha' ? { own: [{ params: { id: own.replay } }] } : byId(own.replay),
    cancelReplay: theirs({ params: { id: own.replay } }),
    correlation: read({}),
    risk: read({ body: range }),
    sources: read({}),
    source: byId(''),
    deadLetters: read({}, { query: { limit: 1 } }),
    redrive: theirs({ body: { ids: [letter] } }, { body: { source: 'bravo-source' } }),
    loadSample: theirs({}),
    removeSample: theirs({}),
    datasets: read({}),
    parse: { own: tenant === 'alpha' ? [{ body: { lines: ['a line'] } }] : [] },
    overview: read({ query: range }),
    // Listened to from before to after, below.
    stream: {},
    keys: theirs({}),
    createKey: theirs({ body: { name: 'x', source: 'bravo-source', tenant: 'bravo' } }),
    revokeKey: theirs({ params: { id: 'x' } }),
    users: theirs({}),
    createUser: theirs({ body: { name: 'mallory', role: 'administrator', password } }),
    updateUser: theirs({ params: { id: 'x' }, body: { tenants: 'all' } }),
    audit: theirs({}),
    checkAudit: theirs({}),
  }
}

const names = Object.keys(endpoints).filter((name): name is EndpointName => name in endpoints)

/** By whoever of the customer may; by an analyst where nobody may, who must be refused. */
function askerOf(people: Map<string, Caller>, name: EndpointName, tenant: string): Caller {
  const { permission } = endpoints[name]
  const role = roles.find((one) => {
    if (permission === 'public' || permission === 'signed-in') return one === 'analyst'
    return people.has(one) && can({ id: '', name: '', role: one, tenants: [tenant] }, permission)
  })
  return one(people, role ?? 'analyst')
}

test('a customer is told nothing of another, by any endpoint, and by no difference', async () => {
  const alpha = await peopleOf('alpha')
  const own = await fill('alpha', 7, alpha)
  const ask = (name: EndpointName, asked: Asked) => askerOf(alpha, name, 'alpha')(name, asked)
  const walk = async () => {
    const told = new Map<string, unknown>()
    const plans = plan('alpha', own)
    for (const name of names) {
      for (const [index, asked] of (plans[name].same ?? []).entries()) {
        const { status, text } = await ask(name, name === 'source' ? { params: { source: 'alpha-source' } } : asked)
        const isJson = status !== 200 || !name.startsWith('export')
        told.set(`${name} ${index}`, { status, said: isJson ? lasting(JSON.parse(text)) : text })
      }
    }
    return told
  }
  const cookie = await cookieOf('alpha-analyst')
  const stream = await listen(server.url, cookie)
  const before = await walk()
  for (const [name, { status }] of before as Map<string, { status: number }>)
    expect([name, status]).toEqual([name, name.startsWith('correlation') ? 403 : 200])

  const bravo = await peopleOf('bravo')
  const foreign = await fill('bravo', 23, bravo)
  const bravoAlert = () => one(bravo, 'investigator')('alert', { params: { id: foreign.alert } })
  const untouched = json(await bravoAlert())

  const after = await walk()
  for (const [name, told] of after) {
    expect.soft({ name, told }).toEqual({ name, told: before.get(name) })
    // Echoes of what alpha itself asked for are its own words.
    expect
      .soft(JSON.stringify(told).replaceAll('bravo*', '').replaceAll('labels.bravo_field', ''))
      .not.toContain('bravo')
  }
  const [ours, theirs] = [plan('alpha', own), plan('bravo', foreign)]
  for (const name of names) {
    for (const asked of ours[name].own ?? []) {
      const { text } = await ask(name, asked)
      expect.soft({ name, text }).not.toEqual({ name, text: expect.stringMatching(/bravo/) })
    }
    for (const asked of theirs[name].foreign ?? []) {
      const named = name === 'source' ? { params: { source: 'bravo-source' } } : asked
      const { status, text } = await ask(name, named)
      const quiet = ['updateAlerts', 'redrive', 'tryRule'].includes(name) && status === 200
      expect.soft({ name, asked: named, status, text }).toMatchObject({
        name,
        status: quiet ? 200 : expect.toSatisfy((code: number) => code >= 400 && code < 500),
      })
      const given = Object.values(named.params ?? {}).concat('bravo-source')
      const rest = given.reduce((left, value) => (value === '' ? left : left.replaceAll(value, '')), text)
      expect.soft({ name, rest }).not.toEqual({ name, rest: expect.stringMatching(/bravo/) })
    }
  }
  // Nothing of bravo's was changed by it.
  expect(json(await bravoAlert())).toEqual(untouched)
  expect(json(await one(bravo, 'engineer')('deadLetters', { query: { state: 'waiting' } })).deadLetters).toHaveLength(1)
  expect(json(await one(bravo, 'investigator')('savedSearches')).searches).toHaveLength(1)

  const heard = stream.said()
  stream.close()
  expect(heard).not.toContain('bravo')
  const counters = [...heard.matchAll(/event: counters\ndata: (.*)\n/g)].map(([, data]) => JSON.parse(data ?? ''))
  expect(counters.length).toBeGreaterThan(0)
  for (const { events, alertsOpen, deadLettersWaiting } of counters)
    expect({ events, alertsOpen, deadLettersWaiting }).toEqual({ events: 7, alertsOpen: 7, deadLettersWaiting: 1 })
  expect(heard).not.toContain('event: alert')
  // The rule's exception names bravo; its own people see it no more than alpha's, who see every tenant do.
  expect(json(await admin('rule', { params: { id: 'beacon' } })).text).toContain('bravo-scanner')
}, 300_000)

async function cookieOf(name: string): Promise<string> {
  const response = await fetch(`${server.url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, password }),
  })
  return response.headers.get('set-cookie')?.split(';')[0] ?? ''
}
