// One value of one field, with everything that can be done with it behind a press.
import type { Json } from '@varde/schema'
import { showValue } from '../parts/flatten.ts'
import { messages } from './messages.en.ts'
import styles from './pivot.module.css'
import { usePivot } from './pivot.ts'

interface Props {
  field: string
  value: Json
  eventId?: string | undefined
  /** Out of the tab order: for grids that are walked by their own keys. */
  quiet?: boolean
}

export function PivotValue({ field, value, eventId, quiet = false }: Props) {
  const open = usePivot()
  const shown = showValue(value)
  return (
    <button
      type="button"
      className={styles.pivot}
      tabIndex={quiet ? -1 : 0}
      aria-haspopup="menu"
      aria-label={messages.label(`${field} ${shown}`)}
      title={shown}
      onClick={(event) => {
        event.stopPropagation()
        open({ field, value, eventId, element: event.currentTarget })
      }}
    >
      {shown === '' ? '""' : shown}
    </button>
  )
}
