// Looks after the house once a minute and appends what it finds to the stream of events: sources, messages, clocks, risk, rules, chains, canary.
import { ledgerRows } from '@varde/api'
import type { RuleBook } from '@varde/detection'
import type { Collectors } from '@varde/ingest'
import type { Notifier } from '@varde/notify'
import type { Clock, Logger } from '@varde/runtime'
import type { JsonObject } from '@varde/schema'
import { collections, type DocumentStore } from '@varde/store'
import type { Alerts, CaseDesk } from '@varde/triage'
import { canaryRule, createCanary } from './canary.ts'
import { createChainWatch } from './chain-watch.ts'
import { clockWarnings, undelivered } from './duty-watch.ts'
import { type HouseEvent, houseOrigin, recordOf } from './house-event.ts'
import { createRiskWatch } from './risk-watch.ts'
import { ruleChanges, rulesById } from './rule-watch.ts'
import { createSourceWatch, notableMinutes, type SourceFacts, sourceKey } from './source-watch.ts'

export interface HouseWatch {
  /** One look at everything; events are durable when it resolves. */
  look(): Promise<void>
  stop(): Promise<void>
}

export interface HouseWatchOptions {
  documents: DocumentStore
  alerts: Pick<Alerts, 'all' | 'onChange'>
  breach: Pick<CaseDesk['breach'], 'running'>
  rules: Pick<RuleBook, 'all' | 'onChange'>
  notifier: Pick<Notifier, 'list'> | undefined
  append: Collectors['append']
  collector: string
  canaryMs: number | undefined
  clock: Clock
  log: Logger
}

const lookMs = 60_000
const minuteMs = 60_000
const learnMs = 24 * 60 * 60_000
/** A minute of the ledger is complete some time after it has ended: seals are. */
const settledMs = 2 * minuteMs
const all = { tenants: 'all' } as const
const pageMax = 200

export function startHouseWatch(options: HouseWatchOptions): HouseWatch {
  const { documents, alerts, breach, rules, notifier, clock, log } = options
  const origin = houseOrigin(options.collector)
  const since = clock.now()
  const sources = createSourceWatch(since)
  const risks = createRiskWatch()
  const chains = createChainWatch(documents)
  const canary = options.canaryMs === undefined ? undefined : createCanary(options.canaryMs)
  let minutesUntil = Math.floor(since / minuteMs) * minuteMs
  let learned = false
  let known = rulesById(rules.all())
  let stopped = false
  let turn: Promise<unknown> = Promise.resolve()

  const tell = async (events: readonly HouseEvent[]): Promise<void> => {
    if (events.length > 0) await options.append(events.map((event) => recordOf(event, origin)))
  }
  /** One after the other, and none of them ends the process: what could not be told is told at the next look. */
  const queue = (what: string, work: () => Promise<readonly HouseEvent[]>): Promise<void> => {
    const next = turn.then(async () => {
      if (!stopped) await tell(await work())
    })
    turn = next.catch((error: unknown) => log.warn({ err: error, what }, 'house: could not look after itself'))
    return turn.then(() => undefined)
  }

  const lookAtSources = async (): Promise<HouseEvent[]> => {
    const now = clock.now()
    if (!learned) {
      sources.learn(await ledgerRows(documents, all, { from: now - learnMs, to: now }))
      learned = true
    }
    const until = Math.floor((now - settledMs) / minuteMs) * minuteMs
    const minutes = until > minutesUntil ? await ledgerRows(documents, all, { from: minutesUntil, to: until }) : []
    const facts = await sourceFacts(documents)
    // Imported history is late by nature, and its files have the holes that they have.
    const imported = new Set(facts.filter(({ transport }) => transport === 'file').map(sourceKey))
    const live = minutes.filter((one) => !imported.has(sourceKey(one)))
    const found = [...notableMinutes(live), ...sources.silent(facts, now)]
    minutesUntil = Math.max(minutesUntil, until)
    return found
  }
  const lookAtMessages = async (): Promise<HouseEvent[]> => {
    if (notifier === undefined) return []
    const [pending, failed] = [
      await notifier.list({ status: 'pending', limit: pageMax }),
      await notifier.list({ status: 'failed', limit: pageMax }),
    ]
    return undelivered([...pending.notifications, ...failed.notifications], clock.now())
  }

  const look = async (): Promise<void> => {
    await Promise.all([
      queue('sources', lookAtSources),
      queue('messages', lookAtMessages),
      queue('clocks', async () => clockWarnings(await breach.running(all), clock.now())),
      queue('risk', async () => risks.look(alerts.all(all), clock.now())),
      queue('chains', () => chains.look(clock.now())),
      queue('canary', async () => canary?.plant(clock.now()) ?? []),
    ])
  }

  rules.onChange(() => {
    const next = rulesById(rules.all())
    const found = ruleChanges(known, next, clock.now())
    known = next
    void queue('rules', async () => found)
  })
  const forget = alerts.onChange(({ alert }) => {
    if (alert.rule.id === canaryRule) void queue('canary', async () => canary?.hear(clock.now()) ?? [])
  })
  const timer = setInterval(() => void look(), lookMs)
  timer.unref()
  return {
    look,
    async stop() {
      stopped = true
      clearInterval(timer)
      forget()
      await turn
    },
  }
}

async function sourceFacts(documents: DocumentStore): Promise<SourceFacts[]> {
  const { docs } = await documents.list(collections.sources.name, { limit: 10_000 })
  return docs.map(({ doc }) => ({
    tenant: textIn(doc, 'tenant'),
    source: textIn(doc, 'source'),
    transport: textIn(doc, 'transport'),
    firstSeen: numberIn(doc, 'firstSeen'),
    lastSeen: numberIn(doc, 'lastSeen'),
  }))
}

function textIn(doc: JsonObject, name: string): string {
  const value = doc[name]
  return typeof value === 'string' ? value : ''
}

function numberIn(doc: JsonObject, name: string): number {
  const value = doc[name]
  return typeof value === 'number' ? value : 0
}
