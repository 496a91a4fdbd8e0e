// What the address of the rules page says.
import { type Severity, severities } from '@varde/schema'
import { reader } from '../../search-params.ts'

export interface RulesSearch {
  q?: string | undefined
  severity?: Severity | undefined
  type?: string | undefined
  show?: 'fired' | 'never' | 'findings' | undefined
}

export function readRulesSearch(params: Record<string, unknown>): RulesSearch {
  const read = reader(params)
  return {
    q: read.text('q'),
    severity: read.oneOf('severity', severities),
    type: read.text('type'),
    show: read.oneOf('show', ['fired', 'never', 'findings']),
  }
}
