// Records that could not become events, and sending them through again.
import { Button, SegmentedControl, Select, Skeleton } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import type { DeadLetterRow, RouteInput } from '@varde/api/contract'
import { deadLetterReasons } from '@varde/schema'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { queryClient } from '../../api/query-client.ts'
import { EmptyState } from '../../parts/EmptyState.tsx'
import { formatBytes, formatCount } from '../../parts/number.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import partStyles from '../../parts/parts.module.css'
import { Badge } from '../../parts/SeverityBadge.tsx'
import { Toasts } from '../../parts/Toasts.tsx'
import { Instant } from '../../time/Instant.tsx'
import { messages } from './messages.en.ts'
import styles from './sources.module.css'

const route = getRouteApi('/app/sources')
const text = messages.deadLetters
const firstPage: string | undefined = undefined

export function DeadLetters() {
  const search = route.useSearch()
  const navigate = useNavigate({ from: '/sources' })
  const [state, setState] = useState<'waiting' | 'redriven' | undefined>('waiting')
  const reason = deadLetterReasons.find((one) => one === search.reason)
  const filter = {
    ...(search.source === undefined ? {} : { source: search.source }),
    ...(reason === undefined ? {} : { reason }),
  }
  const result = useInfiniteQuery({
    queryKey: ['deadLetters', search.source, reason, state],
    queryFn: ({ pageParam, signal }) =>
      call('deadLetters', { query: { ...filter, state, cursor: pageParam, limit: 50 } }, signal),
    initialPageParam: firstPage,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  })
  if (result.isPending) return <Skeleton height={180} />
  if (result.isError) return <ProblemNote error={result.error} retry={result.refetch} />
  const letters = result.data.pages.flatMap((page) => page.deadLetters)
  const waiting = result.data.pages[0]?.waiting ?? []
  const fitting = waiting
    .filter(
      (one) =>
        (search.source === undefined || one.source === search.source) &&
        (reason === undefined || one.reason === reason),
    )
    .reduce((sum, one) => sum + one.count, 0)
  const sources = [
    ...new Set([...waiting.map((one) => one.source), ...(search.source === undefined ? [] : [search.source])]),
  ]
  return (
    <>
      <Toasts />
      <p className="v-muted">{text.intro}</p>
      <div className={styles.toolbar}>
        <SegmentedControl
          aria-label={text.stateLabel}
          value={state ?? 'all'}
          onChange={(value) => setState(value === 'waiting' || value === 'redriven' ? value : undefined)}
          data={(['waiting', 'redriven', 'all'] as const).map((value) => ({ value, label: text.state[value] }))}
        />
        <Select
          aria-label={text.source}
          placeholder={text.source}
          clearable
          value={search.source ?? null}
          onChange={(source) => void navigate({ search: (before) => ({ ...before, source: source ?? undefined }) })}
          data={sources}
        />
        <Select
          aria-label={text.reason}
          placeholder={text.reason}
          clearable
          value={reason ?? null}
          onChange={(next) => void navigate({ search: (before) => ({ ...before, reason: next ?? undefined }) })}
          data={deadLetterReasons.map((value) => ({ value, label: text.reasons[value] }))}
        />
        {fitting > 0 && (
          <Button variant="default" onClick={() => void redrive(filter)}>
            {text.redriveAll(formatCount(fitting))}
          </Button>
        )}
      </div>
      {letters.length === 0 ? (
        <EmptyState title={text.none}>{text.noneText}</EmptyState>
      ) : (
        <div className={partStyles.card}>
          {letters.map((letter) => (
            <Letter key={letter.id} letter={letter} />
          ))}
        </div>
      )}
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

function Letter({ letter }: { letter: DeadLetterRow }) {
  return (
    <article className={styles.letter}>
      <div className={styles.letterHead}>
        <Badge tone="medium">{text.reasons[letter.reason]}</Badge>
        <strong>{letter.source}</strong>
        <span className="v-muted">
          {letter.transport}
          {letter.peer !== undefined && ` · ${letter.peer}`} · <Instant time={letter.arrival} /> ·{' '}
          {formatBytes(letter.raw.bytes)}
        </span>
        <span className={partStyles.spacer} />
        {letter.redrivenAs === undefined ? (
          <Button variant="default" onClick={() => void redrive({ ids: [letter.id] })}>
            {text.redrive}
          </Button>
        ) : (
          <Badge tone="good">{text.redrivenAs}</Badge>
        )}
      </div>
      <div>{letter.detail}</div>
      <code className={styles.letterRaw}>{letter.raw.text}</code>
      {letter.raw.encoding === 'base64' && <span className="v-muted">{text.base64}</span>}
    </article>
  )
}

async function redrive(which: RouteInput<'redrive'>['body']): Promise<void> {
  try {
    const { redriven, skipped } = await call('redrive', { body: which })
    notifications.show({ message: text.redriven(formatCount(redriven), skipped) })
    await Promise.all([
      queryClient.invalidateQueries({ queryKey: ['deadLetters'] }),
      queryClient.invalidateQueries({ queryKey: ['sources'] }),
    ])
  } catch (error) {
    notifications.show({
      color: 'red',
      message: error instanceof Error ? error.message : String(error),
      autoClose: false,
    })
  }
}
