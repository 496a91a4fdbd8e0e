// One event whole, beside the list: fields, raw line, JSON, proof, and what happened around it.
import { Loader, Tabs } from '@mantine/core'
import { IconChevronDown, IconChevronUp, IconX } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { EventDetail } from '@varde/api/contract'
import { lazy, Suspense } from 'react'
import { ApiError } from '../../api/client.ts'
import { ask } from '../../api/queries.ts'
import { CodeBlock } from '../../parts/CodeBlock.tsx'
import { CopyButton } from '../../parts/CopyButton.tsx'
import { EmptyState } from '../../parts/EmptyState.tsx'
import { PanelButton } from '../../parts/PanelButton.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { SeverityBadge } from '../../parts/SeverityBadge.tsx'
import { formatLength } from '../../time/format.ts'
import { Instant } from '../../time/Instant.tsx'
import { AroundTab } from './AroundTab.tsx'
import { useSearchActions } from './actions.ts'
import styles from './EventPanel.module.css'
import { FieldsTab } from './FieldsTab.tsx'
import { messages } from './messages.en.ts'
import { ProofBadge, ProofTab } from './ProofTab.tsx'
import { RawTab } from './RawTab.tsx'
import { detailTabs } from './search-state.ts'

const RulesTab = lazy(() => import('./RulesTab.tsx').then((file) => ({ default: file.RulesTab })))

interface Props {
  id: string
  onNext: () => void
  onPrevious: () => void
}

export function EventPanel({ id, onNext, onPrevious }: Props) {
  const { open, set, state } = useSearchActions()
  const { data, error, isPending, isPlaceholderData } = useQuery({
    ...ask('event', { params: { id } }),
    placeholderData: keepPreviousData,
  })
  const tab = state.tab ?? 'fields'
  const gone = error instanceof ApiError && error.status === 404
  return (
    <aside className={styles.panel} aria-label={messages.detail.title}>
      <div className={styles.head}>
        <h2 className={styles.title}>{data === undefined ? messages.detail.title : titleOf(data)}</h2>
        {data !== undefined && <ProofBadge proof={data.proof} />}
        <CopyButton value={window.location.href} label={messages.detail.copyLink} />
        <PanelButton label={messages.detail.previous} onClick={onPrevious} icon={<IconChevronUp size={16} />} />
        <PanelButton label={messages.detail.next} onClick={onNext} icon={<IconChevronDown size={16} />} />
        <PanelButton label={messages.detail.close} onClick={() => open(undefined)} icon={<IconX size={16} />} />
      </div>
      {gone && <EmptyState title={messages.detail.gone} />}
      {error !== null && !gone && <ProblemNote error={error} />}
      {isPending && <Loader size="sm" m="md" />}
      {data !== undefined && !gone && (
        <div className={styles.body} aria-busy={isPlaceholderData}>
          <Facts event={data} />
          <Tabs
            value={tab}
            onChange={(next) => set({ tab: detailTabs.find((one) => one === next && one !== 'fields') })}
            classNames={{ root: styles.tabs ?? '', panel: styles.tabPanel ?? '' }}
          >
            <Tabs.List aria-label={messages.detail.title}>
              {detailTabs.map((one) => (
                <Tabs.Tab key={one} value={one}>
                  {messages.detail.tabs[one]}
                </Tabs.Tab>
              ))}
            </Tabs.List>
            <Tabs.Panel value="fields">
              <FieldsTab event={data} />
            </Tabs.Panel>
            <Tabs.Panel value="raw">
              <RawTab event={data} />
            </Tabs.Panel>
            <Tabs.Panel value="json">
              <JsonTab event={data} />
            </Tabs.Panel>
            <Tabs.Panel value="proof">
              <ProofTab event={data} />
            </Tabs.Panel>
            <Tabs.Panel value="around">
              <AroundTab event={data} />
            </Tabs.Panel>
            <Tabs.Panel value="rules">
              <Suspense>
                <RulesTab event={data} />
              </Suspense>
            </Tabs.Panel>
          </Tabs>
        </div>
      )}
    </aside>
  )
}

function titleOf(detail: EventDetail): string {
  const { event } = detail.event
  const action = typeof event === 'object' && event !== null && !Array.isArray(event) ? event['action'] : undefined
  return typeof action === 'string' ? action : messages.detail.title
}

function Facts({ event }: { event: EventDetail }) {
  return (
    <div className={styles.facts}>
      <div className={styles.factRow}>
        <span>
          <b>{messages.detail.times.event}</b> <Instant time={event.time} precision="ms" />
        </span>
        <span>
          <b>{messages.detail.times.arrival}</b> <Instant time={event.arrival} precision="ms" />
        </span>
        <span>
          <b>{messages.detail.times.lag}</b> {formatLength(event.arrival - event.time)}
        </span>
        <span>
          <b>{messages.detail.source}</b>{' '}
          <Link to="/sources" search={{ source: event.source }}>
            {event.source}
          </Link>
        </span>
      </div>
      {event.alerts.map((alert) => (
        <div key={alert.id} className={styles.factRow}>
          <SeverityBadge severity={alert.severity} />
          <Link to="/alerts" search={{ alert: alert.id, status: 'all' }}>
            {alert.title}
          </Link>
        </div>
      ))}
      {event.rules.length > 0 && (
        <div className={styles.factRow}>
          <b>{messages.detail.rules}</b>
          {event.rules.map((rule) => (
            <Link key={`${rule.id}${rule.step}`} to="/rules/$id" params={{ id: rule.id }}>
              {rule.step === '' ? rule.name : `${rule.name} (${rule.step})`}
            </Link>
          ))}
        </div>
      )}
    </div>
  )
}

function JsonTab({ event }: { event: EventDetail }) {
  const text = JSON.stringify(event.event, null, 2)
  return (
    <>
      <div className={styles.tabHead}>
        <span />
        <CopyButton value={text} />
      </div>
      <CodeBlock text={text} language="json" label={messages.detail.tabs.json} />
    </>
  )
}
