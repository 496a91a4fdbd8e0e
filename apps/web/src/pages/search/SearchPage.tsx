// The search page: one box, a range, a histogram, the fields, the events, and one event whole.
import { useMediaQuery } from '@mantine/hooks'
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import type { Count, EventRow, Histogram } from '@varde/api/contract'
import { parseQuery } from '@varde/schema'
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { call } from '../../api/client.ts'
import { ask } from '../../api/queries.ts'
import { useShortcuts } from '../../keys/shortcuts.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { PivotProvider } from '../../pivot/PivotMenu.tsx'
import { beginningAt, resolveRange, widen } from '../../time/range.ts'
import { useNow } from '../../time/use-now.ts'
import { createSearchActions, SearchActionsContext } from './actions.ts'
import { CompletenessBanner } from './CompletenessBanner.tsx'
import { rowHeights, useDensity } from './density.ts'
import { EventPanel } from './EventPanel.tsx'
import { EventTable } from './EventTable.tsx'
import { FieldSidebar } from './FieldSidebar.tsx'
import { FilterPills } from './FilterPills.tsx'
import { rememberSearch } from './history.ts'
import { wholeQuery } from './kql.ts'
import { messages } from './messages.en.ts'
import { NothingFound } from './NothingFound.tsx'
import { ResultHistogram } from './ResultHistogram.tsx'
import { ResultViews } from './ResultViews.tsx'
import { SearchBar } from './SearchBar.tsx'
import styles from './search.module.css'
import { detailTabs, rangeOf, type SearchState } from './search-state.ts'

const PatternsView = lazy(() => import('./PatternsView.tsx').then((file) => ({ default: file.PatternsView })))
const CompareView = lazy(() => import('./CompareView.tsx').then((file) => ({ default: file.CompareView })))
const route = getRouteApi('/app/search')
/** What fills the screen, and a little: each row that is rarely met is read from another place of the disk, so that the first page sets the pace. */
const firstEvents = Math.min(100, Math.max(40, Math.ceil(window.innerHeight / rowHeights.normal) + 12))
const pageEvents = 200

export function SearchPage() {
  const state = route.useSearch()
  const navigate = useNavigate({ from: '/search' })
  const narrow = useMediaQuery('(max-width: 900px)', false, { getInitialValueInEffect: false })
  const roomy = useMediaQuery('(min-width: 1440px)', true, { getInitialValueInEffect: false })
  const [fieldsShown, setFieldsShown] = useState<boolean>()
  const box = useRef<HTMLInputElement>(null)
  const [density, setDensity] = useDensity()

  const { from, to } = rangeOf(state)
  const [now, refresh] = useNow(`${from} ${to}`)
  const asked = useMemo(() => resolveRange({ from, to }, now), [from, to, now])
  const oldest = useOldest(asked.to - asked.from > longRange)
  const range = useMemo(() => (oldest === undefined ? asked : beginningAt(asked, oldest)), [asked, oldest])
  const query = wholeQuery(state.q ?? '', state.f ?? [])
  const parsed = useMemo(() => parseQuery(query), [query])
  const patch = useCallback(
    (next: Partial<SearchState>, replace = false) =>
      void navigate({ search: (before) => ({ ...before, ...next }), replace }),
    [navigate],
  )
  const actions = useMemo(
    () => createSearchActions(state, query, range, patch, refresh),
    [state, query, range, patch, refresh],
  )

  const live = useLive(state.live, refresh)
  useEffect(() => {
    if (state.q !== undefined && parseQuery(state.q).ok) rememberSearch(state.q)
  }, [state.q])

  const order = state.order ?? 'newest'
  // What the table shows is there long before whole events are, whose matches may lie all over the disk.
  const first = useQuery({
    queryKey: ['searchEvents', 'first', query, range, order],
    queryFn: ({ signal }) =>
      call('searchEvents', { body: { query, ...range, order, limit: firstEvents, columns: actions.columns } }, signal),
    placeholderData: keepPreviousData,
    enabled: parsed.ok,
  })
  const by = state.by
  const histogram = useQuery({
    ...ask('histogram', { body: { query, ...range, buckets: narrow ? 36 : 80, by } }),
    placeholderData: keepPreviousData,
    enabled: parsed.ok,
  })
  const firstStands = first.isError || (first.isSuccess && !first.isPlaceholderData)
  const result = useInfiniteQuery({
    queryKey: ['searchEvents', query, range, order],
    queryFn: ({ pageParam, signal }) => {
      const limit = pageParam === undefined ? firstEvents : pageEvents
      return call('searchEvents', { body: { query, ...range, order, limit, cursor: pageParam } }, signal)
    },
    initialPageParam: firstPage,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    enabled: parsed.ok && firstStands && !histogram.isFetching,
  })
  const isWhole = result.isSuccess && !result.isPlaceholderData
  const whole = useMemo(() => result.data?.pages.flatMap((page) => page.events) ?? [], [result.data])
  const events = useMemo(
    () => (isWhole || !firstStands ? whole : completed(first.data?.events ?? [], whole)),
    [isWhole, firstStands, whole, first.data],
  )
  const page = isWhole || !firstStands ? result.data?.pages[0] : first.data
  const total = exactTotal(page?.total, histogram.isPlaceholderData ? undefined : histogram.data)
  const opened = state.event
  const at = events.findIndex((event) => event.id === opened)
  const step = (by: 1 | -1) => {
    const next = events[at === -1 ? (by === 1 ? 0 : events.length - 1) : at + by]
    if (next !== undefined) actions.open(next.id)
  }
  const showFields = fieldsShown ?? (!narrow && (roomy || opened === undefined))

  useShortcuts(messages.keys.group, [
    { keys: '/', label: messages.keys.focus, run: () => box.current?.select() },
    { keys: 'j', label: messages.keys.next, run: () => step(1) },
    { keys: 'k', label: messages.keys.previous, run: () => step(-1) },
    { keys: 'Escape', label: messages.keys.close, run: () => actions.open(undefined) },
    { keys: '.', label: messages.keys.tab, run: () => patch({ tab: nextTab(state) }, true) },
    { keys: 'r', label: messages.keys.refresh, run: refresh },
    { keys: '[', label: messages.keys.fields, run: () => setFieldsShown(!showFields) },
    { keys: '-', label: messages.keys.zoomOut, run: () => actions.setRange(widen(range, Date.now())) },
  ])

  return (
    <SearchActionsContext value={actions}>
      <PivotProvider>
        <div className={styles.page}>
          <h1 className="v-visually-hidden">{messages.title}</h1>
          <SearchBar box={box} busy={first.isFetching || result.isFetching} total={total} />
          <FilterPills />
          <div className={styles.body}>
            {showFields && <FieldSidebar events={whole} onClose={() => setFieldsShown(false)} />}
            <section className={styles.results} aria-label={messages.table.label}>
              <ResultHistogram
                data={histogram.data}
                total={total}
                stale={histogram.isPlaceholderData}
                tookMs={page?.tookMs}
                fieldsShown={showFields}
                onToggleFields={() => setFieldsShown(!showFields)}
              />
              <CompletenessBanner />
              {result.isError && parsed.ok && <ProblemNote error={result.error} retry={result.refetch} />}
              {histogram.isError && parsed.ok && !result.isError && (
                <ProblemNote error={histogram.error} retry={histogram.refetch} />
              )}
              <ResultViews density={density} onDensity={setDensity} />
              {live.paused && (
                <button type="button" className={styles.paused} onClick={live.resume}>
                  {messages.live.paused}
                </button>
              )}
              <Suspense fallback={null}>
                {state.view === 'patterns' && <PatternsView />}
                {state.view === 'compare' && <CompareView />}
              </Suspense>
              {state.view !== undefined ? null : events.length > 0 ? (
                <EventTable
                  key={live.tableKey}
                  density={density}
                  onAway={live.setAway}
                  events={events}
                  opened={opened}
                  stale={!isWhole && !firstStands}
                  narrow={narrow}
                  total={total}
                  hasMore={isWhole ? result.hasNextPage : page?.next !== undefined}
                  loadMore={() => void (!isWhole || result.isFetchingNextPage || result.fetchNextPage())}
                  onStep={step}
                />
              ) : (
                <NothingFound
                  loading={(first.isPending || (first.isError && result.isPending)) && parsed.ok}
                  wrong={!parsed.ok || result.isError}
                />
              )}
            </section>
            {opened !== undefined && (
              <EventPanel key="panel" id={opened} onNext={() => step(1)} onPrevious={() => step(-1)} />
            )}
          </div>
        </div>
      </PivotProvider>
    </SearchActionsContext>
  )
}

