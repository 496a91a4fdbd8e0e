// Rule files over event files, in event time, without store or bus: what `varde detect` prints.
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { type ParseInput, parseRecord } from '@varde/parsers'
import { VardeError } from '@varde/runtime'
import type { EcsEvent, Hit, Json } from '@varde/schema'
import { createCorrelator } from './correlate/correlator.ts'
import { hitsOf } from './rules/hit.ts'
import { loadRules } from './rules/load-rules.ts'
import type { CompiledRule, RuleError } from './rules/rule.ts'
import { createRuleSet, type RuleSet } from './rules/rule-set.ts'

/** One line of output. For rules with windows, `record` is the event at which the condition turned true. */
export interface Detection {
  rule: string
  name: string
  origin?: string
  file: string
  /** The record's own `record` value, or its line number from 1. */
  record: Json
  severity: string
  /** UTC, ISO 8601. */
  time: string
  title: string
  group: Record<string, Json>
  /** For rules with windows: all contributing records, as far as the alert keeps them. */
  records?: { file: string; record: Json }[]
  alert: string
}

export interface DetectFilesOptions {
  rules: string
  files: readonly string[]
  /** `event.dataset` of raw lines that do not say theirs. */
  dataset?: string
  /** Told of rules that do not compile: they are left out. */
  onRuleError?: (error: RuleError) => void
  /** Told of lines that can't be read: they are left out. */
  onLineError?: (file: string, line: number, message: string) => void
  signal?: AbortSignal
}

interface Place {
  file: string
  record: Json
}

/**
 * Reads NDJSON (what `varde search --json` prints, `{record?, raw, dataset?}`, ECS documents, or plain lines; .gz too), in any order of time. Matches come
 * in the order of their events' times. Throws RULES_EMPTY where the folder holds no rule that compiles.
 */
export async function* detectFiles(
  options: DetectFilesOptions,
): AsyncGenerator<Detection, { events: number; rules: number; matches: number }> {
  const loaded = await loadRules(options.rules)
  for (const error of loaded.errors) options.onRuleError?.(error)
  const ruleSet = createRuleSet(loaded.rules)
  if (ruleSet.rules.length === 0)
    throw new VardeError('RULES_EMPTY', `no rule in ${options.rules} could be used`, {
      hint: 'Name a folder with rule files; `varde rules lint` shows what is wrong with them.',
    })
  const places: Place[] = []
  const hits: Hit[] = []
  let newest = Number.NEGATIVE_INFINITY
  for (const file of options.files) {
    for await (const { event, record } of readEvents(file, options)) {
      const offset = places.length
      places.push({ file, record })
      const found = ruleSet.match(event)
      const stored = storedFor(event, offset)
      newest = Math.max(newest, stored.arrival)
      for (const hit of hitsOf(stored, found instanceof Promise ? await found : found, { attempt: 'detect' }))
        hits.push(hit)
    }
  }
  let matches = 0
  for await (const detection of correlate(ruleSet, hits, newest, places)) {
    matches++
    yield detection
  }
  return { events: places.length, rules: ruleSet.rules.length, matches }
}

function storedFor(event: EcsEvent, offset: number) {
  const time = Date.parse(event['@timestamp'])
  const arrival = Number.isNaN(time) ? 0 : time
  return {
    id: `detect.0.0.${offset}`,
    home: { stream: 'detect', generation: 0, partition: 0, offset },
    tenant: 'house',
    source: 'file',
    retention: 'standard',
    arrival,
    raw: new Uint8Array(),
    seed: new Uint8Array(),
    event,
    ingested: 0,
  }
}

async function* correlate(
  ruleSet: RuleSet,
  hits: Hit[],
  newest: number,
  places: readonly Place[],
): AsyncGenerator<Detection> {
  hits.sort((a, b) => a.time - b.time)
  const windowed = hits.filter((hit) => ruleSet.byDigest(hit.rule)?.type !== 'match')
  for (const hit of hits) {
    const rule = ruleSet.byDigest(hit.rule)
    // A match is told per record, also where two records say the same.
    if (rule?.type === 'match') yield detectionOf(rule, hit, places)
  }
  const correlator = createCorrelator({ ruleSet, partitions: ['detect.0'], trusted: true })
  const first = windowed[0]
  if (first === undefined) return
  const told = new Map<string, Detection>()
  const advance = async (watermark: number): Promise<void> => {
    for (const write of await correlator.advance([
      { stream: 'detect', generation: 0, partition: 0, seq: 0, attempt: '', ruleSet: ruleSet.digest, watermark },
    ])) {
      if (write.change === 'retracted') {
        told.delete(write.id)
        continue
      }
      const { alert } = write
      const rule = ruleSet.byDigest(alert.rule.digest)
      if (rule === undefined) continue
      const anchor =
        alert.members.findLast(
          (member) => member.content === alert.anchor.content && member.time === alert.anchor.time,
        ) ?? alert.members.at(-1)
      const records = alert.members.map((member) => placeOf(member.eventId, places))
      const place = anchor === undefined ? { file: '', record: null } : placeOf(anchor.eventId, places)
      told.set(alert.id, {
        ...described(rule),
        ...place,
        time: new Date(alert.anchor.time).toISOString(),
        title: alert.title,
        group: alert.group,
        records,
        alert: alert.id,
      })
    }
  }
  await advance(first.time)
  for (let start = 0; start < windowed.length; start += 5_000) {
    const some = windowed.slice(start, start + 5_000)
    correlator.apply(some)
    await advance(some.at(-1)?.time ?? newest)
  }
  await advance(newest + 1)
  yield* told.values()
}

