// Lines a second of processor time of each product's parser over its own fixtures, one thread, beside the floors that no parser can go under.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseRecord } from '@varde/parsers'
import { benchPeers } from './parser-peers.ts'

export interface ParserRate {
  product: string
  lines: number
  bytesPerLine: number
  linesPerSecond: number
}

const fixtures = join(import.meta.dirname, '../../packages/parsers/src/products/fixtures')
const arrival = Date.UTC(2026, 10, 18, 12)
/** Long enough for the optimising compiler to have settled; as long before it, unmeasured. */
const roundMs = 300

/** Every product's rate without a hint (detection included), then the floors: UTF-8 decoding and JSON.parse of an event. */
export function benchParsers(only?: string): ParserRate[] {
  const rates: ParserRate[] = []
  const all: Uint8Array[] = []
  for (const product of readdirSync(fixtures, { withFileTypes: true })) {
    if (!product.isDirectory() || (only !== undefined && product.name !== only)) continue
    const raws = recordsOf(join(fixtures, product.name))
    if (raws.length === 0) continue
    all.push(...raws)
    rates.push(rate(product.name, raws, (raw) => parseRecord({ raw, arrival })))
  }
  const decoder = new TextDecoder()
  rates.push(rate('floor: decode UTF-8', all, (raw) => decoder.decode(raw)))
  const events = all.slice(0, 500).map((raw) => {
    const parsed = parseRecord({ raw, arrival })
    return Buffer.from(JSON.stringify(parsed.ok ? parsed.event : parsed))
  })
  rates.push(rate('floor: JSON.parse of the event', events, (raw) => JSON.parse(decoder.decode(raw))))
  if (only === undefined) rates.push(...benchPeers(fixtures))
  return rates
}

function recordsOf(folder: string): Uint8Array[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.log'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line) => Buffer.from(line))
}

function rate(product: string, raws: readonly Uint8Array[], work: (raw: Uint8Array) => unknown): ParserRate {
  const bytes = raws.reduce((sum, raw) => sum + raw.length, 0)
  turn(raws, work, roundMs)
  const { lines, ms } = turn(raws, work, roundMs)
  return {
    product,
    lines: raws.length,
    bytesPerLine: Math.round(bytes / raws.length),
    linesPerSecond: Math.round((lines / ms) * 1000),
  }
}

function turn(
  raws: readonly Uint8Array[],
  work: (raw: Uint8Array) => unknown,
  forMs: number,
): { lines: number; ms: number } {
  // The thread's own processor time: a busy machine makes it wait, not work.
  const started = threadMs()
  let lines = 0
  let ms = 0
  while (ms < forMs) {
    for (const raw of raws) work(raw)
    lines += raws.length
    ms = threadMs() - started
  }
  return { lines, ms }
}

function threadMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const { product, lines, bytesPerLine, linesPerSecond } of benchParsers(process.argv[2])) {
    process.stdout.write(
      `${product.padEnd(32)} ${String(lines).padStart(6)} lines ${String(bytesPerLine).padStart(5)} B ${String(linesPerSecond).padStart(9)} /s\n`,
    )
  }
}
