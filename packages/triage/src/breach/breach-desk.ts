// The breach desk: clocks, what the notices lack, the notices themselves, the register.
import type { Clock } from '@varde/runtime'
import { type Case, type CaseChange, languages, type SupplierReport } from '@varde/schema'
import type { Scope } from '@varde/store'
import { wordsIn } from '../bundle/words.ts'
import type { Cases } from '../cases/cases.ts'
import type { Evidence } from '../cases/evidence.ts'
import { type BreachClock, byUrgency, clocksOf } from './clocks.ts'
import { type DocumentKind, noticePage } from './documents.ts'
import { type Estimates, estimatesOf } from './estimates.ts'
import { loadRegimes, type Regime } from './regimes.ts'

/** Who we are, as the notices say it. */
export interface House {
  name: string
  address?: string
  contact?: { name: string; mail?: string; telephone?: string }
  /** Folder of regime files beside those that are shipped. */
  regimes?: string
}

export interface RegisterRow {
  case: string
  title: string
  occurredAt?: number
  detectedAt?: number
  awareAt?: number
  nature: string
  effects: string
  remedies: string
  persons?: number
  records?: number
  notified: 'yes' | 'no' | 'undecided'
  reason: string
  filings: number
  status: string
}

export interface Intake extends SupplierReport {
  informedAt: number
  occurredAt?: number | undefined
  tenants: string[]
  severity: 'low' | 'medium' | 'high' | 'critical'
}

export interface BreachDesk {
  regimes(): Regime[]
  clocks(of: Case): BreachClock[]
  /** Of every case that is not closed: missed and running ones, the most urgent first. */
  running(scope: Scope): Promise<(BreachClock & { case: string; caseTitle: string })[]>
  estimates(of: Case): Promise<Estimates>
  missing(of: Case): { fact: string; words: { da: string; en: string } }[]
  document(
    of: Case,
    asked: { kind: DocumentKind; language: 'da' | 'en'; tenant?: string | undefined; phase: number },
  ): Promise<string>
  register(scope: Scope, range: { from?: number | undefined; to?: number | undefined }): Promise<RegisterRow[]>
  /** A supplier's breach becomes a case whose clocks run from when we were told. */
  intake(report: Intake, by: string): Promise<Case>
}

export function createBreachDesk(options: {
  cases: Cases
  evidence: Evidence
  clock: Clock
  house: House
}): BreachDesk {
  const { cases, evidence, clock, house } = options
  const regimes = loadRegimes(house.regimes)
  const clocks = (of: Case) => (of.breach === undefined ? [] : clocksOf(of.breach, regimes, clock.now()))
  return {
    regimes: () => regimes,
    clocks,
    async running(scope) {
      const open = (await cases.list(scope)).filter(({ status }) => status !== 'closed')
      return open
        .flatMap((of) => clocks(of).map((one) => ({ ...one, case: of.id, caseTitle: of.title })))
        .filter(({ state }) => state === 'missed' || state === 'running')
        .sort(byUrgency)
    },
    estimates: (of) => estimatesOf(of, evidence),
    missing: (of) => missingIn(of, clock.now()),
    async document(of, { kind, language, tenant, phase }) {
      const [alerts, estimates] = [await evidence.alerts(of), await estimatesOf(of, evidence)]
      return noticePage({ kind, language, tenant, phase, case: of, alerts, estimates, house, now: clock.now() })
    },
    async register(scope, { from = 0, to = Number.MAX_SAFE_INTEGER }) {
      return (await cases.list(scope))
        .filter((of) => of.breach !== undefined)
        .map(registerRow)
        .filter(({ awareAt, detectedAt }) => {
          const at = awareAt ?? detectedAt
          return at === undefined || (at >= from && at < to)
        })
        .sort((a, b) => (a.case < b.case ? -1 : 1))
    },
    async intake(report, by) {
      const { informedAt, occurredAt, tenants, severity, ...rest } = report
      const of = await cases.open(
        {
          title: `Breach at ${report.supplier}`,
          severity,
          zone: 'Europe/Copenhagen',
          tags: ['supplier'],
          tenants: tenants.length === 0 ? ['house'] : [...new Set(tenants)].sort(),
        },
        by,
      )
      const told = `told by ${report.supplier}`
      const changes: CaseChange[] = [
        { kind: 'breach', regimes: ['gdpr-processor', 'policy'] },
        { kind: 'supplier', report: rest },
        { kind: 'anchor', name: 'informed', at: informedAt, reason: told },
        ...(occurredAt === undefined
          ? []
          : [{ kind: 'anchor' as const, name: 'occurred' as const, at: occurredAt, reason: told }]),
        ...tenants.map((tenant) => ({ kind: 'controller' as const, controller: { tenant, name: tenant } })),
      ]
      return cases.change(of.id, of.revision, changes, by)
    },
  }
}

function registerRow(of: Case): RegisterRow {
  const { anchors = [], facts = {}, decision, filings = [] } = of.breach ?? {}
  const at = (name: string) => anchors.find((anchor) => anchor.name === name)?.at
  const [occurredAt, detectedAt, awareAt] = [at('occurred'), at('detected'), at('aware') ?? at('informed')]
  const done = of.tasks.filter(({ measure, status }) => measure && status === 'done').map(({ title }) => title)
  return {
    case: of.id,
    title: of.title,
    ...(occurredAt === undefined ? {} : { occurredAt }),
    ...(detectedAt === undefined ? {} : { detectedAt }),
    ...(awareAt === undefined ? {} : { awareAt }),
    nature: facts.nature ?? '',
    effects: facts.consequences ?? '',
    remedies: [...done, facts.measuresTaken ?? ''].filter((text) => text !== '').join('; '),
    ...(facts.persons === undefined ? {} : { persons: facts.persons }),
    ...(facts.records === undefined ? {} : { records: facts.records }),
    notified: decision === undefined ? 'undecided' : decision.notify ? 'yes' : 'no',
    reason: decision?.reason ?? '',
    filings: filings.length,
    status: of.status,
  }
}

/** What Art. 33(3) asks and nobody has written. Numbers are estimated, so only their absence in both places would be one. */
function missingIn(of: Case, now: number): { fact: string; words: { da: string; en: string } }[] {
  const { facts = {}, anchors = [], decision } = of.breach ?? {}
  const missing: string[] = []
  for (const fact of [
    'nature',
    'kinds',
    'personCategories',
    'recordCategories',
    'consequences',
    'contact',
    'riskReason',
  ] as const) {
    const value = facts[fact]
    if (value === undefined || (Array.isArray(value) && value.length === 0)) missing.push(fact)
  }
  const hasMeasure =
    of.tasks.some(({ measure }) => measure) || facts.measuresTaken !== undefined || facts.measuresProposed !== undefined
  if (!hasMeasure) missing.push('measures')
  const aware = anchors.find(({ name }) => name === 'aware' || name === 'informed')
  if (aware === undefined) missing.push('anchor')
  else if (now - aware.at > 72 * 3_600_000 && facts.delayReason === undefined) missing.push('delayReason')
  const occurred = anchors.find(({ name }) => name === 'occurred')
  if (occurred !== undefined && anchors.some(({ at }) => at < occurred.at)) missing.push('anchorOrder')
  if (decision === undefined) missing.push('decision')
  const [da, en] = languages.map((language) => wordsIn('breach', language))
  return missing.map((fact) => ({ fact, words: { da: da?.(`fact-${fact}`) ?? '', en: en?.(`fact-${fact}`) ?? '' } }))
}
