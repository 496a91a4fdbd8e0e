// What the address of the rules page says.
import { type Severity, severities } from '@varde/schema'
import { reader } from '../../search-params.ts'

export const ruleSorts = ['name', 'alerts', 'perDay', 'false', 'last'] as const
export type RuleSort = (typeof ruleSorts)[number]
export const ruleTabs = ['tests', 'try', 'why', 'replay', 'history'] as const
export type RuleTab = (typeof ruleTabs)[number]

export function readRuleSearch(params: Record<string, unknown>): {
  tab?: RuleTab | undefined
  event?: string | undefined
} {
  const read = reader(params)
  return { tab: read.oneOf('tab', ruleTabs), event: read.text('event') }
}

export interface RulesSearch {
  q?: string | undefined
  severity?: Severity | undefined
  type?: string | undefined
  show?: 'fired' | 'never' | 'findings' | undefined
  view?: 'attack' | undefined
  sort?: RuleSort | undefined
}

export function readRulesSearch(params: Record<string, unknown>): RulesSearch {
  const read = reader(params)
  return {
    q: read.text('q'),
    severity: read.oneOf('severity', severities),
    type: read.text('type'),
    show: read.oneOf('show', ['fired', 'never', 'findings']),
    view: read.oneOf('view', ['attack']),
    sort: read.oneOf('sort', ruleSorts),
  }
}
