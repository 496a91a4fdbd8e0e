// The values of one field by frequency, all of them reachable, each to include or exclude.
import { ActionIcon, Button, Loader, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconMinus, IconPlus } from '@tabler/icons-react'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { showValue } from '../../parts/flatten.ts'
import { formatCompact, formatCount, formatShare } from '../../parts/number.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { useSearchActions } from './actions.ts'
import { existsFilter } from './kql.ts'
import { messages } from './messages.en.ts'
import styles from './search.module.css'

interface Props {
  field: string
  description?: string | undefined
  onDone: () => void
}

const pageValues = 10
const firstPage: string | undefined = undefined

export function FieldValues({ field, description, onDone }: Props) {
  const actions = useSearchActions()
  const { query, range } = actions
  const [text, setText] = useState('')
  const [contains] = useDebouncedValue(text, 150)
  const result = useInfiniteQuery({
    queryKey: ['values', query, range, field, contains],
    queryFn: ({ pageParam, signal }) =>
      call(
        'values',
        {
          body: {
            query,
            ...range,
            field,
            limit: pageParam === undefined ? pageValues : 50,
            cursor: pageParam,
            ...(contains === '' ? {} : { contains }),
          },
        },
        signal,
      ),
    initialPageParam: firstPage,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  })
  const first = result.data?.pages[0]
  const values = result.data?.pages.flatMap((page) => page.values) ?? []
  const most = Math.max(1, ...values.map((one) => one.count))
  const act = (run: () => void) => {
    run()
    onDone()
  }
  const distinct =
    first === undefined
      ? ''
      : first.distinct.exact
        ? formatCount(first.distinct.count)
        : messages.fields.atLeast(formatCount(first.distinct.count))
  return (
    <div className={styles.values}>
      <div>
        <strong className="v-mono">{field}</strong>
        {description !== undefined && <div className={`v-muted ${styles.valuesNote}`}>{description}</div>}
        {first !== undefined && first.events.count > 0 && (
          <div className="v-muted">
            {messages.fields.coverage(formatShare(first.withField.count / first.events.count), distinct)}
          </div>
        )}
      </div>
      <TextInput
        aria-label={messages.fields.valuesSearch}
        placeholder={messages.fields.valuesSearch}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        rightSection={result.isFetching ? <Loader size={12} /> : undefined}
        data-autofocus
      />
      {result.isError && <ProblemNote error={result.error} />}
      <ul className={styles.valueList}>
        {values.map(({ value, count }) => {
          const shown = showValue(value)
          return (
            <li key={shown} className={styles.valueRow}>
              <span className={styles.valueBar} style={{ width: `${(count / most) * 100}%` }} aria-hidden="true" />
              <span className={styles.valueText} title={shown}>
                {shown === '' ? '""' : shown}
              </span>
              <span className={styles.valueCount} title={formatCount(count)}>
                {formatCompact(count)}
              </span>
              <ActionIcon
                size="xs"
                aria-label={messages.fields.only(field, shown)}
                onClick={() => act(() => actions.include(field, value))}
              >
                <IconPlus size={12} />
              </ActionIcon>
              <ActionIcon
                size="xs"
                aria-label={messages.fields.not(field, shown)}
                onClick={() => act(() => actions.exclude(field, value))}
              >
                <IconMinus size={12} />
              </ActionIcon>
            </li>
          )
        })}
      </ul>
      {result.isSuccess && values.length === 0 && (
        <span className="v-muted">{contains === '' ? messages.fields.noValues : messages.fields.noValuesFor}</span>
      )}
      <div className={styles.valueActions}>
        {result.hasNextPage && (
          <Button variant="subtle" loading={result.isFetchingNextPage} onClick={() => void result.fetchNextPage()}>
            {messages.fields.loadMore}
          </Button>
        )}
        <Button variant="subtle" color="gray" onClick={() => act(() => actions.addFilter(existsFilter(field)))}>
          {messages.fields.exists}
        </Button>
        <Button variant="subtle" color="gray" onClick={() => act(() => actions.breakDown(field))}>
          {messages.fields.visualise}
        </Button>
      </div>
    </div>
  )
}
