// The clocks of a breach: when each began, when it ends, and whether what it asks for has been sent.
import type { Breach, BreachAnchor, FilingKind } from '@varde/schema'
import { addDuration, type Regime } from './regimes.ts'

export interface BreachClock {
  regime: string
  clock: string
  title: { da: string; en: string }
  source: string
  to: FilingKind
  tenant?: string
  anchor: BreachAnchor
  state: 'waiting' | 'running' | 'met' | 'late' | 'missed' | 'indefinite'
  startsAt?: number
  dueAt?: number
  metAt?: number
  warnings: { hours: number; at: number; passed: boolean }[]
  warned?: number
}

const hourMs = 3_600_000

/** An order of urgency: what is missed first, then what ends first. */
export function byUrgency(a: BreachClock, b: BreachClock): number {
  const rank = { missed: 0, running: 1, indefinite: 2, waiting: 3, late: 4, met: 5 }
  return rank[a.state] - rank[b.state] || (a.dueAt ?? Number.MAX_VALUE) - (b.dueAt ?? Number.MAX_VALUE)
}

export function clocksOf(breach: Breach, regimes: readonly Regime[], now: number): BreachClock[] {
  return regimes
    .filter(({ id }) => breach.regimes.includes(id))
    .flatMap((regime) =>
      regime.clocks.flatMap((clock) => {
        if (clock.each === 'case') return [clockOf(breach, regime, clock, undefined, now)]
        return breach.controllers.map(({ tenant }) => clockOf(breach, regime, clock, tenant, now))
      }),
    )
    .sort(byUrgency)
}

type ClockFile = Regime['clocks'][number]

function filedAt(breach: Breach, regime: Regime, clock: string, tenant: string | undefined): number | undefined {
  const times = breach.filings
    .filter((one) => one.regime === regime.id && one.clock === clock && (tenant === undefined || one.tenant === tenant))
    .map(({ sentAt }) => sentAt)
  return times.length === 0 ? undefined : Math.min(...times)
}

/**
 * What we were told by a supplier starts the same clocks as what we found ourselves: where `aware` was not set, `informed` is when
 * we came to know.
 */
function anchorAt(breach: Breach, name: BreachAnchor): number | undefined {
  const at = (wanted: BreachAnchor) => breach.anchors.find((anchor) => anchor.name === wanted)?.at
  return at(name) ?? (name === 'aware' ? at('informed') : undefined)
}

function startOf(breach: Breach, regime: Regime, clock: ClockFile): number | undefined {
  const anchor = anchorAt(breach, clock.anchor)
  const before = regime.clocks.find(({ id }) => id === clock.after)
  if (before === undefined || anchor === undefined) return anchor
  return (
    filedAt(breach, regime, before.id, undefined) ??
    (before.within === undefined ? anchor : addDuration(anchor, before.within))
  )
}

function clockOf(
  breach: Breach,
  regime: Regime,
  clock: ClockFile,
  tenant: string | undefined,
  now: number,
): BreachClock {
  const startsAt = startOf(breach, regime, clock)
  const dueAt = startsAt === undefined || clock.within === undefined ? undefined : addDuration(startsAt, clock.within)
  const metAt = filedAt(breach, regime, clock.id, tenant)
  const warnings =
    startsAt === undefined
      ? []
      : clock.warnAtHours.map((hours) => {
          const at = startsAt + hours * hourMs
          return { hours, at, passed: now >= at }
        })
  const state = stateOf(startsAt, dueAt, metAt, now)
  const warned =
    state === 'running' || state === 'missed' ? warnings.filter(({ passed }) => passed).at(-1)?.hours : undefined
  return {
    regime: regime.id,
    clock: clock.id,
    title: clock.title,
    source: clock.source,
    to: clock.to,
    ...(tenant === undefined ? {} : { tenant }),
    anchor: clock.anchor,
    state,
    ...(startsAt === undefined ? {} : { startsAt }),
    ...(dueAt === undefined ? {} : { dueAt }),
    ...(metAt === undefined ? {} : { metAt }),
    warnings,
    ...(warned === undefined ? {} : { warned }),
  }
}

function stateOf(
  startsAt: number | undefined,
  dueAt: number | undefined,
  metAt: number | undefined,
  now: number,
): BreachClock['state'] {
  if (metAt !== undefined) return dueAt !== undefined && metAt > dueAt ? 'late' : 'met'
  if (startsAt === undefined) return 'waiting'
  if (dueAt === undefined) return 'indefinite'
  return now > dueAt ? 'missed' : 'running'
}
