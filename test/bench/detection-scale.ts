// Many rules and two threads: ten thousand rules beside the imported ones, and what a second worker adds.
import { pathToFileURL } from 'node:url'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { compileExpression, createRuleIndex, type IndexedRule } from '@varde/detection'
import { cpuMs, eventOf, lanesToTry, rulesToTry } from './detection.ts'
import type { Figure } from './figure.ts'

const manyRules = 10_000
const lookMs = 3_000

function compiled(sources: readonly string[]): IndexedRule[] {
  return sources.flatMap((source, key) => {
    const one = compileExpression(source)
    return one.ok ? [{ key, expression: one.expression }] : []
  })
}

/** The rules again and again, each time of another tool: the last literal of each names one that nobody has. */
function multiplied(sources: readonly string[], wanted: number): string[] {
  const all = [...sources]
  for (let copy = 1; all.length < wanted; copy += 1) {
    for (const source of sources) {
      if (all.length >= wanted) break
      const at = source.lastIndexOf('"', source.lastIndexOf('"') - 1)
      all.push(
        at < 0
          ? `${source} and event.code = "x${copy}"`
          : `${source.slice(0, at + 1)}copy${copy} ${source.slice(at + 1)}`,
      )
    }
  }
  return all
}

export async function benchDetectionScale(): Promise<Figure[]> {
  const { sources } = await rulesToTry()
  const texts = lanesToTry().find(([name]) => name === 'mix')?.[1] ?? []
  const found: Figure[] = []
  const base = rateOf(compiled(sources), texts)
  const many = compiled(multiplied(sources, manyRules))
  const rate = rateOf(many, texts)
  found.push(
    { name: `${sources.length} rules, mix: JSON.parse and detect`, value: Math.round(base), unit: '/s of CPU' },
    { name: `${many.length} rules, mix: JSON.parse and detect`, value: Math.round(rate), unit: '/s of CPU' },
    {
      name: `${many.length} rules ÷ ${sources.length} rules`,
      value: Math.round((100 * rate) / base),
      unit: '%',
      goal: '>= 50',
    },
  )
  const one = await workersRate(1)
  const two = await workersRate(2)
  found.push(
    { name: 'one worker, mix, by the clock', value: Math.round(one), unit: '/s' },
    { name: 'two workers, mix, by the clock', value: Math.round(two), unit: '/s' },
    {
      name: 'two workers ÷ one',
      value: Math.round((100 * two) / one) / 100,
      unit: 'x',
      goal: '>= 1.7, nothing else running',
    },
  )
  return found
}

function rateOf(rules: readonly IndexedRule[], texts: readonly string[]): number {
  const index = createRuleIndex(rules)
  const round = () => {
    for (const text of texts) void index.match(eventOf(text))
  }
  for (let n = 0; n < 20; n++) round()
  const from = cpuMs()
  let events = 0
  while (cpuMs() - from < lookMs) {
    round()
    events += texts.length
  }
  return (events / (cpuMs() - from)) * 1_000
}

/** Each makes its own set, says that it is ready, and counts for the same stretch of time. */
async function workersRate(count: number): Promise<number> {
  const workers = Array.from({ length: count }, () => new Worker(new URL(import.meta.url), { workerData: 'rate' }))
  const next = (worker: Worker) => new Promise<number>((resolve) => worker.once('message', resolve))
  await Promise.all(workers.map(next))
  const counted = workers.map(next)
  for (const worker of workers) worker.postMessage('go')
  const rates = await Promise.all(counted)
  await Promise.all(workers.map((worker) => worker.terminate()))
  return rates.reduce((sum, rate) => sum + rate, 0)
}

async function work(): Promise<void> {
  const { sources } = await rulesToTry()
  const texts = lanesToTry().find(([name]) => name === 'mix')?.[1] ?? []
  const index = createRuleIndex(compiled(sources))
  for (let n = 0; n < 20; n++) for (const text of texts) void index.match(eventOf(text))
  parentPort?.once('message', () => {
    const from = performance.now()
    let events = 0
    while (performance.now() - from < lookMs) {
      for (const text of texts) void index.match(eventOf(text))
      events += texts.length
    }
    parentPort?.postMessage((events / (performance.now() - from)) * 1_000)
  })
  parentPort?.postMessage(0)
}

if (!isMainThread && workerData === 'rate') await work()
else if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  console.table(await benchDetectionScale())
