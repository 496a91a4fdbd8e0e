// Server-sent events: what changes while a page is open.
import { limits, VardeError } from '@varde/runtime'
import type { AlertEvent } from '@varde/triage'
import type { StreamMessage } from './contract/overview.ts'
import type { ApiDeps } from './deps.ts'
import { deadLettersWaiting, type HouseView, perSecondFor, seesHouse, warningsFor } from './house-view.ts'
import type { Handler } from './register.ts'
import { sourceRows } from './routes/source-rows.ts'
import { personOf } from './security.ts'

const countersMs = 2_000
/** Bytes that a slow reader may owe before its stream is closed; the browser opens a new one by itself. */
const owedBytesMax = 1024 * 1024

export function streamHandler(deps: ApiDeps, house: HouseView): Handler<'stream'> {
  const open = new Map<string, number>()
  return async ({ person, scope, request, reply, signal }) => {
    const streams = open.get(person.id) ?? 0
    if (streams >= limits.streamsPerPersonMax)
      throw new VardeError('TOO_MANY_STREAMS', `${person.name} has ${streams} live streams already`, {
        hint: 'Close some pages of Varde.',
      })
    open.set(person.id, streams + 1)
    const { raw } = reply.hijack()
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
    const send = (message: StreamMessage) => {
      if (raw.writableLength > owedBytesMax) raw.destroy()
      else raw.write(`event: ${message.kind}\ndata: ${JSON.stringify(message)}\n\n`)
    }
    const counters = async () => {
      const [{ total }, waiting, sources] = await Promise.all([
        house.totals(scope),
        deadLettersWaiting(deps, scope),
        seesHouse(scope) ? [] : sourceRows(deps, scope),
      ])
      const { status } = deps.alerts.counts({}, scope)
      send({
        kind: 'counters',
        at: deps.clock.now(),
        events: total,
        perSecond: perSecondFor(scope, deps, () => sources),
        alertsOpen: status.open,
        deadLettersWaiting: waiting,
        warnings: warningsFor(scope, deps.intake.warnings()),
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
      const left = (open.get(person.id) ?? 1) - 1
      if (left === 0) open.delete(person.id)
      else open.set(person.id, left)
      clearInterval(timer)
      stop()
    })
    if (signal.aborted) raw.destroy()
    await tell()
    return undefined
  }
}
