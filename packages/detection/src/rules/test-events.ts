// The events of a rule's tests: raw lines through the real parsers, or ECS documents, with times and repeats filled in.
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseRecord } from '@varde/parsers'
import type { EcsEvent, Json, JsonObject } from '@varde/schema'
import { parseDuration } from './duration.ts'
import type { RuleTest, RuleTestEvent } from './schema.ts'

export type TestEvents = { ok: true; events: EcsEvent[] } | { ok: false; problem: string }

/** Where tests begin that do not say so. */
export const defaultStart = Date.parse('2026-11-23T10:00:00.000Z')

/** `folder` is where the rule file lies: `lines` files are named from there. */
export async function testEvents(test: RuleTest, folder: string): Promise<TestEvents> {
  const start = startOf(test)
  const events: EcsEvent[] = []
  let time = start
  for (const item of test.events) {
    const after = item.at === undefined ? undefined : parseDuration(item.at)
    if (after !== undefined) time = start + after
    const made = await eventsOf(item, test, time, folder)
    if (!made.ok) return made
    events.push(...made.events)
    time = made.time
  }
  return { ok: true, events }
}

export function startOf(test: RuleTest): number {
  return test.start === undefined ? defaultStart : Date.parse(test.start)
}

type Made = { ok: true; events: EcsEvent[]; time: number } | { ok: false; problem: string }

async function eventsOf(item: RuleTestEvent, test: RuleTest, time: number, folder: string): Promise<Made> {
  if ('lines' in item) return linesOf(item, test, time, folder)
  const every = item.every === undefined ? 0 : (parseDuration(item.every) ?? 0)
  const events: EcsEvent[] = []
  const repeats = item.repeat ?? 1
  let at = time
  for (let n = 0; n < repeats; n++) {
    at = time + n * every
    const fill = (text: string): string => filled(text, n, at, item.vary ?? {})
    if ('event' in item) events.push(documentOf(item.event, at, fill))
    else {
      const parsed = parsedEvent(fill(item.raw), item.dataset ?? test.dataset, at, test.timeZone)
      if (typeof parsed === 'string') return { ok: false, problem: parsed }
      events.push(parsed)
    }
  }
  return { ok: true, events, time: at }
}

async function linesOf(
  item: Extract<RuleTestEvent, { lines: string }>,
  test: RuleTest,
  time: number,
  folder: string,
): Promise<Made> {
  let text: string
  try {
    text = await readFile(join(dirname(folder), item.lines), 'utf8')
  } catch (cause) {
    return {
      ok: false,
      problem: `${item.lines} can't be read: ${cause instanceof Error ? cause.message : String(cause)}`,
    }
  }
  const events: EcsEvent[] = []
  for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
    const parsed = parsedEvent(line, item.dataset ?? test.dataset, time, test.timeZone)
    if (typeof parsed === 'string') return { ok: false, problem: parsed }
    events.push(parsed)
  }
  return { ok: true, events, time }
}

/** The event, or what is wrong: a test must not pass because its line was not understood. */
function parsedEvent(
  line: string,
  dataset: string | undefined,
  arrival: number,
  timeZone: string | undefined,
): EcsEvent | string {
  const parsed = parseRecord({
    raw: new TextEncoder().encode(line),
    arrival,
    ...(dataset === undefined ? {} : { dataset }),
    ...(timeZone === undefined ? {} : { timeZone }),
  })
  if (!parsed.ok) return `no parser reads this line (${parsed.reason}: ${parsed.detail}): ${line.slice(0, 200)}`
  if (dataset !== undefined && parsed.confidence < 0.5)
    return `the parser of ${dataset} does not read this line: ${line.slice(0, 200)}`
  return parsed.event
}

/** Dotted keys are nested; `@timestamp` is the time of the event where the document has none. */
function documentOf(fields: Record<string, Json>, time: number, fill: (text: string) => string): EcsEvent {
  const event: EcsEvent = { '@timestamp': new Date(time).toISOString() }
  for (const [path, value] of Object.entries(fields)) {
    const steps = path.split('.')
    let at: JsonObject = event
    for (const step of steps.slice(0, -1)) {
      const next = at[step]
      const inner: JsonObject = typeof next === 'object' && next !== null && !Array.isArray(next) ? next : {}
      at[step] = inner
      at = inner
    }
    const last = steps.at(-1)
    if (last !== undefined) at[last] = filledJson(value, fill)
  }
  return event
}

function filledJson(value: Json, fill: (text: string) => string): Json {
  if (typeof value === 'string') return fill(value)
  if (Array.isArray(value)) return value.map((item) => filledJson(item, fill))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, filledJson(member, fill)]))
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** How products write their times, all in UTC. */
const timeFormats: Record<string, (date: Date) => string> = {
  iso: (date) => date.toISOString(),
  /** Samba: microseconds and a zone. */
  micros: (date) => date.toISOString().replace('Z', '000+0000'),
  /** Event XML: seven decimals. */
  ticks: (date) => date.toISOString().replace('Z', '0000Z'),
  /** RFC 3164. */
  bsd: (date) => `${months[date.getUTCMonth()] ?? ''} ${String(date.getUTCDate()).padStart(2, ' ')} ${clock(date)}`,
  /** Cisco with a year. */
  cisco: (date) =>
    `${months[date.getUTCMonth()] ?? ''} ${String(date.getUTCDate()).padStart(2, '0')} ${date.getUTCFullYear()} ${clock(date)}`,
  /** OpenVPN, FortiGate's date and time in one. */
  local: (date) => `${date.toISOString().slice(0, 10)} ${clock(date)}`,
  date: (date) => date.toISOString().slice(0, 10),
  clock,
  slashes: (date) => `${date.toISOString().slice(0, 10).replaceAll('-', '/')} ${clock(date)}`,
  epoch: (date) => String(Math.floor(date.getTime() / 1000)),
  ms: (date) => String(date.getTime()),
  /** FortiGate's eventtime. */
  nanos: (date) => `${date.getTime()}000000`,
}

function clock(date: Date): string {
  return date.toISOString().slice(11, 19)
}

function filled(text: string, n: number, time: number, vary: Record<string, string[]>): string {
  return text.replace(/\{\{(\w+)(?::(\w+))?\}\}/g, (whole, name: string, format: string | undefined) => {
    if (name === 'n') return String(n + 1)
    if (name === 'time') return timeFormats[format ?? 'iso']?.(new Date(time)) ?? whole
    const values = vary[name]
    return values?.[n % values.length] ?? whole
  })
}
