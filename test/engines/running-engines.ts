// One Kafka and one Elasticsearch for all files that are content with a running one: started when the first asks, ended with the run.
import { createServer } from 'node:http'
import type { TestProject } from 'vitest/node'
import { type Engine, type SharedEngine, startElasticsearch, startKafka } from './engine.ts'

const start: Record<string, () => Promise<Engine>> = {
  '/kafka': () =>
    startKafka({
      // Retention is looked at every 20 ms, as the contract of the bus wants it, and from the start.
      config: ['log.retention.check.interval.ms=20', 'log.initial.task.delay.ms=20', 'file.delete.delay.ms=0'],
    }),
  '/elasticsearch': () => startElasticsearch({ heap: '1g' }),
}

interface Starting {
  engine: Promise<Engine>
  /** Set once it runs, or can't. */
  answer?: { status: number; body: string }
}

/** Answers 202 while the engine starts: the first start of a machine loads it from Maven Central, which takes minutes. */
export default async function setup({ provide }: TestProject) {
  const engines = new Map<string, Starting>()
  const begin = (path: string, engine: Promise<Engine>): Starting => {
    const starting: Starting = { engine }
    engine.then(
      ({ address, folder }) => {
        const shared: SharedEngine = { address, folder }
        starting.answer = { status: 200, body: JSON.stringify(shared) }
      },
      (error: unknown) => {
        starting.answer = { status: 500, body: String(error) }
      },
    )
    engines.set(path, starting)
    return starting
  }
  const server = createServer(({ url = '' }, response) => {
    const starting = engines.get(url) ?? (start[url] === undefined ? undefined : begin(url, start[url]()))
    const { status, body } = starting === undefined ? { status: 404, body: url } : (starting.answer ?? waiting)
    response.writeHead(status).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  provide('engines', `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`)
  return async () => {
    server.close()
    server.closeAllConnections()
    for (const { engine } of engines.values()) await engine.then((running) => running.stop()).catch(() => undefined)
  }
}

const waiting = { status: 202, body: '' }

declare module 'vitest' {
  interface ProvidedContext {
    engines: string
  }
}
