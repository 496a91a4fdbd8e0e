// Looks after the cluster's store: says when shards or disks run short, and forgets senders' names whose time is over.
import type { Clock, Config, Logger } from '@varde/runtime'
import type { ElasticsearchStore, Guard } from '@varde/store/elasticsearch'

export interface StoreKeeper {
  /** How near the cluster is to its bounds, as last seen. */
  guard(): Guard | undefined
  stop(): void
}

const lookMs = 60_000
const forgetEveryMs = 3_600_000

/** Any number of processes may keep: what is gone is gone for all. */
export function startStoreKeeper(options: {
  store: ElasticsearchStore
  settings: NonNullable<Config['elasticsearch']>
  clock: Clock
  log: Logger
}): StoreKeeper {
  const { store, settings, clock, log } = options
  let seen: Guard | undefined
  let forgotten = Number.NEGATIVE_INFINITY
  const look = async () => {
    const guard = await store.guard()
    for (const alarm of guard.alarms)
      if (seen?.alarms.includes(alarm) !== true) log.error({ ...guard.shards }, `store: ${alarm}`)
    seen = guard
    if (settings.senderDays === undefined || clock.now() - forgotten < forgetEveryMs) return
    forgotten = clock.now()
    await store.forgetSenders(settings.senderDays, clock.now())
  }
  const safely = () =>
    void look().catch((error: unknown) => log.warn({ error: String(error) }, 'store: could not look after the cluster'))
  safely()
  const timer = setInterval(safely, lookMs)
  timer.unref()
  return { guard: () => seen, stop: () => clearInterval(timer) }
}
