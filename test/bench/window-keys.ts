// A million open windows: what a key costs in memory, and how fast they come.
import { createHash } from 'node:crypto'
import { pathToFileURL } from 'node:url'
import { compileRule, createCorrelator, createRuleSet } from '@varde/detection'
import type { Hit } from '@varde/schema'
import { liveBytes } from './collect-garbage.ts'
import type { Figure } from './figure.ts'

const keysToHold = 1_000_000
const batch = 5_000
const start = Date.UTC(2026, 10, 18, 12)

/** One hit a key, all unmatched still: the worst that a spray over a million addresses leaves behind. */
export async function benchWindowKeys(keys = keysToHold): Promise<Figure[]> {
  const compiled = compileRule(
    'id: held\nname: Held\nseverity: low\nthreshold: { when: event.outcome = "failure", group: [source.ip], count: { atLeast: 3, within: 1h } }',
    'held.yaml',
  )
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.errors))
  const { rule } = compiled
  const ruleSet = createRuleSet([rule])
  const correlator = createCorrelator({ ruleSet, partitions: ['main.0'] })
  const before = liveBytes()
  const from = performance.now()
  for (let at = 0; at < keys; at += batch) {
    const attempt = `a${at}`
    // As they come from the topic: every text is a fresh one.
    const hits: Hit[] = JSON.parse(JSON.stringify(hitsAt(rule.digest, at, Math.min(keys, at + batch), attempt)))
    correlator.apply(hits)
    await correlator.advance([
      { stream: 'main', generation: 0, partition: 0, seq: at, attempt, ruleSet: ruleSet.digest, watermark: start - 1 },
    ])
  }
  const tookMs = performance.now() - from
  const { windows } = correlator.stats()
  const bytes = (liveBytes() - before) / keys
  return [
    { name: 'window keys held', value: windows, unit: 'keys', goal: `= ${keys}` },
    { name: 'memory of an open window key with one event', value: Math.round(bytes), unit: 'B', goal: '<= 400' },
    { name: 'keys opened', value: Math.round((keys / tookMs) * 1_000), unit: '/s' },
  ]
}

function hitsAt(rule: string, from: number, to: number, attempt: string): Hit[] {
  return Array.from({ length: to - from }, (_, index) => {
    const n = from + index
    const ip = `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`
    return {
      rule,
      step: '',
      group: JSON.stringify([ip]),
      eventId: `main.0.0.${n}`,
      time: start + (n % 1_000),
      content: createHash('sha256').update(String(n)).digest('hex'),
      fields: { 'source.ip': ip },
      partition: 0,
      attempt,
      late: false,
      tenant: 'house',
      source: 'fw1',
    }
  })
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  console.table(await benchWindowKeys(Number(process.argv[2] ?? keysToHold)))
