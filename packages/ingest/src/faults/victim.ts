// A whole ingest in a process of its own, made to be killed: bus, store, collectors and an HTTP door, in one data folder.
// Usage: node victim.ts DATA_FOLDER. Prints one JSON line {port} when it takes requests.

import { createServer } from 'node:http'
import { join } from 'node:path'
import { openEmbeddedBus } from '@varde/bus/embedded'
import { contentDigest } from '@varde/evidence'
import { createLogger } from '@varde/runtime'
import type { Hit } from '@varde/schema'
import { openEmbeddedStore } from '@varde/store/embedded'
import { createCollectors } from '../collect/collectors.ts'
import { createIngest } from '../ingest.ts'
import type { Matcher } from '../matcher.ts'

const folder = process.argv[2] ?? ''
const log = createLogger({ level: 'error' })
const bus = await openEmbeddedBus({ dir: join(folder, 'bus') })
const store = await openEmbeddedStore({ dir: join(folder, 'store') })

/** Every tenth record is a hit, so that hits, attempts and markers are part of what is killed. */
export const everyTenth: Matcher = {
  ruleSet: 'e'.repeat(64),
  match(event, { attempt }): Hit[] {
    if (!/"n":\d*0[,}]/.test(Buffer.from(event.raw).toString())) return []
    const { partition } = event.home
    return [
      {
        rule: 'r',
        step: '',
        group: '[]',
        eventId: event.id,
        time: event.arrival,
        content: contentDigest(event.event),
        fields: {},
        partition,
        attempt,
        late: false,
        tenant: event.tenant,
        source: event.source,
      },
    ]
  },
}

const config = { stream: 'main', partitions: 2 }
const collectors = createCollectors({
  bus,
  log,
  config: { ...config, collector: 'victim', listeners: [], sources: [], tickMs: 200 },
})
const ingest = createIngest({
  bus,
  store,
  log,
  matcher: () => everyTenth,
  config: {
    ...config,
    hitsPartitions: 2,
    settings: { sealMs: 100, sealTicksMs: 500, retryMs: 50, trim: false },
    ledgerFlushMs: 200,
  },
})
await collectors.start()
await ingest.start()

const server = createServer((request, response) => {
  const source = String(request.headers['x-source'] ?? 'client')
  const context = { key: { source, tenant: 'house' } }
  const path = request.url ?? '/'
  const answered =
    path === '/_bulk'
      ? collectors.acceptBulk(request, context)
      : path === '/drain'
        ? drain()
        : Promise.resolve({ status: 404, headers: {}, body: '' })
  answered.then(
    (reply) => response.writeHead(reply.status, reply.headers).end(reply.body),
    () => response.destroy(),
  )
})

async function drain() {
  await ingest.drained()
  return { status: 200, headers: {}, body: JSON.stringify(ingest.health()) }
}

server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.stdout.write(
    `${JSON.stringify({ port: typeof address === 'object' && address !== null ? address.port : 0 })}\n`,
  )
})
process.on('SIGTERM', () => {
  const end = async () => {
    server.closeAllConnections()
    await collectors.stop()
    await ingest.stop()
    await store.close()
    await bus.close()
  }
  void end().then(() => process.exit(0))
})
