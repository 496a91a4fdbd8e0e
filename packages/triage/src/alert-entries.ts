// Every final alert, and every decision on one, as an entry of the sealed stream @alerts: behind the queue, never in its way.
import { alertsStream, decidedDigest, type EntryStreams } from '@varde/evidence'
import type { Logger } from '@varde/runtime'
import { type Alert, canonicalJson, type JsonObject } from '@varde/schema'
import type { Alerts } from './alerts.ts'

export interface AlertEntries {
  /** Resolves when all that happened before the call is sealed. */
  settle(): Promise<void>
  stop(): Promise<void>
}

const house = { tenants: 'all' } as const

export function sealAlerts(deps: { alerts: Alerts; streams: EntryStreams; log: Logger }): AlertEntries {
  const { alerts, streams, log } = deps
  /** By id, so that an alert that changes often while we write is written once. */
  const waiting = new Set<string>()
  let running: Promise<void> | undefined

  const sealOne = async (id: string) => {
    const alert = await alerts.get(id, house)
    if (alert === undefined || alert.finality === 'provisional') return
    const body = bodyOf(alert)
    let last: JsonObject | undefined
    for await (const entry of streams.read(alertsStream, { subject: id })) last = entry.body
    if (last !== undefined && canonicalJson(last) === canonicalJson(body)) return
    await streams.append(alertsStream, body)
  }

  const run = async () => {
    for (const id of waiting) {
      waiting.delete(id)
      try {
        await sealOne(id)
      } catch (error) {
        // The alert itself is stored; its next change, or its download, seals it.
        log.warn({ alert: id, err: error }, 'alerts: an entry could not be sealed')
      }
    }
    running = undefined
  }

  const end = alerts.onChange(({ alert }) => {
    waiting.add(alert.id)
    running ??= Promise.resolve().then(run)
  })
  const settle = async () => {
    while (running !== undefined) await running
  }
  return {
    settle,
    async stop() {
      end()
      await settle()
    },
  }
}

/** What is decided, by its digest, and what people made of it so far. */
function bodyOf(alert: Alert): JsonObject {
  const { id, finality, status, verdict, assignee, history } = alert
  const by = history.at(-1)?.by
  return {
    action: finality === 'retracted' ? 'retracted' : history.length === 0 ? 'final' : 'decided',
    subject: id,
    decided: decidedDigest(JSON.parse(JSON.stringify(alert))),
    status,
    steps: history.length,
    ...(verdict === undefined ? {} : { verdict }),
    ...(assignee === undefined ? {} : { assignee }),
    ...(by === undefined ? {} : { by }),
  }
}
