// Processes that each keep the queue of alerts tell one another which have changed, over a topic of the bus.
import type { Bus } from '@varde/bus'
import type { Logger } from '@varde/runtime'
import type { Alerts } from '@varde/triage'

const topic = 'alerts'
/** News, not state: who was away loads the whole queue at its start. */
const keptMs = 60 * 60_000
const retryMs = 1_000

export interface AlertNews {
  stop(): Promise<void>
}

export async function shareAlertNews(deps: {
  bus: Bus
  alerts: Alerts
  node: string
  log: Logger
}): Promise<AlertNews> {
  const { bus, alerts, node, log } = deps
  await bus.ensureTopic(topic, { partitions: 1, retentionMs: keptMs })
  const stopping = new AbortController()
  const hearing = new Set<string>()
  const forget = alerts.onChange(({ alert }) => {
    if (hearing.has(alert.id)) return
    bus
      .append(topic, 0, [{ value: Buffer.from(alert.id), headers: { node } }])
      .catch((error: unknown) => log.warn({ err: error, alert: alert.id }, 'alerts: other processes were not told'))
  })

  async function hear(): Promise<void> {
    let { end: from } = await bus.partition(topic, 0)
    while (!stopping.signal.aborted) {
      try {
        for await (const batch of bus.read(topic, { partition: 0, from, signal: stopping.signal })) {
          const ids = batch.records
            .filter(({ headers }) => headers['node'] !== node)
            .map(({ value }) => Buffer.from(value).toString())
          for (const id of new Set(ids)) {
            hearing.add(id)
            await alerts.refresh(id).finally(() => hearing.delete(id))
          }
          from = (batch.records.at(-1)?.offset ?? from - 1) + 1
        }
      } catch (error) {
        if (stopping.signal.aborted) return
        log.warn({ err: error }, 'alerts: news of other processes failed, tried again')
        await new Promise((resolve) => setTimeout(resolve, retryMs))
        from = await bus.partition(topic, 0).then(
          ({ first }) => Math.max(first, from),
          () => from,
        )
      }
    }
  }

  const running = hear()
  running.catch((error: unknown) => log.error({ err: error }, 'alerts: no news of other processes are heard'))
  return {
    async stop() {
      forget()
      stopping.abort()
      await running.catch(() => undefined)
    },
  }
}
