// The ingest thread of the bench: as the product's own, with as many rules as asked for.
import { parentPort, workerData } from 'node:worker_threads'
import { connectEmbeddedBus } from '@varde/bus/embedded'
import { compileExpression, createRuleIndex, matcherOf, openRuleBook } from '@varde/detection'
import { createIngest, type Matcher, openGeo } from '@varde/ingest'
import { createLogger, expose } from '@varde/runtime'
import { connectEmbeddedStore } from '@varde/store/embedded'
import type { IngestBenchCalls, IngestBenchStart } from './ingest.ts'

const start: IngestBenchStart = workerData
const book = await openRuleBook(start.rulesFolder)
const real = matcherOf(book.current())

/** Rules of the shapes that Sigma has, from numbers, to fill up to the count; hits of them are not published. */
function fillers(count: number) {
  const codes = ['4624', '4625', '4662', '4688', '4720', '4728', '4768', '4769', '4771', '5145', '7045', '1102']
  const sources = Array.from({ length: count }, (_, n) => {
    if (n % 4 === 0) return `event.code = "${codes[n % codes.length]}" and user.name = "user${n}"`
    if (n % 4 === 1)
      return `event.action = "denied" and destination.port = ${n + 1_024} and source.ip = "203.0.113.${n % 250}"`
    if (n % 4 === 2) return `event.outcome = "failure" and $contains($lowercase(user.name), "svc${n}-")`
    return `$contains($lowercase(process.command_line), "--switch${n} ")`
  })
  const compiled = sources
    .map((source) => compileExpression(source))
    .flatMap((result) => (result.ok ? [result.expression] : []))
  return createRuleIndex(compiled.map((expression, key) => ({ key, expression })))
}

const index = fillers(Math.max(0, start.rules - book.current().rules.length))
const matcher: Matcher = {
  ruleSet: real.ruleSet,
  match(event, batch) {
    const more = index.match(event.event)
    const hits = real.match(event, batch)
    return more instanceof Promise ? more.then(() => hits) : hits
  },
}
const ingest = createIngest({
  bus: connectEmbeddedBus(start.bus),
  store: connectEmbeddedStore(start.store),
  log: createLogger({ level: 'error' }),
  geo: await openGeo(),
  matcher: () => matcher,
  config: { stream: 'main', partitions: start.partitions, hitsPartitions: 4, enrich: {} },
})
await ingest.start()
const calls: IngestBenchCalls = {
  health: async () => ingest.health(),
  cpu: async () => {
    const { user, system } = process.threadCpuUsage()
    return user + system
  },
  drained: () => ingest.drained(),
  async stop() {
    await ingest.stop()
    book.close()
    setImmediate(() => process.exit(0))
  },
}
expose(start.calls, calls)
parentPort?.postMessage('ready')
