// What the address of an entity's page says.
import { reader } from '../../search-params.ts'

export interface EntitySearch {
  from?: string | undefined
  to?: string | undefined
  logons?: 'failed' | undefined
}

export function readEntitySearch(params: Record<string, unknown>): EntitySearch {
  const read = reader(params)
  return { from: read.text('from'), to: read.text('to'), logons: read.oneOf('logons', ['failed']) }
}
