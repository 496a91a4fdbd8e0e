// The part of a case's fold that is about the breach: anchors, facts, controllers, filings, decision.
import type { Breach, CaseRevision } from '@varde/schema'
import { refuse } from './refuse.ts'

const kinds = [
  'breach',
  'anchor',
  'facts',
  'controller',
  'remove-controller',
  'filing',
  'decision',
  'supplier',
] as const
type BreachChange = Extract<CaseRevision['change'], { kind: (typeof kinds)[number] }>

export function isBreachChange(change: CaseRevision['change']): change is BreachChange {
  return kinds.some((kind) => kind === change.kind)
}

export function applyBreachChange(before: Breach, change: BreachChange, { at, by }: CaseRevision): Breach {
  switch (change.kind) {
    case 'breach':
      return { ...before, regimes: [...new Set(change.regimes)].sort() }
    case 'anchor': {
      const { name, reason } = change
      const others = before.anchors.filter((anchor) => anchor.name !== name)
      return { ...before, anchors: [...others, { name, at: change.at, reason, setAt: at, by }] }
    }
    case 'facts':
      return { ...before, facts: change.facts }
    case 'controller': {
      const others = before.controllers.filter((one) => one.tenant !== change.controller.tenant)
      return {
        ...before,
        controllers: [...others, change.controller].sort((a, b) => (a.tenant < b.tenant ? -1 : 1)),
      }
    }
    case 'remove-controller':
      if (!before.controllers.some((one) => one.tenant === change.tenant))
        throw refuse(`${change.tenant} is not among the affected controllers`)
      return { ...before, controllers: before.controllers.filter((one) => one.tenant !== change.tenant) }
    case 'filing':
      return { ...before, filings: [...before.filings, { ...change.filing, id: change.newId ?? '', by }] }
    case 'decision':
      return { ...before, decision: { notify: change.notify, reason: change.reason, at, by } }
    case 'supplier':
      return { ...before, supplier: change.report }
  }
}
