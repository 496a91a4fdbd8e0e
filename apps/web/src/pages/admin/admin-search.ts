// What the address of the administration page says.
import { reader } from '../../search-params.ts'

export const adminTabs = ['channels', 'users', 'look-ups'] as const

export function readAdminSearch(params: Record<string, unknown>): { tab?: (typeof adminTabs)[number] | undefined } {
  return { tab: reader(params).oneOf('tab', adminTabs) }
}
