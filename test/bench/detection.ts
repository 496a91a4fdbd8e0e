// Rules over events: compiled against interpreted, events a second of CPU time at growing rule sets, build time and memory; one thread.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { compileExpression, createRuleIndex, type IndexedRule, importSigma, type RuleIndex } from '@varde/detection'
import { parseRecord } from '@varde/parsers'
import type { EcsEvent } from '@varde/schema'
import { liveBytes } from './collect-garbage.ts'
import type { Figure } from './figure.ts'

const shared = join(import.meta.dirname, '../../../shared/corpus')
const fixtures = join(import.meta.dirname, '../../packages/parsers/src/products/fixtures')
const arrival = Date.UTC(2026, 10, 18, 12)
const roundMs = 400

/** `../shared` beside the repository gives the Sigma rules and the recorded attacks; without it the rules are generated. */
export async function benchDetection(): Promise<Figure[]> {
  const rates = await expressions()
  const { rules, sources } = await rulesToTry()
  const lanes = lanesToTry()
  for (const count of [10, 100, 1_000, rules.length]) {
    const index = createRuleIndex(rules.slice(0, count))
    for (const [lane, texts] of lanes) rates.push(...throughput(`${count} rules, ${lane}`, index, texts))
  }
  const everyEvent = lanes.flatMap(([, texts]) => texts)
  rates.push(await differences(rules, everyEvent), ...building(sources))
  return rates
}

// ---- one expression

const mods = Array.from({ length: 8 }, (_, n) => ({ name: `m${n}`, size: n * 100, kind: n % 2 === 0 ? 'exe' : 'dll' }))
const sample = {
  '@timestamp': '2026-11-18T12:00:00.000Z',
  event: { code: '4625', outcome: 'failure', category: ['authentication'], action: 'logon-failed' },
  source: { ip: '10.1.2.3' },
  user: { name: 'anna', domain: 'CORP' },
  process: {
    name: 'powershell.exe',
    command_line: `powershell.exe -NoP -NonI -W Hidden -Enc ${'x'.repeat(600)}`,
    executable: 'C:\\Windows\\powershell.exe',
  },
  winlog: { channel: 'Security', event_data: { Status: '0xc000006d', LogonType: '3', SubjectUserName: 'anna' } },
  mods,
} satisfies EcsEvent

const measured = [
  ['scalar', 'event.code = "4625" and winlog.event_data.LogonType in ["3", "10"] and $not(user.name ~> /\\$$/)'],
  ['scalar', 'event.outcome in ["failure"] and user.name != "SYSTEM" and $exists(source.ip)'],
  ['text', '$contains($lowercase(process.command_line), "-enc") and $contains(process.command_line, /-w\\s+hid/i)'],
  ['array', '$count(mods[kind = "dll" and size > 100]) > 2 and $length(user.name) > 3'],
  ['array', '"authentication" in event.category and $count(mods[name = "m3"].size[$ > 200]) > 0'],
] as const

async function expressions(): Promise<Figure[]> {
  const rates: Figure[] = []
  for (const [kind, source] of measured) {
    const compiled = evaluator(source, false)
    const interpreted = evaluator(source, true)
    const fast = perSecond(() => compiled(sample))
    const slow = await perSecondAsync(async () => interpreted(sample))
    const goal = kind === 'scalar' ? '>= 40' : kind === 'array' ? '>= 15' : ''
    rates.push({
      name: `compiled / interpreted, ${kind}: ${source}`,
      value: Math.round(fast / slow),
      unit: 'x',
      ...(goal === '' ? {} : { goal }),
    })
    rates.push({ name: `compiled, ${kind}`, value: Math.round(fast), unit: '/s' })
  }
  return rates
}

function evaluator(source: string, interpret: boolean): (event: EcsEvent) => unknown {
  const compiled = compileExpression(source, { interpret })
  if (!compiled.ok) throw new Error(compiled.error.message)
  return (event) => compiled.expression.evaluate(event)
}

const callsPerLook = 200

/** CPU time of this thread: what else the machine does is not counted. */
export function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

function perSecond(work: () => unknown): number {
  for (let n = 0; n < 5_000; n++) work()
  const started = cpuMs()
  let calls = 0
  while (cpuMs() - started < roundMs) {
    for (let n = 0; n < callsPerLook; n++) work()
    calls += callsPerLook
  }
  return (calls / (cpuMs() - started)) * 1_000
}

