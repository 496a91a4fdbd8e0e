// Server-sent events: what changes while a page is open.
import type { AlertEvent } from '@varde/triage'
import type { StreamMessage } from './contract/overview.ts'
import type { ApiDeps } from './deps.ts'
import type { Handler } from './register.ts'
import { personOf } from './security.ts'

const countersMs = 2_000
/** Bytes that a slow reader may owe before its stream is closed; the browser opens a new one by itself. */
const owedBytesMax = 1024 * 1024

export function streamHandler(deps: ApiDeps): Handler<'stream'> {
  return async ({ scope, request, reply, signal }) => {
    const { raw } = reply.hijack()
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
    const send = (message: StreamMessage) => {
      if (raw.writableLength > owedBytesMax) raw.destroy()
      else raw.write(`event: ${message.kind}\ndata: ${JSON.stringify(message)}\n\n`)
    }
    const counters = async () => {
      const { events } = await deps.store.events.stats()
      const { status } = deps.alerts.counts({}, scope)
      const deadLettersWaiting = await deps.store.documents.count('dead-letters', { redrivenAs: { exists: false } })
      send({
        kind: 'counters',
        at: deps.clock.now(),
        events,
        perSecond: deps.intake.rates().perSecond,
        alertsOpen: status.open,
        deadLettersWaiting,
        warnings: deps.intake.warnings(),
      })
    }
    const stop = deps.alerts.onChange(({ change, alert }: AlertEvent) => {
      if (scope.tenants === 'all' || scope.tenants.includes(alert.tenant))
        send({ kind: 'alert', change, id: alert.id, title: alert.title, severity: alert.severity })
    })
    const beat = async () => {
      // Whoever has been signed out, disabled or given another role hears no more; an open page keeps no session alive.
      if ((await personOf(request, deps, { idle: true })) === undefined) raw.destroy()
      else await counters()
    }
    const tell = () => beat().catch((error: unknown) => deps.logger.warn({ error }, 'a live counter could not be read'))
    const timer = setInterval(() => void tell(), countersMs)
    raw.once('close', () => {
      clearInterval(timer)
      stop()
    })
    if (signal.aborted) raw.destroy()
    await tell()
    return undefined
  }
}
