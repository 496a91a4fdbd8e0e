// What the addresses of the cases say.
import { type CaseStatus, caseStatuses } from '@varde/schema'
import { reader } from '../../search-params.ts'

export const caseTabs = ['timeline', 'notes', 'tasks', 'evidence', 'custody', 'breach', 'history'] as const
export type CaseTab = (typeof caseTabs)[number]

export interface CasesSearch {
  status?: CaseStatus | undefined
  q?: string | undefined
  tab?: 'register' | undefined
}

export function readCasesSearch(params: Record<string, unknown>): CasesSearch {
  const read = reader(params)
  return {
    status: read.oneOf('status', caseStatuses),
    q: read.text('q'),
    tab: read.oneOf('tab', ['register']),
  }
}

export function readCaseSearch(params: Record<string, unknown>): { tab?: CaseTab | undefined } {
  return { tab: reader(params).oneOf('tab', caseTabs) }
}
