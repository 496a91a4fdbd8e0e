// Many inputs through every parser: damaged samples, spliced samples, words of all formats, noise. Seeded, so a failure can be had again.
// `VARDE_SOAK=1` runs ten million; VARDE_FUZZ_INPUTS and VARDE_FUZZ_SEED say otherwise.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type ParseInput, parseRecord } from './parse-record.ts'
import { datasets } from './products.ts'

const arrival = Date.UTC(2026, 10, 18, 12)
const folder = join(import.meta.dirname, 'products/fixtures')
const isSoak = process.env['VARDE_SOAK'] === '1'
const inputs = Number(process.env['VARDE_FUZZ_INPUTS'] ?? (isSoak ? 10_000_000 : 20_000))
const seed = Number(process.env['VARDE_FUZZ_SEED'] ?? 20_261_118)
/** What one record of at most 8 KB may take. */
const slowMs = 5

const samples: Buffer[] = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.log'))
  .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
  .filter((line) => line !== '' && line.length <= 8_192)
  .map((line) => Buffer.from(line))

const words = [
  ...['<134>', '<0>', '<191>1 ', 'Nov 18 09:12:44 ', '2026-11-18T09:12:44.123+01:00 ', '1795083164 ', 'host app[1]: '],
  ...['=', '"', "'", '\\', '|', ',', ';', ':', '[', ']', '{', '}', '(', ')', '<', '>', '&', '%', '\t', '\n', ' ', '->'],
  ...['CEF:0|a|b|c|d|e|5|', 'LEEF:2.0|a|b|c|d|^|', '%ASA-6-302013: ', '%SYS-5-CONFIG_I: ', '<Event', '<System>', '</'],
  ...[
    'src=',
    'dst=',
    'user=',
    'msg="',
    'time=',
    'date=2026-11-18 ',
    'action=',
    '{"a":',
    '"b":[',
    'type=SYSCALL msg=audit(',
  ],
  ...['10.0.0.1', '2001:db8::1', '/443', ':65536', 'anna@example.org', 'HOUSE\\\\anna', 'S-1-5-21-1-2-3-500', '%%4417'],
  ...[
    '__proto__',
    'constructor',
    '_id',
    'a.b',
    '\u0000',
    '\ufeff',
    '\ud800',
    'é',
    '🔥',
    '99999999999999999999',
    '-1',
    'NaN',
  ],
]

/** mulberry32: enough for choosing. */
function randomOf(from: number): (max: number) => number {
  let state = from | 0
  return (max) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % max
  }
}

type Random = (max: number) => number

const kinds: readonly ((random: Random) => Uint8Array)[] = [
  // A sample with a few bytes changed, cut out or doubled.
  (random) => {
    let raw = Buffer.from(pick(samples, random))
    for (let change = random(6); change >= 0; change--) {
      const at = random(Math.max(1, raw.length))
      const kind = random(4)
      if (kind === 0) raw[at] = random(256)
      else if (kind === 1) raw = Buffer.concat([raw.subarray(0, at), raw.subarray(at + 1 + random(40))])
      else if (kind === 2) raw = Buffer.concat([raw.subarray(0, at), raw.subarray(Math.max(0, at - random(200)))])
      else raw = Buffer.concat([raw.subarray(0, at), Buffer.from(pick(words, random)), raw.subarray(at)])
    }
    return raw
  },
  // The head of one sample and the tail of another.
  (random) => {
    const head = pick(samples, random)
    const tail = pick(samples, random)
    return Buffer.concat([head.subarray(0, random(head.length)), tail.subarray(random(tail.length))])
  },
  // The words of all formats in any order.
  (random) => {
    let text = ''
    for (let count = random(60); count >= 0; count--) text += pick(words, random)
    return Buffer.from(text)
  },
  // A short pattern over and over, up to 8 KB.
  (random) => {
    const pattern = pick(words, random) + (random(2) === 0 ? pick(words, random) : '')
    return Buffer.from(`${random(2) === 0 ? pick(samples, random) : ''}${pattern.repeat(random(400))}`).subarray(
      0,
      8_192,
    )
  },
  // Noise.
  (random) => {
    const raw = Buffer.alloc(random(300))
    for (let at = 0; at < raw.length; at++) raw[at] = random(256)
    return raw
  },
]

/** Mostly damaged and spliced samples: they reach furthest. */
function kindAt(lot: number): (random: Random) => Uint8Array {
  const kind = kinds[lot < 4 ? 0 : lot < 6 ? 1 : lot < 8 ? 2 : lot === 8 ? 3 : 4]
  if (kind === undefined) throw new TypeError('no such kind')
  return kind
}

function pick<T>(list: readonly T[], random: Random): T {
  const one = list[random(list.length)]
  if (one === undefined) throw new TypeError('an empty list')
  return one
}

/** The best of five, in this thread's own processor time: a pause for garbage or for another process is not the parser's. */
function isSlow(input: ParseInput): boolean {
  for (let turn = 0; turn < 5; turn++) {
    const before = process.threadCpuUsage()
    parseRecord(input)
    const { user, system } = process.threadCpuUsage(before)
    if (user + system <= slowMs * 1_000) return false
  }
  return true
}

test(
  `${inputs} inputs: none throws, none is slow`,
  () => {
    const random = randomOf(seed)
    const hints = datasets()
    const faults: string[] = []
    const counts = { parsed: 0, unparsed: 0 }
    for (let turn = 0; turn < inputs && faults.length < 10; turn++) {
      const raw = kindAt(random(10))(random)
      const input: ParseInput = random(2) === 0 ? { raw, arrival } : { raw, arrival, dataset: pick(hints, random) }
      const started = performance.now()
      const parsed = parseRecord(input)
      const took = performance.now() - started
      if (!parsed.ok && parsed.reason === 'parser-error') faults.push(`${parsed.detail}: ${describe(input)}`)
      if (took > slowMs && raw.length <= 8_192 && isSlow(input)) faults.push(`slow: ${describe(input)}`)
      if (parsed.ok) counts.parsed++
      else counts.unparsed++
      // Memory is bounded by the record: an event may repeat its parts under several names, not more.
      if (parsed.ok && turn % 64 === 0 && JSON.stringify(parsed.event).length > 20 * raw.length + 8_192)
        faults.push(`large: ${describe(input)}`)
    }
    if (isSoak) process.stdout.write(`any input: seed ${seed}, ${JSON.stringify(counts)}\n`)
    expect(faults).toEqual([])
  },
  isSoak || inputs > 20_000 ? 7_200_000 : 120_000,
)

function describe({ raw, dataset }: ParseInput): string {
  return `${dataset ?? 'no hint'} ${Buffer.from(raw).toString('base64').slice(0, 4_000)}`
}
