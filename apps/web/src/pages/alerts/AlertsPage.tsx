// The queue: filter, group, move by keyboard, decide, undo.
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import type { AlertTarget } from '@varde/api/contract'
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react'
import { call } from '../../api/client.ts'
import { meQuery } from '../../api/queries.ts'
import { onAlert } from '../../api/stream.ts'
import { useShortcuts } from '../../keys/shortcuts.ts'
import { formatCount } from '../../parts/number.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Toasts } from '../../parts/Toasts.tsx'
import { useNow } from '../../time/use-now.ts'
import { AlertFilters } from './AlertFilters.tsx'
import { AlertGroups } from './AlertGroups.tsx'
import { AlertList } from './AlertList.tsx'
import { AlertPanel } from './AlertPanel.tsx'
import styles from './alerts.module.css'
import { type AlertsSearch, filterOf, statusesOf } from './alerts-search.ts'
import { BulkBar } from './BulkBar.tsx'
import { type Decision, DecisionDialog } from './DecisionDialog.tsx'
import { messages } from './messages.en.ts'
import { refreshAlerts, undoAlerts, updateAlerts } from './updates.ts'

const ExceptionDialog = lazy(() => import('./ExceptionDialog.tsx').then((file) => ({ default: file.ExceptionDialog })))
const route = getRouteApi('/app/alerts')
const firstPage: string | undefined = undefined

