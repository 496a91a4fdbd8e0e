// What happened just before and after an event, scoped by what it has in common.
import { Button, SegmentedControl, Select } from '@mantine/core'
import { IconExternalLink } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { EventDetail, EventRow } from '@varde/api/contract'
import { useState } from 'react'
import { ask } from '../../api/queries.ts'
import { showValue, valueAt } from '../../parts/flatten.ts'
import { lineText } from '../../parts/line-text.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Instant } from '../../time/Instant.tsx'
import { absoluteRange } from '../../time/range.ts'
import { useSearchActions } from './actions.ts'
import styles from './EventPanel.module.css'
import { fieldFilter } from './kql.ts'
import { messages } from './messages.en.ts'

const scopes = ['host.name', 'user.name', 'source.ip', 'event.dataset']
const day = 86_400_000

/** What stands above the line already. */
const aroundShown = ['event.action', 'user.name', 'source.ip']

export function AroundTab({ event }: { event: EventDetail }) {
  const { state, set } = useSearchActions()
  const present = scopes.filter((field) => valueAt(event.event, field) !== undefined)
  const given = state.scope !== undefined && valueAt(event.event, state.scope) !== undefined ? state.scope : undefined
  const scope = given ?? (state.scope === '*' ? '' : (present[0] ?? ''))
  const offered = given === undefined || present.includes(given) ? present : [given, ...present]
  const [size, setSize] = useState('10')
  const value = scope === '' ? undefined : valueAt(event.event, scope)
  const query = value === undefined ? '' : fieldFilter(scope, value)
  const limit = Number(size)
  const before = useQuery(
    ask('searchEvents', {
      body: { query, from: event.time - 7 * day, to: event.time + 1, order: 'newest', limit: limit + 1 },
    }),
  )
  const after = useQuery(
    ask('searchEvents', {
      body: { query, from: event.time, to: event.time + 7 * day, order: 'oldest', limit: limit + 1 },
    }),
  )
  const rows = merge(event, before.data?.events ?? [], after.data?.events ?? [])
  const [first, last] = [rows[0], rows.at(-1)]
  const error = before.error ?? after.error
  return (
    <>
      <div className={styles.aroundHead}>
        <Select
          label={messages.around.scope}
          w={240}
          allowDeselect={false}
          value={scope}
          onChange={(next) => set({ scope: next === null || next === '' ? '*' : next })}
          data={[
            ...offered.map((field) => ({ value: field, label: `${field}: ${showValue(valueAt(event.event, field))}` })),
            { value: '', label: messages.around.everything },
          ]}
        />
        <SegmentedControl
          aria-label={messages.around.size}
          value={size}
          onChange={setSize}
          data={['5', '10', '25', '100']}
        />
        {first !== undefined && last !== undefined && (
          <Button
            variant="default"
            leftSection={<IconExternalLink size={13} />}
            renderRoot={(props) => (
              <Link
                to="/search"
                target="_blank"
                search={{
                  ...absoluteRange(Math.min(first.time, event.time - 60_000), Math.max(last.time, event.time + 60_000)),
                  f: query === '' ? undefined : [query],
                  cols: state.cols,
                  event: event.id,
                }}
                {...props}
              />
            )}
          >
            {messages.around.newTab}
          </Button>
        )}
      </div>
      {error !== null && <ProblemNote error={error} />}
      <ul className={styles.around}>
        {rows.map((row) => (
          <li
            key={row.id}
            className={row.id === event.id ? styles.thisEvent : undefined}
            aria-current={row.id === event.id ? 'true' : undefined}
          >
            <Link
              from="/search"
              to="/search"
              search={(now) => ({ ...now, event: row.id })}
              replace
              activeProps={{ 'aria-current': undefined }}
            >
              <Instant time={row.time} precision="ms" />{' '}
              <strong>{showValue(valueAt(row.event, 'event.action'))}</strong>{' '}
              {[showValue(valueAt(row.event, 'user.name')), showValue(valueAt(row.event, 'source.ip'))]
                .filter(Boolean)
                .join(' · ')}
              <div className={styles.aroundLine}>{lineText(row, aroundShown)}</div>
            </Link>
          </li>
        ))}
      </ul>
    </>
  )
}

/** Newest first, each event once, this one among them even where its neighbours fill the page. */
function merge(event: EventDetail, before: EventRow[], after: EventRow[]): EventRow[] {
  const rows = new Map<string, EventRow>()
  for (const row of [...after].reverse()) rows.set(row.id, row)
  if (!before.some((row) => row.id === event.id)) rows.set(event.id, event)
  for (const row of before) rows.set(row.id, row)
  return [...rows.values()].sort((a, b) => b.time - a.time)
}
