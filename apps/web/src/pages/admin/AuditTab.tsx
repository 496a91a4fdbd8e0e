// Who did what in Varde, newest first, and whether the sealed record of it is whole.
import { Alert, Button, Group, Select, Skeleton } from '@mantine/core'
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import type { AuditEntry } from '@varde/api/contract'
import { call } from '../../api/client.ts'
import { peopleQuery } from '../../api/queries.ts'
import { EmptyState } from '../../parts/EmptyState.tsx'
import { formatCount } from '../../parts/number.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { TableCard } from '../../parts/TableCard.tsx'
import { Instant } from '../../time/Instant.tsx'
import styles from './admin.module.css'
import { messages } from './messages.en.ts'

const route = getRouteApi('/app/admin')
const text = messages.audit
const firstPage: number | undefined = undefined

export function AuditTab() {
  const { by, action } = route.useSearch()
  const navigate = useNavigate({ from: '/admin' })
  const { data: people } = useQuery(peopleQuery)
  const result = useInfiniteQuery({
    queryKey: ['audit', by, action],
    queryFn: ({ pageParam, signal }) => call('audit', { query: { by, action, before: pageParam } }, signal),
    initialPageParam: firstPage,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  })
  const entries = result.data?.pages.flatMap((page) => page.entries) ?? []
  const known = new Set([
    ...(people?.people.map(({ name }) => name) ?? []),
    ...entries.map((entry) => entry.by),
    ...(by === undefined ? [] : [by]),
  ])
  return (
    <>
      <p className="v-muted">{text.intro}</p>
      <Group gap="sm" mb="sm">
        <Select
          aria-label={text.by}
          placeholder={text.byAny}
          clearable
          searchable
          value={by ?? null}
          onChange={(next) => void navigate({ search: (before) => ({ ...before, by: next ?? undefined }) })}
          data={[...known].sort()}
        />
        <Select
          aria-label={text.action}
          placeholder={text.actionAny}
          clearable
          w={220}
          value={action ?? null}
          onChange={(next) => void navigate({ search: (before) => ({ ...before, action: next ?? undefined }) })}
          data={Object.entries(text.kinds).map(([value, label]) => ({ value, label }))}
        />
        <Check />
      </Group>
      {result.isPending && <Skeleton height={180} />}
      {result.isError && <ProblemNote error={result.error} retry={result.refetch} />}
      {result.isSuccess && entries.length === 0 && <EmptyState title={text.none}>{text.noneText}</EmptyState>}
      {entries.length > 0 && <Entries entries={entries} />}
      {result.hasNextPage && (
        <Button
          variant="default"
          mt="sm"
          loading={result.isFetchingNextPage}
          onClick={() => void result.fetchNextPage()}
        >
          {text.more}
        </Button>
      )}
    </>
  )
}

function Check() {
  const check = useMutation({ mutationFn: () => call('checkAudit', {}) })
  return (
    <>
      <Button variant="default" loading={check.isPending} onClick={() => check.mutate()}>
        {text.check}
      </Button>
      {check.isError && <ProblemNote error={check.error} />}
      {check.isSuccess && (
        <Alert role="status" color={check.data.whole ? 'green' : 'red'} py={4}>
          {check.data.whole
            ? text.whole(formatCount(check.data.entries))
            : text.broken(check.data.at, check.data.problem)}
        </Alert>
      )}
    </>
  )
}

function Value({ name, value }: { name: string; value: AuditEntry['detail'][string] }) {
  if ((name === 'from' || name === 'to') && typeof value === 'number') return <Instant time={value} />
  if (typeof value === 'string') return value
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
    ? value.join(', ')
    : JSON.stringify(value)
}

function Entries({ entries }: { entries: AuditEntry[] }) {
  return (
    <TableCard label={messages.tabs.audit} columns={Object.values(text.columns)}>
      {entries.map((entry) => (
        <tr key={entry.seq}>
          <td>
            <Instant time={entry.at} />
          </td>
          <td>
            <strong>{entry.by}</strong>
          </td>
          <td className="v-mono">{entry.action}</td>
          <td className={`v-mono ${styles.subject}`}>
            {entry.action.startsWith('case.') ? (
              <Link to="/cases/$id" params={{ id: entry.subject }}>
                {entry.subject}
              </Link>
            ) : (
              entry.subject
            )}
          </td>
          <td className={styles.detail}>
            {Object.entries(entry.detail)
              .filter(([, value]) => value !== '' && value !== null)
              .map(([name, value]) => (
                <span key={name}>
                  <span className="v-muted">{name}</span> <Value name={name} value={value} />
                </span>
              ))}
          </td>
        </tr>
      ))}
    </TableCard>
  )
}
