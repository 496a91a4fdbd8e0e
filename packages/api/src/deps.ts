// What the HTTP surface stands on; wiring gives it.
import type { Auth } from '@varde/auth'
import type { Correlation, Replays, RuleBook, RuleVersions } from '@varde/detection'
import type { EntryStreams } from '@varde/evidence'
import type { Heads, KeyRing, Signatures } from '@varde/notary'
import type { Notifier } from '@varde/notify'
import type { Clock, Logger } from '@varde/runtime'
import type { EventId } from '@varde/schema'
import type { Store } from '@varde/store'
import type { Alerts, CaseDesk } from '@varde/triage'
import type { FastifyInstance } from 'fastify'
import type { Warning } from './contract/overview.ts'
import type { Listener } from './contract/sources.ts'

/** The way in, as far as people and shippers use it. */
export interface Intake {
  listeners(): Listener[]
  redrive(ids: EventId[]): Promise<{ redriven: number; skipped: number }>
  /** Records a second over the last ten seconds, and events stored but not sealed yet. */
  rates(): { perSecond: number; unsealed: number }
  warnings(): Warning[]
}

export interface ApiDeps {
  store: Store
  auth: Auth
  alerts: Alerts
  rules: RuleBook
  ruleVersions: RuleVersions
  replays: Replays
  /** Sealed streams, keys, heads and what leads to them. */
  notary: { streams: EntryStreams; ring: KeyRing; heads: Heads; signatures: Signatures }
  correlation: Pick<Correlation, 'stats' | 'revisions'>
  intake: Intake
  /** Absent where nobody is to be told. */
  notifier?: Pick<Notifier, 'list' | 'status' | 'test'> | undefined
  clock: Clock
  logger: Logger
  /** Cases, evidence, bundles, breaches. */
  desk: CaseDesk
  version: string
  /** Folder of the built web app. */
  webRoot: string
  /** True where this process speaks TLS itself: cookies are `Secure`. Behind a trusted proxy its word counts. */
  secure: boolean
  /** Reverse proxies whose forwarded headers are believed: addresses or CIDR. */
  trustedProxies?: readonly string[]
  /** Bearer token of the commands on this machine. */
  localToken: string
  /** Whether the data folder holds the sample. */
  hasSample(): Promise<boolean>
  /** Brings it in; while that runs, another call waits for the same. */
  loadSample(): Promise<{ events: number; alerts: number; already: boolean }>
  /** Takes it out on this person's word. Throws ERASURE_HELD. */
  removeSample(by: string): Promise<{ events: number; alerts: number }>
  diskFreeBytes(): number | undefined
  /** Server certificate, where there is one (PEM). */
  tls?: { certificate: string; key: string }
  /** Adds the routes that are not the contract's, such as those for shippers. */
  extend?: (app: FastifyInstance) => void
}
