// Every field: which are columns, which are in these events, and the values of each.
import { ActionIcon, Popover, TextInput } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconColumns3, IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { EventRow } from '@varde/api/contract'
import { type ComponentProps, memo, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { fieldsQuery } from '../../api/queries.ts'
import { flatten } from '../../parts/flatten.ts'
import { useSearchActions } from './actions.ts'
import { FieldValues } from './FieldValues.tsx'
import { messages } from './messages.en.ts'
import styles from './search.module.css'

const shownMax = 400

export function FieldSidebar({ events, onClose }: { events: EventRow[]; onClose: () => void }) {
  const { columns, toggleColumn } = useSearchActions()
  const toggle = useRef(toggleColumn)
  useEffect(() => {
    toggle.current = toggleColumn
  })
  const onToggle = useCallback((field: string) => toggle.current(field), [])
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
                    isColumn={columns.includes(field)}
                    onToggle={onToggle}
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
  isColumn: boolean
  /** Always the same function, so that a search draws only the fields that are new. */
  onToggle: (field: string) => void
}

/** There are hundreds: each is two plain buttons until somebody wants its values. */
const FieldItem = memo(function FieldItem({ field, type, description, isColumn, onToggle }: ItemProps) {
  const [wanted, setWanted] = useState(false)
  const columnLabel = isColumn ? messages.fields.removeColumn : messages.fields.addColumn
  return (
    <li className={styles.fieldItem}>
      {wanted ? (
        <FieldWithValues field={field} type={type} description={description} />
      ) : (
        <FieldButton
          field={field}
          type={type}
          description={description}
          aria-expanded={false}
          onClick={() => setWanted(true)}
        />
      )}
      <button
        type="button"
        className={`${styles.columnButton} ${isColumn ? styles.columnOn : styles.columnOff}`}
        aria-label={`${columnLabel}: ${field}`}
        aria-pressed={isColumn}
        title={columnLabel}
        onClick={() => onToggle(field)}
      >
        {isColumn ? <IconX size={12} /> : <IconColumns3 size={13} />}
      </button>
    </li>
  )
})

type ButtonProps = Pick<ItemProps, 'field' | 'type' | 'description'> & Omit<ComponentProps<'button'>, 'type'>

function FieldButton({ field, type, description, ...props }: ButtonProps) {
  return (
    <button
      type="button"
      className={styles.fieldName}
      aria-label={messages.fields.details(field)}
      title={description === undefined ? field : `${field}\n${description}`}
      {...props}
    >
      <span className={styles.fieldType} data-mark={marks[type ?? 'mixed'] ?? '?'} />
      <span className="v-clip">{field}</span>
    </button>
  )
}

function FieldWithValues({ field, type, description }: Pick<ItemProps, 'field' | 'type' | 'description'>) {
  const narrow = useMediaQuery('(max-width: 900px)', false, { getInitialValueInEffect: false })
  const [opened, setOpened] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  // The pressed button was another one: this takes its focus first, so that it has it again when the values close.
  useEffect(() => {
    button.current?.focus()
    setOpened(true)
  }, [])
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position={narrow ? 'bottom' : 'right-start'}
      width={330}
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <FieldButton
          ref={button}
          field={field}
          type={type}
          description={description}
          aria-expanded={opened}
          onClick={() => setOpened(!opened)}
        />
      </Popover.Target>
      <Popover.Dropdown p="sm">
        <FieldValues field={field} description={description} onDone={() => setOpened(false)} />
      </Popover.Dropdown>
    </Popover>
  )
}
