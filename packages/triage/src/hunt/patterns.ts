// Patterns: the newest matches by what they have in common, so that thousands of lines read as a dozen.
import type { EcsEvent, StoredEvent } from '@varde/schema'
import type { EventFilter, EventStore } from '@varde/store'
import { likeness, merged, tokensOf } from './template.ts'

/** Newest matches that are read: enough to see what is there, little enough for a second. */
const sampleMax = 5_000
const pageEvents = 1_000
const lineCharactersMax = 400
/** At this likeness two lines are of one kind: the measure that Drain (He 2017) uses with 0.4 to 0.6. */
const likenessMin = 0.6
const patternsMax = 200
const trendBuckets = 30

export interface Pattern {
  /** With `*` where the lines differ. */
  text: string
  count: number
  /** The newest event of the kind. */
  example: string
  dataset: string
  first: number
  last: number
  /** Counts over the range that was read, oldest first. */
  trend: number[]
  /** A query that finds the kind's fixed words; absent where there is none. */
  query?: string
}

export interface Patterns {
  patterns: Pattern[]
  /** Events that were read, and whether they are all matches. */
  read: number
  whole: boolean
  from: number
  to: number
}

interface Cluster {
  tokens: string[]
  times: number[]
  example: string
  dataset: string
  query?: string
}

const textAt = (event: EcsEvent, path: string[]): string | undefined => {
  let value: unknown = event
  for (const key of path) value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
  return typeof value === 'string' ? value : undefined
}

interface Read {
  /** What is alike only within one dataset and code. */
  kind: string
  dataset: string
  tokens: string[]
  query?: string
}

function readLine(stored: StoredEvent): Read {
  const { event } = stored
  const dataset = textAt(event, ['event', 'dataset']) ?? ''
  const [code, action] = [textAt(event, ['event', 'code']), textAt(event, ['event', 'action'])]
  const kind = [dataset, code ?? '', action ?? ''].join(' ')
  const raw = new TextDecoder().decode(stored.raw.subarray(0, lineCharactersMax * 2)).slice(0, lineCharactersMax)
  const message = textAt(event, ['message'])
  // XML and JSON differ by their values, not by their words: dataset, code and action tell more.
  if (message === undefined && /^\s*(?:\{|<[A-Z?])/.test(raw)) {
    const parts = { 'event.dataset': dataset, 'event.code': code, 'event.action': action }
    const named = Object.entries(parts).filter(([, value]) => value !== undefined && value !== '')
    const query = named.map(([field, value]) => `${field}: "${value}"`).join(' and ')
    return { kind, dataset, tokens: named.map(([, value]) => value ?? ''), ...(query === '' ? {} : { query }) }
  }
  return { kind, dataset, tokens: tokensOf((message ?? raw).slice(0, lineCharactersMax)) }
}

export async function findPatterns(events: EventStore, filter: EventFilter, signal?: AbortSignal): Promise<Patterns> {
  const kinds = new Map<string, Cluster[]>()
  let read = 0
  let cursor: string | undefined
  let first = Number.POSITIVE_INFINITY
  let last = 0
  do {
    const page = await events.search(filter, {
      limit: pageEvents,
      ...(cursor === undefined ? {} : { cursor }),
      ...(signal === undefined ? {} : { signal }),
    })
    for (const stored of page.events) {
      const time = Date.parse(stored.event['@timestamp'])
      first = Math.min(first, time)
      last = Math.max(last, time)
      place(kinds, stored, time)
      read += 1
    }
    cursor = page.next
  } while (cursor !== undefined && read < sampleMax)
  const [from, to] = read === 0 ? [0, 0] : [first, last]
  const patterns = [...kinds.values()]
    .flat()
    .sort((a, b) => b.times.length - a.times.length)
    .slice(0, patternsMax)
    .map((cluster) => patternOf(cluster, from, to))
  return { patterns, read, whole: cursor === undefined, from, to }
}

function place(kinds: Map<string, Cluster[]>, stored: StoredEvent, time: number): void {
  const { kind, tokens, ...rest } = readLine(stored)
  const clusters = kinds.get(kind) ?? []
  kinds.set(kind, clusters)
  const near = clusters.find((cluster) => likeness(cluster.tokens, tokens) >= likenessMin)
  if (near === undefined) clusters.push({ ...rest, tokens, times: [time], example: stored.id })
  else {
    near.tokens = merged(near.tokens, tokens)
    near.times.push(time)
  }
}

function patternOf({ tokens, times, example, dataset, ...known }: Cluster, from: number, to: number): Pattern {
  const trend = new Array<number>(trendBuckets).fill(0)
  const span = Math.max(1, to - from + 1)
  for (const time of times) {
    const index = Math.floor(((time - from) / span) * trendBuckets)
    trend[index] = (trend[index] ?? 0) + 1
  }
  const query = known.query ?? queryOf(tokens, dataset)
  return {
    text: tokens.join(' '),
    count: times.length,
    example,
    dataset,
    first: Math.min(...times),
    last: Math.max(...times),
    trend,
    ...(query === undefined ? {} : { query }),
  }
}

/** The longest fixed words, which any event of the kind holds. */
function queryOf(tokens: string[], dataset: string): string | undefined {
  const words = [...new Set(tokens.flatMap((token) => token.match(/[A-Za-z]{4,}/g) ?? []))]
    .sort((a, b) => b.length - a.length)
    .slice(0, 4)
  const parts = [...(dataset === '' ? [] : [`event.dataset: "${dataset}"`]), ...words.map((word) => `"${word}"`)]
  return parts.length === 0 ? undefined : parts.join(' and ')
}
