// What the address of the sources page says.
import { reader } from '../../search-params.ts'

export const sourceSorts = ['source', 'lastSeen', 'events', 'lag', 'deadLetters', 'unexplained'] as const
export type SourceSort = (typeof sourceSorts)[number]

export interface SourcesSearch {
  tab?: 'dead-letters' | 'connect' | undefined
  /** The opened source; of the dead letters, the one they are filtered by. */
  source?: string | undefined
  reason?: string | undefined
  /** Which kind of sender the connect tab explains. */
  how?: string | undefined
  sort?: SourceSort | undefined
}

export function readSourcesSearch(params: Record<string, unknown>): SourcesSearch {
  const read = reader(params)
  return {
    tab: read.oneOf('tab', ['dead-letters', 'connect']),
    source: read.text('source'),
    reason: read.text('reason'),
    how: read.text('how'),
    sort: read.oneOf('sort', sourceSorts),
  }
}