async function perSecondAsync(work: () => Promise<unknown>): Promise<number> {
  for (let n = 0; n < 1_000; n++) await work()
  const started = cpuMs()
  let calls = 0
  while (cpuMs() - started < roundMs) {
    for (let n = 0; n < callsPerLook; n++) await work()
    calls += callsPerLook
  }
  return (calls / (cpuMs() - started)) * 1_000
}

// ---- rule sets

interface Rules {
  rules: IndexedRule[]
  sources: string[]
}

export async function rulesToTry(): Promise<Rules> {
  const archive = join(shared, 'sigma/SigmaHQ-all.tar.gz')
  const sources = existsSync(archive)
    ? (await importSigma(archive)).rules.map(({ text }) => conditionOf(text)).filter((source) => source !== undefined)
    : generated()
  const rules: IndexedRule[] = []
  for (const source of sources) {
    const compiled = compileExpression(source)
    if (compiled.ok) rules.push({ key: rules.length, expression: compiled.expression })
  }
  return { rules, sources }
}

/** The `when` of a rule file, which our importer writes as a block or a quoted scalar: the Windows ones. */
function conditionOf(text: string): string | undefined {
  const match = /^match:\n {2}when: (?:>-|\|-?|>)?\n?([\s\S]*)$/m.exec(text)
  const source = match?.[1]?.trim()
  return source === undefined || !source.includes('winlog.') || /^["']/.test(source) ? undefined : source
}

/** As many rules as SigmaHQ has, of its shapes, from numbers: for machines that do not have it. */
function generated(): string[] {
  const codes = ['1', '3', '7', '11', '13', '22', '4104', '4624', '4625', '4688', '5145', '7045']
  return Array.from({ length: 2_800 }, (_, n) => {
    const gate = `winlog.channel = "Security" and event.code = "${codes[n % codes.length]}"`
    if (n % 4 === 0) return `${gate} and $lowercase(process.name) in ["tool${n}.exe", "helper${n}.exe"]`
    if (n % 4 === 1) return `${gate} and $contains($lowercase(process.command_line), "--switch${n} ")`
    if (n % 4 === 2)
      return `${gate} and $contains($lowercase(process.executable), /\\x5c(?:name${n}|other${n})\\.exe$/)`
    return `${gate} and winlog.event_data.ObjectName = "Object${n}" and $not($contains($lowercase(user.name), "svc${n % 50}") or false)`
  })
}

// ---- events

type Lane = [name: string, texts: string[]]

export function lanesToTry(): Lane[] {
  const firewall = fixtureEvents(/forti|asa|paloalto|nftables|netfilter|iptables/)
  const directory = fixtureEvents(/windows|samba/)
  const vpn = fixtureEvents(/openvpn|strongswan/)
  // 70 % firewall, 20 % directory, 10 % VPN.
  const mix = Array.from({ length: 1_000 }, (_, n) => (n % 10 < 7 ? firewall : n % 10 < 9 ? directory : vpn))
    .map((lane, n) => lane[n % Math.max(1, lane.length)])
    .filter((text) => text !== undefined)
  const lanes: Lane[] = [['mix', mix]]
  const recorded = join(shared, 'windows/events')
  if (existsSync(recorded))
    lanes.push(['attack ECS', recordedEvents(recorded, false)], ['benign ECS', recordedEvents(recorded, true)])
  return lanes.filter(([, texts]) => texts.length > 0)
}

function eventText(raw: Uint8Array): string | undefined {
  const parsed = parseRecord({ raw, arrival })
  return parsed.ok ? JSON.stringify(parsed.event) : undefined
}

function fixtureEvents(product: RegExp): string[] {
  return readdirSync(fixtures, { recursive: true, encoding: 'utf8' })
    .filter((name) => product.test(name) && name.endsWith('.log'))
    .flatMap((name) => readFileSync(join(fixtures, name), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line) => eventText(Buffer.from(line)))
    .filter((text) => text !== undefined)
}

function recordedEvents(folder: string, background: boolean): string[] {
  const texts: string[] = []
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!/\.ndjson(\.gz)?$/.test(name) || name.startsWith('background') !== background) continue
    const bytes = readFileSync(join(folder, name))
    for (const line of (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').split('\n')) {
      const value: unknown = line === '' ? undefined : JSON.parse(line)
      if (typeof value !== 'object' || value === null || !('raw' in value) || typeof value.raw !== 'string') continue
      const text = eventText(Buffer.from(value.raw))
      if (text !== undefined) texts.push(text)
    }
  }
  return texts
}

