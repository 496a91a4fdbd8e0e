// What any part of the search page can do to the search: everything goes through the address.
import type { Json } from '@varde/schema'
import { createContext, useContext } from 'react'
import type { Range, RangeText } from '../../time/range.ts'
import { fieldFilter, withFilter } from './kql.ts'
import { columnsOf, columnsText, type SearchState } from './search-state.ts'

export interface SearchActions {
  state: SearchState
  columns: string[]
  /** Query and pills as one KQL text, and the range as it was when last refreshed. */
  query: string
  range: Range
  setQuery(q: string): void
  setFilters(filters: string[]): void
  addFilter(filter: string): void
  include(field: string, value: Json): void
  exclude(field: string, value: Json): void
  /** Drops query and pills for this one. */
  only(field: string, value: Json): void
  setRange(range: RangeText): void
  setColumns(columns: string[]): void
  toggleColumn(field: string): void
  breakDown(field: string | undefined): void
  /** Opens an event, or closes it; replaces the address, so that "back" leaves the list as it was. */
  open(event: string | undefined): void
  set(patch: Partial<SearchState>): void
  refresh(): void
}

type Patch = (patch: Partial<SearchState>, replace?: boolean) => void

export function createSearchActions(
  state: SearchState,
  query: string,
  range: Range,
  patch: Patch,
  refresh: () => void,
): SearchActions {
  const columns = columnsOf(state).filter((column) => column !== '-')
  const filters = state.f ?? []
  const setFilters = (next: string[]) => patch({ f: next.length === 0 ? undefined : next })
  const setColumns = (next: string[]) => patch({ cols: columnsText(next) }, true)
  return {
    state,
    columns,
    query,
    range,
    setQuery: (q) => patch({ q: q.trim() === '' ? undefined : q.trim() }),
    setFilters,
    addFilter: (filter) => setFilters(withFilter(filters, filter)),
    include: (field, value) => setFilters(withFilter(filters, fieldFilter(field, value))),
    exclude: (field, value) => setFilters(withFilter(filters, fieldFilter(field, value, true))),
    only: (field, value) => patch({ q: undefined, f: [fieldFilter(field, value)] }),
    setRange: (next) => patch({ from: next.from, to: next.to }),
    setColumns,
    toggleColumn: (field) =>
      setColumns(columns.includes(field) ? columns.filter((one) => one !== field) : [...columns, field]),
    breakDown: (by) => patch({ by }, true),
    open: (event) => patch({ event, ...(event === undefined ? { tab: undefined } : {}) }, true),
    set: (next) => patch(next),
    refresh,
  }
}

export const SearchActionsContext = createContext<SearchActions | undefined>(undefined)

export function useSearchActions(): SearchActions {
  const actions = useContext(SearchActionsContext)
  if (actions === undefined) throw new Error('useSearchActions outside of the search page')
  return actions
}
