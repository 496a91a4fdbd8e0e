// An empty result: where the nearest match is, and how to get there.
import { Button, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ask } from '../../api/queries.ts'
import { EmptyState } from '../../parts/EmptyState.tsx'
import { LoadSample } from '../../parts/LoadSample.tsx'
import { Instant } from '../../time/Instant.tsx'
import { absoluteRange } from '../../time/range.ts'
import { useSearchActions } from './actions.ts'
import { messages } from './messages.en.ts'
import styles from './search.module.css'

const day = 86_400_000

export function NothingFound({ loading, wrong }: { loading: boolean; wrong: boolean }) {
  const actions = useSearchActions()
  const latest = useQuery({
    ...ask('searchEvents', {
      body: { query: actions.query, from: 0, to: actions.range.to + 366 * day, limit: 1, order: 'newest' },
    }),
    enabled: !loading && !wrong,
  })
  if (loading) {
    return (
      <div className={styles.skeletons}>
        {[96, 90, 93, 84, 95, 88, 91, 80].map((percent) => (
          <Skeleton key={percent} height={14} width={`${percent}%`} />
        ))}
      </div>
    )
  }
  if (wrong || latest.data === undefined) return null
  const event = latest.data.events[0]
  const filtered = actions.query !== ''
  if (event === undefined && !filtered) {
    return (
      <EmptyState
        title={messages.empty.firstTitle}
        actions={
          <div className={styles.emptyActions}>
            <Button renderRoot={(props) => <Link to="/sources" search={{ tab: 'connect' }} {...props} />}>
              {messages.empty.connect}
            </Button>
            <LoadSample />
          </div>
        }
      >
        {messages.empty.firstHint}
      </EmptyState>
    )
  }
  return (
    <EmptyState
      title={messages.empty.title}
      actions={
        <div className={styles.emptyActions}>
          {event !== undefined && (
            <Button onClick={() => actions.setRange(absoluteRange(event.time - day, event.time + 1_000))}>
              {messages.empty.goThere}
            </Button>
          )}
          <Button variant="default" onClick={() => actions.setRange({ from: 'now-30d', to: 'now' })}>
            {messages.empty.widen}
          </Button>
          {filtered && (
            <Button variant="default" onClick={() => actions.set({ q: undefined, f: undefined })}>
              {messages.empty.clear}
            </Button>
          )}
        </div>
      }
    >
      {event === undefined ? (
        messages.empty.nowhere
      ) : (
        <>
          {messages.empty.latest} <Instant time={event.time} />.
        </>
      )}
    </EmptyState>
  )
}
