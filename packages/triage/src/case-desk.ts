// Everything about cases, put together: what the API and the commands use.
import type { EntryStreams } from '@varde/evidence'
import type { Clock } from '@varde/runtime'
import type { Store } from '@varde/store'
import type { Alerts } from './alerts.ts'
import { type BreachDesk, createBreachDesk, type House } from './breach/breach-desk.ts'
import { createExports, type Exports } from './bundle/exports.ts'
import type { Signing } from './bundle/signing.ts'
import { type Cases, openCases } from './cases/cases.ts'
import { type Custody, openCustody } from './cases/custody.ts'
import { createEvidence, type Evidence, type EvidenceOptions } from './cases/evidence.ts'
import { createHolds, type Holds } from './cases/holds.ts'
import { openPins, type Sealed } from './cases/pins.ts'

export interface CaseDesk {
  cases: Cases
  evidence: Evidence
  custody: Custody
  exports: Exports
  holds: Holds
  breach: BreachDesk
  close(): Promise<void>
}

export interface CaseDeskOptions {
  store: Store
  alerts: Alerts
  clock: Clock
  entries: EntryStreams
  sealed: Sealed
  signing: Signing
  ruleText: EvidenceOptions['ruleText']
  /** Where bundles are made and kept. */
  exportsFolder: string
  house: House
}

export function openCaseDesk(options: CaseDeskOptions): CaseDesk {
  const { store, alerts, clock, entries, sealed, signing, ruleText, exportsFolder, house } = options
  const { documents, events } = store
  const cases = openCases({ documents, entries, clock })
  const pins = openPins({ documents, sealed })
  const custody = openCustody({ entries, clock })
  const evidence = createEvidence({ documents, events, alerts, cases, pins, custody, clock, ruleText })
  const folder = exportsFolder
  const exports = createExports({
    documents,
    entries,
    cases,
    evidence,
    custody,
    signing,
    clock,
    folder,
    house: house.name,
  })
  const holds = createHolds({ cases, pins })
  const breach = createBreachDesk({ cases, evidence, clock, house })
  return { cases, evidence, custody, exports, holds, breach, close: () => exports.close() }
}
