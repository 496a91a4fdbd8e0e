// All fields of an event, to read, filter by and pivot from.
import { ActionIcon, TextInput, Tooltip } from '@mantine/core'
import { IconColumns3, IconMinus, IconPlus } from '@tabler/icons-react'
import type { EventDetail } from '@varde/api/contract'
import type { Json } from '@varde/schema'
import { useMemo, useState } from 'react'
import { flatten, showValue } from '../../parts/flatten.ts'
import { PivotValue } from '../../pivot/PivotValue.tsx'
import { useSearchActions } from './actions.ts'
import styles from './EventPanel.module.css'
import { messages } from './messages.en.ts'

export function FieldsTab({ event }: { event: EventDetail }) {
  const [wanted, setWanted] = useState('')
  const fields = useMemo(() => [...flatten(event.event)].sort(([a], [b]) => (a < b ? -1 : 1)), [event])
  const text = wanted.toLowerCase()
  const shown = fields.filter(([field, value]) => `${field} ${showValue(value)}`.toLowerCase().includes(text))
  return (
    <>
      <TextInput
        aria-label={messages.detail.filter}
        placeholder={messages.detail.filter}
        value={wanted}
        onChange={(change) => setWanted(change.currentTarget.value)}
        mb={6}
      />
      <table className={styles.fieldTable}>
        <thead className="v-visually-hidden">
          <tr>
            <th scope="col">{messages.detail.field}</th>
            <th scope="col">{messages.detail.value}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(([field, value]) => (
            <FieldRow key={field} field={field} value={value} eventId={event.id} />
          ))}
        </tbody>
      </table>
    </>
  )
}

function FieldRow({ field, value, eventId }: { field: string; value: Json; eventId: string }) {
  const { include, exclude, columns, toggleColumn } = useSearchActions()
  const values = Array.isArray(value) ? value : [value]
  const shown = showValue(value)
  const columnLabel = columns.includes(field) ? messages.fields.removeColumn : messages.fields.addColumn
  return (
    <tr>
      <th scope="row">{field}</th>
      <td>
        <div className={styles.valueCell}>
          <div className={styles.valueTexts}>
            {values.map((one, index) => (
              <span key={index}>
                {index > 0 && ', '}
                <PivotValue field={field} value={one} eventId={eventId} />
              </span>
            ))}
          </div>
          <span className={styles.rowActions}>
            <RowAction
              label={messages.fields.only(field, shown)}
              onClick={() => include(field, value)}
              icon={<IconPlus size={13} />}
            />
            <RowAction
              label={messages.fields.not(field, shown)}
              onClick={() => exclude(field, value)}
              icon={<IconMinus size={13} />}
            />
            <RowAction
              label={`${columnLabel}: ${field}`}
              onClick={() => toggleColumn(field)}
              icon={<IconColumns3 size={13} />}
            />
          </span>
        </div>
      </td>
    </tr>
  )
}

function RowAction({ label, onClick, icon }: { label: string; onClick: () => void; icon: React.ReactNode }) {
  return (
    <Tooltip label={label}>
      <ActionIcon size="xs" aria-label={label} onClick={onClick}>
        {icon}
      </ActionIcon>
    </Tooltip>
  )
}