function isEvent(value: unknown): value is EcsEvent {
  return typeof value === 'object' && value !== null && '@timestamp' in value
}

export function eventOf(text: string): EcsEvent {
  const value: unknown = JSON.parse(text)
  if (!isEvent(value)) throw new Error('no event')
  return value
}

function throughput(name: string, index: RuleIndex, texts: readonly string[]): Figure[] {
  const events = texts.map(eventOf)
  const rounds = (work: (n: number) => unknown): number => {
    let n = 0
    return perSecond(() => work(n++ % texts.length))
  }
  const bytes = Math.round(texts.reduce((sum, text) => sum + text.length, 0) / texts.length)
  const detect = rounds((n) => index.match(events[n] ?? sample))
  const floor = rounds((n) => JSON.parse(texts[n] ?? '{}'))
  const both = rounds((n) => index.match(eventOf(texts[n] ?? '{}')))
  return [
    { name: `${name}: JSON.parse alone, ${bytes} B an event`, value: Math.round(floor), unit: '/s' },
    { name: `${name}: detect`, value: Math.round(detect), unit: '/s' },
    { name: `${name}: JSON.parse and detect`, value: Math.round(both), unit: '/s', ...goalOf(name) },
  ]
}

function goalOf(name: string): { goal?: string } {
  if (/^\d{2,3} rules|^1000 rules/.test(name)) return {}
  if (name.endsWith('mix')) return { goal: '>= 160000' }
  return { goal: name.endsWith('attack ECS') ? '>= 90000' : '>= 110000' }
}

/** The index against every rule, over some of the events: what it may never miss. */
async function differences(rules: readonly IndexedRule[], texts: readonly string[]): Promise<Figure> {
  const index = createRuleIndex(rules)
  let different = 0
  const stride = Math.max(1, Math.floor(texts.length / 150))
  for (let at = 0; at < texts.length; at += stride) {
    const event = eventOf(texts[at] ?? '{}')
    const expected: number[] = []
    for (const { key, expression } of rules) {
      try {
        if ((await expression.evaluate(event)) === true) expected.push(key)
      } catch {
        // An evaluation that fails is no match, with and without the index.
      }
    }
    if (JSON.stringify(await index.match(event)) !== JSON.stringify(expected)) different++
  }
  return {
    name: `events on which the index differs from trying all ${rules.length} rules`,
    value: different,
    unit: 'events',
    goal: '= 0',
  }
}

function building(sources: readonly string[]): Figure[] {
  const before = liveBytes()
  const started = cpuMs()
  const rules: IndexedRule[] = []
  for (const source of sources) {
    const compiled = compileExpression(source)
    if (compiled.ok) rules.push({ key: rules.length, expression: compiled.expression })
  }
  const index = createRuleIndex(rules)
  const built = cpuMs() - started
  const memory = (liveBytes() - before) / 1e6
  const addStarted = cpuMs()
  const added = compileExpression('event.code = "1" and $contains($lowercase(process.command_line), "one more rule")')
  if (added.ok) index.next({ add: [{ key: -1, expression: added.expression }], remove: [] })
  const addMs = cpuMs() - addStarted
  return [
    { name: `compile and index ${rules.length} rules`, value: Math.round(built), unit: 'ms', goal: '<= 2000' },
    { name: 'add one rule to them', value: Math.round(addMs * 10) / 10, unit: 'ms', goal: '<= 50' },
    { name: 'memory of the set', value: Math.round(memory), unit: 'MB', goal: '<= 400' },
    { name: 'states of the automata', value: index.facts().automatonStates, unit: '' },
  ]
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const { name, value, unit, goal } of await benchDetection()) {
    process.stdout.write(
      `${String(value).padStart(12)} ${unit.padEnd(7)} ${goal === undefined ? '' : `(${goal}) `}${name}\n`,
    )
  }
}