function described(rule: CompiledRule): Pick<Detection, 'rule' | 'name' | 'origin' | 'severity'> {
  const { origin } = rule.definition
  return { rule: rule.id, name: rule.name, ...(origin === undefined ? {} : { origin }), severity: rule.severity }
}

function detectionOf(rule: CompiledRule, hit: Hit, places: readonly Place[]): Detection {
  const group = Object.fromEntries(
    rule.group.map((key, position): [string, Json] => [key.name, groupValue(hit.group, position)]),
  )
  return {
    ...described(rule),
    ...placeOf(hit.eventId, places),
    time: new Date(hit.time).toISOString(),
    title: rule.name,
    group,
    alert: '',
  }
}

function groupValue(group: string, position: number): Json {
  const values: unknown = JSON.parse(group)
  const list: Json[] = Array.isArray(values) ? values : []
  return list[position] ?? null
}

function placeOf(eventId: string, places: readonly Place[]): Place {
  return places[Number(eventId.slice(eventId.lastIndexOf('.') + 1))] ?? { file: '', record: null }
}

export interface ReadEvent {
  event: EcsEvent
  /** The record's own number or name, or its line from 1. */
  record: Json
}

/** The events of one file: NDJSON (what `varde search --json` prints, `{record?, raw, dataset?}`, ECS documents) or plain lines, packed with gzip or not. */
export async function* readEvents(
  file: string,
  options: Pick<DetectFilesOptions, 'dataset' | 'onLineError' | 'signal'> = {},
): AsyncGenerator<ReadEvent> {
  const bytes = createReadStream(file, options.signal === undefined ? {} : { signal: options.signal })
  const input = file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes
  // An error of the file must reach the reader of the unpacked stream too.
  bytes.on('error', (error) => input.destroy(error))
  let number = 0
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++
    if (line.trim() === '') continue
    const read = readLine(line, number, options.dataset)
    if (typeof read === 'string') options.onLineError?.(file, number, read)
    else yield read
  }
}

/** What `varde search --json` prints, a wrapped raw record, an ECS document, or a raw line. Gives the event, or what is wrong. */
function readLine(line: string, number: number, dataset: string | undefined): ReadEvent | string {
  let value: unknown
  try {
    value = line.startsWith('{') ? JSON.parse(line) : undefined
  } catch (cause) {
    return `not JSON: ${cause instanceof Error ? cause.message : String(cause)}`
  }
  // What a search found is judged as it was stored, with what enrichment had added.
  if (isRecord(value) && isRecord(value['event']) && isTimed(value['event']))
    return { event: value['event'], record: jsonScalar(value['record'] ?? value['id']) ?? number }
  if (isRecord(value) && typeof value['raw'] === 'string') {
    const record = jsonScalar(value['record']) ?? number
    const own = typeof value['dataset'] === 'string' ? value['dataset'] : dataset
    return parsed(value['raw'], own, record)
  }
  if (isRecord(value) && isEcs(value)) return { event: value, record: jsonScalar(value['record']) ?? number }
  return parsed(line, dataset, number)
}

function parsed(raw: string, dataset: string | undefined, record: Json): ReadEvent | string {
  const input: ParseInput = {
    raw: new TextEncoder().encode(raw),
    arrival: 0,
    ...(dataset === undefined ? {} : { dataset }),
  }
  const result = parseRecord(input)
  return result.ok ? { event: result.event, record } : `${result.reason}: ${result.detail}`
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isTimed(value: Record<string, unknown>): value is EcsEvent {
  return typeof value['@timestamp'] === 'string'
}

/** ECS documents have a time and an `event` or `ecs` object; shippers' own JSON of Windows events goes to its parser. */
function isEcs(value: Record<string, unknown>): value is EcsEvent {
  return isTimed(value) && (isRecord(value['ecs']) || isRecord(value['event'])) && !isRecord(value['agent'])
}

function jsonScalar(value: unknown): string | number | undefined {
  return typeof value === 'string' || typeof value === 'number' ? value : undefined
}