export function AlertsPage() {
  const search = route.useSearch()
  const navigate = useNavigate({ from: '/alerts' })
  const { data: me } = useQuery(meQuery)
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [allMatching, setAllMatching] = useState(false)
  const [decision, setDecision] = useState<{ kind: Decision; target: AlertTarget; count: number }>()
  const fresh = useFreshAlerts()

  const { alert: opened, ...filterParts } = search
  const filterKey = JSON.stringify(filterParts)
  const [now, again] = useNow(filterKey)
  const filter = filterOf(filterParts, now)
  const patch = useCallback(
    (next: Partial<AlertsSearch>, replace = false) =>
      void navigate({ search: (before) => ({ ...before, ...next }), replace }),
    [navigate],
  )
  const open = useCallback((id: string | undefined) => patch({ alert: id }, true), [patch])
  // Another filter is another list, and nothing of it is selected yet.
  const [selectedIn, setSelectedIn] = useState(filterKey)
  if (selectedIn !== filterKey) {
    setSelectedIn(filterKey)
    clearSelection()
  }

  const sort = search.sort ?? 'time'
  const result = useInfiniteQuery({
    queryKey: ['searchAlerts', filter, sort],
    queryFn: ({ pageParam, signal }) =>
      call('searchAlerts', { body: { filter, sort, limit: 200, cursor: pageParam } }, signal),
    initialPageParam: firstPage,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    enabled: search.group === undefined,
  })
  const alerts = useMemo(() => result.data?.pages.flatMap((page) => page.alerts) ?? [], [result.data])
  const total = result.data?.pages[0]?.total ?? 0
  const at = alerts.findIndex((alert) => alert.id === opened)

  function clearSelection() {
    setSelected(new Set())
    setAllMatching(false)
  }
  // Always the same function: another one would draw each row anew.
  const toggle = useCallback((id: string) => {
    setSelected((before) => {
      const next = new Set(before)
      if (!next.delete(id)) next.add(id)
      return next
    })
    setAllMatching(false)
  }, [])
  const step = (by: 1 | -1) => {
    const next = alerts[at === -1 ? 0 : at + by]
    if (next !== undefined) open(next.id)
  }
  const target = (): { target: AlertTarget; count: number } | undefined => {
    if (allMatching) return { target: { filter }, count: total }
    if (selected.size > 0) return { target: { ids: [...selected] }, count: selected.size }
    return opened === undefined ? undefined : { target: { ids: [opened] }, count: 1 }
  }
  /** Where to go on when the opened alert leaves the list. */
  const goOn = (closes: boolean) => {
    clearSelection()
    if (!closes || at === -1 || statusesOf(search).includes('closed')) return
    open((alerts[at + 1] ?? alerts[at - 1])?.id)
  }
  const change = async (what: Parameters<typeof updateAlerts>[1], label: string) => {
    const aim = target()
    if (aim !== undefined && (await updateAlerts(aim.target, what, label, aim.count))) goOn(what.status === 'closed')
  }
  const decide = (kind: Decision) => {
    const aim = target()
    if (aim !== undefined) setDecision({ kind, ...aim })
  }
  const mayWrite = me?.permissions.includes('alerts:write') === true

  useShortcuts(messages.keys.group, [
    { keys: 'j', label: messages.keys.next, run: () => step(1) },
    { keys: 'k', label: messages.keys.previous, run: () => step(-1) },
    { keys: '/', label: messages.keys.search, run: () => document.getElementById('alert-text')?.focus() },
    { keys: 'Escape', label: messages.keys.close, run: () => (selected.size > 0 ? clearSelection() : open(undefined)) },
    ...(mayWrite
      ? [
          { keys: 'x', label: messages.keys.select, run: () => opened !== undefined && toggle(opened) },
          {
            keys: 'a',
            label: messages.actions.acknowledge,
            run: () => void change({ status: 'acknowledged' }, messages.actions.acknowledge),
          },
          { keys: 'f', label: messages.actions.falsePositive, run: () => decide('false-positive') },
          { keys: 'c', label: messages.actions.close, run: () => decide('close') },
          { keys: 'e', label: messages.actions.escalate, run: () => decide('escalate') },
          {
            keys: 'm',
            label: messages.keys.me,
            run: () => void change({ assignee: me?.name ?? null }, messages.actions.assignMe),
          },
          { keys: 'n', label: messages.keys.note, run: () => document.getElementById('alert-note')?.focus() },
          { keys: 'u', label: messages.actions.undo, run: () => void undoAlerts() },
        ]
      : []),
  ])

  return (
    <div className={styles.page}>
      <AlertFilters search={search} filter={filter} patch={patch} />
      <div className={styles.body}>
        <section className={styles.queue} aria-label={messages.title}>
          {mayWrite && (selected.size > 0 || allMatching) && (
            <BulkBar
              count={allMatching ? total : selected.size}
              matching={!allMatching && selected.size >= alerts.length && total > alerts.length ? total : undefined}
              onAllMatching={() => setAllMatching(true)}
              onClear={clearSelection}
              onChange={(what, label) => void change(what, label)}
              onDecide={decide}
              me={me?.name ?? ''}
            />
          )}
          {fresh.count > 0 && (
            <button
              type="button"
              className={styles.fresh}
              onClick={() => {
                fresh.clear()
                again()
                void refreshAlerts()
              }}
            >
              {messages.fresh(fresh.count)}
            </button>
          )}
          {result.isError && <ProblemNote error={result.error} retry={result.refetch} />}
          {search.group === undefined ? (
            <AlertList
              alerts={alerts}
              total={total}
              loading={result.isPending}
              opened={opened}
              selected={selected}
              allMatching={allMatching}
              mayWrite={mayWrite}
              hasMore={result.hasNextPage}
              loadMore={() => void (result.isFetchingNextPage || result.fetchNextPage())}
              onOpen={open}
              onToggle={toggle}
              onToggleAll={() =>
                selected.size > 0 ? clearSelection() : setSelected(new Set(alerts.map((alert) => alert.id)))
              }
              onStep={step}
              patch={patch}
            />
          ) : (
            <AlertGroups
              by={search.group}
              filter={filter}
              patch={patch}
              mayWrite={mayWrite}
              onDecide={(kind, aim, count) => setDecision({ kind, target: aim, count })}
            />
          )}
        </section>
        {opened !== undefined && (
          <AlertPanel
            id={opened}
            me={me}
            onNext={() => step(1)}
            onPrevious={() => step(-1)}
            onClose={() => open(undefined)}
            onDecide={(kind) => setDecision({ kind, target: { ids: [opened] }, count: 1 })}
          />
        )}
      </div>
      <Toasts />
      <Suspense>
        {decision?.kind === 'exception' && 'ids' in decision.target && (
          <ExceptionDialog
            alertId={decision.target.ids[0] ?? ''}
            me={me?.name ?? ''}
            onClose={() => setDecision(undefined)}
          />
        )}
      </Suspense>
      {decision !== undefined && decision.kind !== 'exception' && (
        <DecisionDialog
          kind={decision.kind}
          count={messages.count(formatCount(decision.count))}
          me={me?.name ?? ''}
          alertIds={'ids' in decision.target ? decision.target.ids : []}
          onCancel={() => setDecision(undefined)}
          onDecided={async (what, label) => {
            if (!(await updateAlerts(decision.target, what, label, decision.count))) return
            setDecision(undefined)
            goOn(what.status === 'closed')
          }}
        />
      )}
    </div>
  )
}

/** Alerts raised since the list was drawn: counted, not slipped in under the reader's eyes. */
function useFreshAlerts(): { count: number; clear: () => void } {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set())
  useEffect(
    () =>
      onAlert((message) => {
        if (message.change === 'raised') setIds((before) => new Set([...before, message.id]))
      }),
    [],
  )
  return { count: ids.size, clear: () => setIds(new Set()) }
}
