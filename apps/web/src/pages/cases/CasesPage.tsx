// The case board: what is open, what is contained, what is closed; the clocks that run; and the register of breaches.
import { Button, SegmentedControl, Skeleton, TextInput } from '@mantine/core'
import { IconPlus, IconSearch } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import type { CaseRow } from '@varde/api/contract'
import { type CaseStatus, caseStatuses } from '@varde/schema'
import { useState } from 'react'
import { ask, meQuery } from '../../api/queries.ts'
import { useShortcuts } from '../../keys/shortcuts.ts'
import { EmptyState } from '../../parts/EmptyState.tsx'
import { formatCount } from '../../parts/number.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import partStyles from '../../parts/parts.module.css'
import { Badge, SeverityBadge } from '../../parts/SeverityBadge.tsx'
import { Instant } from '../../time/Instant.tsx'
import { ClockBadge } from './ClockBadge.tsx'
import styles from './cases.module.css'
import type { CasesSearch } from './cases-search.ts'
import { messages } from './messages.en.ts'
import { NewCase } from './NewCase.tsx'
import { Register } from './Register.tsx'

const route = getRouteApi('/app/cases')

export function CasesPage() {
  const search = route.useSearch()
  const navigate = useNavigate({ from: '/cases' })
  const { data: me } = useQuery(meQuery)
  const [creating, setCreating] = useState(false)
  const mayWrite = me?.permissions.includes('cases:write') === true
  const { data, error, isPending, refetch } = useQuery({
    ...ask('cases', { query: { limit: 500, status: search.status, text: search.q } }),
    placeholderData: keepPreviousData,
    enabled: search.tab !== 'register',
  })
  const set = (next: Partial<CasesSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true })
  useShortcuts(messages.title, mayWrite ? [{ keys: 'c', label: messages.create, run: () => setCreating(true) }] : [])
  const shown = search.status === undefined ? caseStatuses : caseStatuses.filter((one) => one === search.status)
  return (
    <div className={partStyles.page}>
      <div className={partStyles.pageHead}>
        <h1>{messages.title}</h1>
        {data !== undefined && search.tab === undefined && (
          <span className="v-muted">{messages.count(formatCount(data.total))}</span>
        )}
        <span className={partStyles.spacer} />
        <SegmentedControl
          aria-label={messages.view}
          value={search.tab ?? 'board'}
          onChange={(next) => set({ tab: next === 'register' ? 'register' : undefined })}
          data={[
            { value: 'board', label: messages.board },
            { value: 'register', label: messages.register.title },
          ]}
        />
        {search.tab === undefined && (
          <TextInput
            aria-label={messages.filter}
            placeholder={messages.filter}
            leftSection={<IconSearch size={14} />}
            w={200}
            value={search.q ?? ''}
            onChange={(event) => set({ q: event.currentTarget.value === '' ? undefined : event.currentTarget.value })}
          />
        )}
        {mayWrite && (
          <Button leftSection={<IconPlus size={14} />} onClick={() => setCreating(true)}>
            {messages.create}
          </Button>
        )}
      </div>
      {search.tab === 'register' ? (
        <Register />
      ) : (
        <>
          <RunningClocks />
          {error !== null && <ProblemNote error={error} retry={refetch} />}
          {isPending && error === null && <Skeleton height={220} />}
          {data?.cases.length === 0 && <EmptyState title={messages.none}>{messages.noneText}</EmptyState>}
          {data !== undefined && data.cases.length > 0 && (
            <div className={styles.board}>
              {shown.map((status) => (
                <Column key={status} status={status} cases={data.cases.filter((one) => one.status === status)} />
              ))}
            </div>
          )}
        </>
      )}
      {creating && <NewCase onClose={() => setCreating(false)} />}
    </div>
  )
}

function Column({ status, cases }: { status: CaseStatus; cases: CaseRow[] }) {
  return (
    <section className={styles.column} aria-label={messages.statuses[status]}>
      <h2>
        {messages.statuses[status]} <span className="v-muted">{formatCount(cases.length)}</span>
      </h2>
      <ul>
        {cases.map((one) => (
          <li key={one.id}>
            <Link to="/cases/$id" params={{ id: one.id }} className={styles.caseCard}>
              <span className={styles.cardTop}>
                <SeverityBadge severity={one.severity} bare />
                <code>{one.id}</code>
                {one.breach && <Badge tone="critical">{messages.breachMark}</Badge>}
                {one.held && <Badge tone="medium">{messages.heldMark}</Badge>}
                {one.clock !== undefined && <ClockBadge clock={one.clock} />}
              </span>
              <strong>{one.title}</strong>
              <span className="v-muted">
                {messages.eventCount(formatCount(one.events))} · {messages.openTasks(one.tasksOpen)}
                {one.assignee !== undefined && ` · ${one.assignee}`} · <Instant time={one.updatedAt} relative />
              </span>
              {one.tags.length > 0 && <span className="v-muted">{one.tags.map((tag) => `#${tag}`).join(' ')}</span>}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  )
}

function RunningClocks() {
  const { data } = useQuery({ ...ask('clocks', {}), refetchInterval: 60_000 })
  if (data === undefined || data.clocks.length === 0) return null
  return (
    <section className={`${partStyles.card} ${styles.clocks}`} aria-label={messages.clocks.title}>
      <div className={partStyles.cardHead}>
        <h2>{messages.clocks.title}</h2>
      </div>
      <ul>
        {data.clocks.map((clock) => (
          <li key={`${clock.case}${clock.regime}${clock.clock}${clock.tenant}`}>
            <ClockBadge clock={clock} />
            <Link to="/cases/$id" params={{ id: clock.case }} search={{ tab: 'breach' }}>
              {clock.caseTitle}
            </Link>
            <span>{clock.title.en}</span>
            <span className="v-muted">
              {clock.source}
              {clock.dueAt !== undefined && (
                <>
                  {' · '}
                  {messages.clocks.due} <Instant time={clock.dueAt} precision="min" />
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
