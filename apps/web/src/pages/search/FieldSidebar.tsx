// Every field: which are columns, which are in these events, and the values of each.
import { ActionIcon, Popover, TextInput, Tooltip } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconColumns3, IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { EventRow } from '@varde/api/contract'
import { useMemo, useState } from 'react'
import { fieldsQuery } from '../../api/queries.ts'
import { flatten } from '../../parts/flatten.ts'
import { useSearchActions } from './actions.ts'
import { FieldValues } from './FieldValues.tsx'
import { messages } from './messages.en.ts'
import styles from './search.module.css'

const shownMax = 400

export function FieldSidebar({ events, onClose }: { events: EventRow[]; onClose: () => void }) {
  const { columns } = useSearchActions()
  const { data: known } = useQuery(fieldsQuery)
  const [wanted, setWanted] = useState('')
  const counts = useMemo(() => countFields(events), [events])
  const types = new Map((known?.fields ?? []).map((one) => [one.field, one]))
  const fits = (field: string) => field.toLowerCase().includes(wanted.toLowerCase())
  const present = [...counts.keys()].filter((field) => !columns.includes(field) && fits(field)).sort()
  const rest = [...types.keys()].filter((field) => !columns.includes(field) && !counts.has(field) && fits(field))
  const groups = [
    { title: messages.fields.columns, fields: columns.filter(fits) },
    { title: messages.fields.onPage, fields: present },
    { title: messages.fields.all, fields: rest.slice(0, shownMax) },
  ]
  return (
    <aside className={styles.sidebar} aria-label={messages.fields.title}>
      <div className={styles.sidebarHead}>
        <TextInput
          aria-label={messages.fields.search}
          placeholder={messages.fields.search}
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
          style={{ flex: 1 }}
        />
        <ActionIcon aria-label={messages.fields.hide} onClick={onClose} className={styles.narrowOnly}>
          <IconX size={15} />
        </ActionIcon>
      </div>
      <div className={styles.fieldList}>
        {groups.map((group) =>
          group.fields.length === 0 ? null : (
            <section key={group.title}>
              <h2 className={styles.fieldGroup}>{group.title}</h2>
              <ul>
                {group.fields.map((field) => (
                  <FieldItem
                    key={field}
                    field={field}
                    type={types.get(field)?.type}
                    description={types.get(field)?.description}
                  />
                ))}
              </ul>
            </section>
          ),
        )}
        {groups.every((group) => group.fields.length === 0) && (
          <p className={styles.fieldNone}>{messages.fields.none}</p>
        )}
      </div>
    </aside>
  )
}

function countFields(events: EventRow[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { event } of events.slice(0, 200)) {
    for (const field of flatten(event).keys()) counts.set(field, (counts.get(field) ?? 0) + 1)
  }
  return counts
}

const marks: Record<string, string> = {
  keyword: 't',
  long: '#',
  double: '#',
  ip: 'ip',
  date: 'd',
  boolean: 'b',
  mixed: '?',
}

interface ItemProps {
  field: string
  type: string | undefined
  description: string | undefined
}

function FieldItem({ field, type, description }: ItemProps) {
  const { columns, toggleColumn } = useSearchActions()
  const narrow = useMediaQuery('(max-width: 900px)', false, { getInitialValueInEffect: false })
  const [opened, setOpened] = useState(false)
  const isColumn = columns.includes(field)
  const columnLabel = isColumn ? messages.fields.removeColumn : messages.fields.addColumn
  return (
    <li className={styles.fieldItem}>
      <Popover
        opened={opened}
        onChange={setOpened}
        position={narrow ? 'bottom' : 'right-start'}
        width={330}
        trapFocus
        returnFocus
      >
        <Popover.Target>
          <button
            type="button"
            className={styles.fieldName}
            aria-label={messages.fields.details(field)}
            aria-expanded={opened}
            title={description === undefined ? field : `${field}\n${description}`}
            onClick={() => setOpened(!opened)}
          >
            <span className={styles.fieldType} data-mark={marks[type ?? 'mixed'] ?? '?'} />
            <span className="v-clip">{field}</span>
          </button>
        </Popover.Target>
        <Popover.Dropdown p="sm">
          <FieldValues field={field} description={description} onDone={() => setOpened(false)} />
        </Popover.Dropdown>
      </Popover>
      <Tooltip label={columnLabel}>
        <ActionIcon
          size="xs"
          className={isColumn ? styles.columnOn : styles.columnOff}
          aria-label={`${columnLabel}: ${field}`}
          aria-pressed={isColumn}
          onClick={() => toggleColumn(field)}
        >
          {isColumn ? <IconX size={12} /> : <IconColumns3 size={13} />}
        </ActionIcon>
      </Tooltip>
    </li>
  )
}
