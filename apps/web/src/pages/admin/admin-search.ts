// What the address of the administration page says.
import { reader } from '../../search-params.ts'

export const adminTabs = ['channels', 'users', 'look-ups', 'audit'] as const

export interface AdminSearch {
  tab?: (typeof adminTabs)[number] | undefined
  /** Of the audit: whose entries, and of which action. */
  by?: string | undefined
  action?: string | undefined
}

export function readAdminSearch(params: Record<string, unknown>): AdminSearch {
  const { oneOf, text } = reader(params)
  return { tab: oneOf('tab', adminTabs), by: text('by'), action: text('action') }
}
