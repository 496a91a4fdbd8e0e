// Where events come from, whether they still do, what got stuck, and how to connect more.
import { Tabs } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { ask } from '../../api/queries.ts'
import { formatCompact } from '../../parts/number.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import partStyles from '../../parts/parts.module.css'
import { Badge } from '../../parts/SeverityBadge.tsx'
import { DeadLetters } from './DeadLetters.tsx'
import { messages } from './messages.en.ts'
import { SourceTable } from './SourceTable.tsx'

const ConnectSource = lazy(() => import('./ConnectSource.tsx').then((file) => ({ default: file.ConnectSource })))
const SourcePanel = lazy(() => import('./SourcePanel.tsx').then((file) => ({ default: file.SourcePanel })))
const route = getRouteApi('/app/sources')
const refreshMs = 10_000

export function SourcesPage() {
  const search = route.useSearch()
  const navigate = useNavigate({ from: '/sources' })
  const { data, error, refetch } = useQuery({ ...ask('sources', {}), refetchInterval: refreshMs })
  const waiting = data?.sources.reduce((sum, source) => sum + source.deadLetters, 0) ?? 0
  const tab = search.tab ?? 'all'
  return (
    <div className={partStyles.page}>
      <div className={partStyles.pageHead}>
        <h1>{messages.title}</h1>
      </div>
      <Tabs
        value={tab}
        onChange={(next) =>
          void navigate({ search: { tab: next === 'dead-letters' || next === 'connect' ? next : undefined } })
        }
      >
        <Tabs.List mb="sm" aria-label={messages.title}>
          <Tabs.Tab value="all">{messages.tabs.all}</Tabs.Tab>
          <Tabs.Tab
            value="dead-letters"
            rightSection={waiting > 0 ? <Badge tone="medium">{formatCompact(waiting)}</Badge> : undefined}
          >
            {messages.tabs.deadLetters}
          </Tabs.Tab>
          <Tabs.Tab value="connect">{messages.tabs.connect}</Tabs.Tab>
        </Tabs.List>
        {error !== null && <ProblemNote error={error} retry={refetch} />}
        <Tabs.Panel value="all">{data !== undefined && <SourceTable sources={data.sources} />}</Tabs.Panel>
        <Tabs.Panel value="dead-letters">
          <DeadLetters />
        </Tabs.Panel>
        <Tabs.Panel value="connect">
          <Suspense>{data !== undefined && <ConnectSource sources={data} />}</Suspense>
        </Tabs.Panel>
      </Tabs>
      <Suspense>
        {tab === 'all' && search.source !== undefined && (
          <SourcePanel source={search.source} onClose={() => void navigate({ search: {} })} />
        )}
      </Suspense>
    </div>
  )
}
