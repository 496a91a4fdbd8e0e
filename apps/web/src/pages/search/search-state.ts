// What the address of the search page says: the whole state of a search, so that a link shows another the same.
import { reader } from '../../search-params.ts'
import { defaultRange, type RangeText } from '../../time/range.ts'

export const detailTabs = ['fields', 'raw', 'json', 'proof', 'around', 'rules'] as const
export type DetailTab = (typeof detailTabs)[number]
/** Two seconds follow the newest like a tail. */
export const liveSeconds = ['2', '5', '15', '60'] as const
export const views = ['patterns', 'compare'] as const

export interface SearchState {
  /** KQL. */
  q?: string | undefined
  /** Pills: KQL fragments that must all hold too; one that begins with `~` is switched off. */
  f?: string[] | undefined
  from?: string | undefined
  to?: string | undefined
  /** Columns, joined by commas. */
  cols?: string | undefined
  /** Field that the histogram is broken down by. */
  by?: string | undefined
  order?: 'oldest' | undefined
  /** Seconds between refreshes. */
  live?: (typeof liveSeconds)[number] | undefined
  /** The opened event and its tab. */
  event?: string | undefined
  tab?: DetailTab | undefined
  /** Field that the events around the opened one share with it. */
  scope?: string | undefined
  /** What stands below the histogram, where not the events. */
  view?: (typeof views)[number] | undefined
  /** The range to compare with, as `from,to` in ISO; the stretch before it without one. */
  base?: string | undefined
}

export function readSearchState(params: Record<string, unknown>): SearchState {
  const read = reader(params)
  const filters = read.list('f')
  return {
    q: read.text('q'),
    f: filters.length > 0 ? filters : undefined,
    from: read.text('from'),
    to: read.text('to'),
    cols: read.text('cols'),
    by: read.text('by'),
    order: read.oneOf('order', ['oldest']),
    live: read.oneOf('live', liveSeconds),
    event: read.text('event'),
    tab: read.oneOf('tab', detailTabs),
    scope: read.text('scope'),
    view: read.oneOf('view', views),
    base: read.text('base'),
  }
}

export const defaultColumns = ['host.name', 'event.action', 'event.outcome', 'user.name', 'source.ip']

export function columnsOf(state: SearchState): string[] {
  if (state.cols === undefined) return defaultColumns
  return [...new Set(state.cols.split(',').filter((one) => one !== ''))]
}

/** `-` stands for no columns at all, since an empty text is left out of the address. */
export function columnsText(columns: string[]): string | undefined {
  if (columns.join() === defaultColumns.join()) return undefined
  return columns.length === 0 ? '-' : columns.join(',')
}

export function rangeOf(state: SearchState): RangeText {
  return state.from === undefined ? defaultRange : { from: state.from, to: state.to ?? 'now' }
}
