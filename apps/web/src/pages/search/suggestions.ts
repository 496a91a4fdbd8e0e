// What the search box offers at the caret: fields, values by frequency, operators, recent searches.
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { ask, fieldsQuery } from '../../api/queries.ts'
import { formatCompact } from '../../parts/number.ts'
import type { Range } from '../../time/range.ts'
import { useSearchActions } from './actions.ts'
import { completionAt, rankFields } from './completion.ts'
import { recentSearches } from './history.ts'
import { fieldFilter } from './kql.ts'
import { messages } from './messages.en.ts'

export interface Suggestion {
  kind: 'field' | 'value' | 'operator' | 'recent'
  label: string
  note: string
  /** Replaces the text from here to the caret. */
  insert: string
  from: number
}

const offered = 12
const usualFields = [
  'user.name',
  'source.ip',
  'host.name',
  'event.action',
  'event.outcome',
  'event.code',
  'event.dataset',
  'event.category',
  'destination.ip',
  'destination.port',
  'process.name',
  'message',
]

export function useSuggestions(text: string, caret: number, opened: boolean, range: Range): Suggestion[] {
  const { columns } = useSearchActions()
  const { data: known } = useQuery({ ...fieldsQuery, enabled: opened })
  const completion = useMemo(() => completionAt(text, caret), [text, caret])
  const asked = completion.kind === 'value' ? completion : undefined
  const [contains] = useDebouncedValue(asked?.prefix ?? '', 120)
  const { data: values } = useQuery({
    ...ask('values', {
      body: {
        query: '',
        ...range,
        field: asked?.field ?? '',
        limit: offered,
        ...(contains === '' ? {} : { contains }),
      },
    }),
    placeholderData: keepPreviousData,
    enabled: opened && asked !== undefined && known?.fields.some((one) => one.field === asked.field) === true,
  })

  return useMemo(() => {
    if (!opened) return []
    if (text.trim() === '') {
      const recent = recentSearches().slice(0, 5)
      return [
        ...recent.map(
          (query): Suggestion => ({ kind: 'recent', label: query, note: messages.box.history, insert: query, from: 0 }),
        ),
        ...fieldSuggestions(usualFirst(known?.fields ?? [], columns), undefined, 0),
      ]
    }
    if (completion.kind === 'field') return fieldSuggestions(known?.fields ?? [], completion.prefix, completion.from)
    if (completion.kind === 'operator') {
      return (['and', 'or', 'not'] as const).map((word) => ({
        kind: 'operator',
        label: word,
        note: messages.box.operators[word],
        insert: word === 'not' ? 'and not ' : `${word} `,
        from: completion.from,
      }))
    }
    if (completion.kind === 'none') return []
    return (values?.values ?? [])
      .filter(({ value }) => String(value).toLowerCase().includes(completion.prefix.toLowerCase()))
      .map(
        ({ value, count }): Suggestion => ({
          kind: 'value',
          label: String(value),
          note: formatCompact(count),
          insert: `${completion.quoted ? `"${String(value).replace(/[\\"]/g, '\\$&')}"` : valueText(completion.field, value)} `,
          from: completion.from,
        }),
      )
  }, [opened, text, completion, known, values, columns])
}

function valueText(field: string, value: Parameters<typeof fieldFilter>[1]): string {
  const whole = fieldFilter(field, value)
  return whole.slice(whole.indexOf(': ') + 2)
}

/** Of the fields that there are, those that people filter by most; the columns they look at first. */
function usualFirst<F extends { field: string }>(fields: F[], columns: string[]): F[] {
  const byName = new Map(fields.map((one) => [one.field, one]))
  return [...new Set([...columns, ...usualFields])].flatMap((name) => byName.get(name) ?? [])
}

function fieldSuggestions(
  fields: { field: string; type: string; description?: string | undefined }[],
  /** Without one, as they are given. */
  prefix: string | undefined,
  from: number,
): Suggestion[] {
  return (prefix === undefined ? fields.slice(0, offered) : rankFields(fields, prefix, offered)).map((one) => ({
    kind: 'field',
    label: one.field,
    note: one.description ?? one.type,
    insert: `${one.field}: `,
    from,
  }))
}
