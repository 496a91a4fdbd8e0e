// One case: its timeline, notes, tasks, evidence, custody, breach and history.
import { Select, Skeleton, Tabs } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import type { CaseDetail } from '@varde/api/contract'
import { caseStatuses, severities } from '@varde/schema'
import { ApiError } from '../../api/client.ts'
import { ask, meQuery, peopleQuery } from '../../api/queries.ts'
import { messages as common } from '../../messages.en.ts'
import { EmptyState } from '../../parts/EmptyState.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import partStyles from '../../parts/parts.module.css'
import { Badge } from '../../parts/SeverityBadge.tsx'
import { Toasts } from '../../parts/Toasts.tsx'
import { PivotProvider } from '../../pivot/PivotMenu.tsx'
import { Instant } from '../../time/Instant.tsx'
import { setZone } from '../../time/zone.ts'
import { BreachTab } from './BreachTab.tsx'
import { ClockBadge } from './ClockBadge.tsx'
import { CustodyTab } from './CustodyTab.tsx'
import styles from './cases.module.css'
import { caseTabs } from './cases-search.ts'
import { EvidenceTab } from './EvidenceTab.tsx'
import { HistoryTab } from './HistoryTab.tsx'
import { messages } from './messages.en.ts'
import { NotesTab } from './NotesTab.tsx'
import { TasksTab } from './TasksTab.tsx'
import { TimelineTab } from './TimelineTab.tsx'
import { type CaseChanger, useCaseChange } from './use-case.ts'

const route = getRouteApi('/app/cases/$id')
const text = messages.detail

export function CasePage() {
  const { id } = route.useParams()
  const { data, error, refetch } = useQuery(ask('case', { params: { id } }))
  return (
    <PivotProvider>
      <div className={partStyles.page}>
        <Link to="/cases" className={styles.back}>
          <IconArrowLeft size={14} aria-hidden="true" /> {text.back}
        </Link>
        {error instanceof ApiError && error.status === 404 ? (
          <EmptyState title={text.gone} />
        ) : (
          error !== null && <ProblemNote error={error} retry={refetch} />
        )}
        {data === undefined && error === null && <Skeleton height={300} />}
        {data !== undefined && <Whole detail={data} />}
      </div>
      <Toasts />
    </PivotProvider>
  )
}

function Whole({ detail }: { detail: CaseDetail }) {
  const { tab } = route.useSearch()
  const navigate = useNavigate({ from: '/cases/$id' })
  const { data: me } = useQuery(meQuery)
  const change = useCaseChange(detail)
  const may = (permission: 'cases:write' | 'cases:export' | 'breach:write' | 'cases:hold') =>
    me?.permissions.includes(permission) === true
  const mayWrite = may('cases:write')
  const conflict = change.error instanceof ApiError && change.error.status === 409
  return (
    <>
      <Head detail={detail} change={change} mayWrite={mayWrite} />
      {change.isError &&
        (conflict ? <p role="alert">{text.changedMeanwhile}</p> : <ProblemNote error={change.error} />)}
      <Tabs
        value={tab ?? 'timeline'}
        onChange={(next) =>
          void navigate({ search: { tab: caseTabs.find((one) => one === next && one !== 'timeline') }, replace: true })
        }
      >
        <Tabs.List mb="sm" aria-label={text.label}>
          {caseTabs.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {text.tabs[one]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="timeline">
          <TimelineTab detail={detail} change={change} mayWrite={mayWrite} />
        </Tabs.Panel>
        <Tabs.Panel value="notes">
          <NotesTab detail={detail} change={change} mayWrite={mayWrite} />
        </Tabs.Panel>
        <Tabs.Panel value="tasks">
          <TasksTab detail={detail} change={change} mayWrite={mayWrite} />
        </Tabs.Panel>
        <Tabs.Panel value="evidence">
          <EvidenceTab
            detail={detail}
            change={change}
            mayWrite={mayWrite}
            mayExport={may('cases:export')}
            mayHold={may('cases:hold')}
          />
        </Tabs.Panel>
        <Tabs.Panel value="custody">
          <CustodyTab detail={detail} mayWrite={mayWrite} />
        </Tabs.Panel>
        <Tabs.Panel value="breach">
          <BreachTab detail={detail} change={change} mayWrite={may('breach:write')} />
        </Tabs.Panel>
        <Tabs.Panel value="history">
          <HistoryTab id={detail.case.id} />
        </Tabs.Panel>
      </Tabs>
    </>
  )
}

function Head({ detail, change, mayWrite }: { detail: CaseDetail; change: CaseChanger; mayWrite: boolean }) {
  const { case: one, clocks, proofs } = detail
  const { data: people } = useQuery(peopleQuery)
  const names = [...new Set([one.assignee ?? [], people?.people.map(({ name }) => name) ?? []].flat())]
  return (
    <>
      <div className={partStyles.pageHead}>
        <h1>{one.title}</h1>
        <code className="v-muted">{one.id}</code>
        {one.breach !== undefined && <Badge tone="critical">{messages.breachMark}</Badge>}
        {one.hold !== undefined && <Badge tone="medium">{messages.heldMark}</Badge>}
        {clocks
          .filter((clock) => clock.state === 'running' || clock.state === 'missed')
          .slice(0, 3)
          .map((clock) => (
            <span key={`${clock.regime}${clock.clock}${clock.tenant}`} title={clock.title.en}>
              <ClockBadge clock={clock} />
            </span>
          ))}
      </div>
      <div className={styles.head}>
        <Select
          label={text.status}
          w={130}
          allowDeselect={false}
          disabled={!mayWrite}
          value={one.status}
          onChange={(next) => {
            const status = caseStatuses.find((value) => value === next)
            if (status !== undefined) change.mutate([{ kind: 'edit', status }])
          }}
          data={caseStatuses.map((value) => ({ value, label: messages.statuses[value] }))}
        />
        <Select
          label={text.severity}
          w={120}
          allowDeselect={false}
          disabled={!mayWrite}
          value={one.severity}
          onChange={(next) => {
            const severity = severities.find((value) => value === next)
            if (severity !== undefined) change.mutate([{ kind: 'edit', severity }])
          }}
          data={severities.toReversed().map((value) => ({ value, label: common.severity[value] }))}
        />
        <Select
          label={text.assignee}
          w={150}
          clearable
          disabled={!mayWrite}
          placeholder={text.nobody}
          value={one.assignee ?? null}
          onChange={(assignee) => change.mutate([{ kind: 'edit', assignee }])}
          data={names}
        />
        <dl className={styles.facts}>
          <div>
            <dt>{text.opened}</dt>
            <dd>
              <Instant time={one.createdAt} precision="min" /> <span className="v-muted">{text.by(one.createdBy)}</span>
            </dd>
          </div>
          <div>
            <dt>{text.proofs}</dt>
            <dd>{text.proofLine(proofs.signed, proofs.sealed, proofs.pending)}</dd>
          </div>
          <div>
            <dt>{text.zone}</dt>
            <dd>
              {one.zone}{' '}
              <button type="button" className={styles.textButton} onClick={() => setZone(one.zone)}>
                {text.useZone}
              </button>
            </dd>
          </div>
        </dl>
      </div>
    </>
  )
}