/** Refreshes by the clock, but never under the eyes of somebody who has scrolled away from the newest. */
function useLive(seconds: string | undefined, refresh: () => void) {
  const [away, setAway] = useState(false)
  const [resumed, setResumed] = useState(0)
  useEffect(() => {
    if (seconds === undefined || away) return
    const timer = setInterval(() => document.visibilityState === 'visible' && refresh(), Number(seconds) * 1_000)
    return () => clearInterval(timer)
  }, [seconds, away, refresh])
  const resume = () => {
    setAway(false)
    // A new table begins at its top.
    setResumed((before) => before + 1)
    refresh()
  }
  return { paused: seconds !== undefined && away, resume, setAway, tableKey: resumed }
}

/** Where the events begin, so that the histogram of a long range shows them and not the years before. */
function useOldest(wanted: boolean): number | undefined {
  const { data } = useQuery({
    ...ask('searchEvents', { body: { query: '', from: 0, to: maxTime, order: 'oldest', limit: 1 } }),
    enabled: wanted,
    staleTime: 300_000,
  })
  return wanted ? data?.events[0]?.time : undefined
}

/** Rows of which some are known whole already: a search that goes on by itself keeps its lines. */
function completed(rows: EventRow[], whole: readonly EventRow[]): EventRow[] {
  const known = new Map(whole.map((event) => [event.id, event]))
  return rows.map((row) => known.get(row.id) ?? row)
}

/** A page of events stops counting early; the histogram over the same range knows them all. */
function exactTotal(total: Count | undefined, histogram: Histogram | undefined): Count | undefined {
  if (total === undefined || total.exact || histogram === undefined) return total
  return { count: histogram.buckets.reduce((sum, bucket) => sum + bucket.count, 0), exact: true }
}

const longRange = 366 * 86_400_000
/** Later than any event that is not a mistake. */
const maxTime = Date.UTC(2100, 0)
const firstPage: string | undefined = undefined

function nextTab(state: SearchState): SearchState['tab'] {
  const at = detailTabs.indexOf(state.tab ?? 'fields')
  return detailTabs[(at + 1) % detailTabs.length]
}
