// The events as a virtual grid: thousands of rows, only those in sight are drawn.
import { Menu } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconDots, IconMinus, IconPlus } from '@tabler/icons-react'
import type { Count, EventRow } from '@varde/api/contract'
import type { Json } from '@varde/schema'
import { type DragEvent, type KeyboardEvent, memo } from 'react'
import { showValue, valueAt } from '../../parts/flatten.ts'
import { lineText } from '../../parts/line-text.ts'
import { formatCount } from '../../parts/number.ts'
import { useRows } from '../../parts/use-rows.ts'
import { usePivot } from '../../pivot/pivot.ts'
import { Instant } from '../../time/Instant.tsx'
import { useSearchActions } from './actions.ts'
import { type Density, rowHeights } from './density.ts'
import styles from './EventTable.module.css'
import { messages } from './messages.en.ts'
import { defaultColumns } from './search-state.ts'

interface Props {
  events: EventRow[]
  opened: string | undefined
  /** These are the previous search's events while the next are on their way. */
  stale: boolean
  narrow: boolean
  total: Count | undefined
  hasMore: boolean
  loadMore: () => void
  onStep: (by: 1 | -1) => void
  density: Density
  /** The reader has left the newest rows, or is back. */
  onAway: (away: boolean) => void
}

const narrowRowHeight = 54
const timeWidth = 168
const lineWidth = 210
const gap = 12

export function EventTable({ events, opened, stale, narrow, total, hasMore, loadMore, onStep, ...rest }: Props) {
  const { columns, open } = useSearchActions()
  const height = narrow ? narrowRowHeight : rowHeights[rest.density]
  const at = events.findIndex((event) => event.id === opened)
  const { scroller, visible, totalHeight } = useRows({
    count: events.length + 1,
    height,
    opened,
    at,
    hasMore,
    loadMore,
  })

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      onStep(event.key === 'ArrowDown' ? 1 : -1)
    }
  }
  const template = narrow
    ? '1fr'
    : `${timeWidth}px ${columns.map((column) => `minmax(${widthOf(column)}px, 0.5fr)`).join(' ')} minmax(${lineWidth}px, 2fr)`
  const minWidth = narrow
    ? undefined
    : columns.reduce((sum, column) => sum + widthOf(column) + gap, timeWidth + lineWidth + 3 * gap)
  return (
    <div
      ref={scroller}
      className={styles.scroller}
      role="grid"
      aria-busy={stale}
      aria-label={messages.table.label}
      aria-rowcount={total?.count ?? events.length}
      aria-activedescendant={at >= 0 ? `event-${opened}` : undefined}
      aria-readonly="true"
      tabIndex={0}
      onKeyDown={onKeyDown}
      onScroll={(event) => rest.onAway(event.currentTarget.scrollTop > 2 * height)}
    >
      {!narrow && <Header template={template} minWidth={minWidth} />}
      <div role="rowgroup" className={styles.rows} style={{ height: totalHeight, minWidth }}>
        {visible.map((item) => {
          const event = events[item.index]
          if (event === undefined) return <End key="end" top={item.start} hasMore={hasMore} count={events.length} />
          return (
            <Row
              key={event.id}
              event={event}
              index={item.index}
              top={item.start}
              height={height}
              wrapped={!narrow && rest.density === 'tall'}
              template={template}
              columns={columns}
              narrow={narrow}
              opened={event.id === opened}
              onOpen={open}
            />
          )
        })}
      </div>
    </div>
  )
}

/** Pixels that a column needs at least: addresses and codes are short, names and actions longer. */
function widthOf(column: string): number {
  if (/\.(code|port|severity|outcome|id|bytes)$/.test(column)) return 92
  if (/\.ip$/.test(column)) return 104
  return /\.(action|name|dataset|category|type)$/.test(column) ? 116 : 140
}

function Header({ template, minWidth }: { template: string; minWidth: number | undefined }) {
  const { columns, state, set } = useSearchActions()
  const oldest = state.order === 'oldest'
  return (
    <div role="rowgroup" className={styles.head} style={{ minWidth }}>
      <div role="row" className={styles.headRow} style={{ gridTemplateColumns: template }}>
        <div role="columnheader" aria-sort={oldest ? 'ascending' : 'descending'}>
          <button
            type="button"
            className={styles.headButton}
            title={oldest ? messages.table.oldest : messages.table.newest}
            onClick={() => set({ order: oldest ? undefined : 'oldest' })}
          >
            {messages.table.time}
            {oldest ? <IconArrowUp size={12} aria-hidden="true" /> : <IconArrowDown size={12} aria-hidden="true" />}
          </button>
        </div>
        {columns.map((column, index) => (
          <div key={column} role="columnheader">
            <ColumnMenu column={column} index={index} />
          </div>
        ))}
        <div role="columnheader" className={styles.headText}>
          {messages.table.line}
        </div>
      </div>
    </div>
  )
}

const dragType = 'application/x-varde-column'

function ColumnMenu({ column, index }: { column: string; index: number }) {
  const { columns, setColumns, toggleColumn } = useSearchActions()
  const move = (by: number) => {
    const others = columns.filter((one) => one !== column)
    setColumns([...others.slice(0, index + by), column, ...others.slice(index + by)])
  }
  const onDrop = (event: DragEvent) => {
    event.preventDefault()
    const dragged = event.dataTransfer.getData(dragType)
    if (dragged === '' || dragged === column) return
    const others = columns.filter((one) => one !== dragged)
    const to = others.indexOf(column) + (columns.indexOf(dragged) < index ? 1 : 0)
    setColumns([...others.slice(0, to), dragged, ...others.slice(to)])
  }
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <button
          type="button"
          className={styles.headButton}
          aria-label={messages.table.column(column)}
          title={column}
          draggable
          onDragStart={(event) => event.dataTransfer.setData(dragType, column)}
          onDragOver={(event) => event.dataTransfer.types.includes(dragType) && event.preventDefault()}
          onDrop={onDrop}
        >
          {column}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item disabled={index === 0} onClick={() => move(-1)}>
          {messages.table.moveLeft}
        </Menu.Item>
        <Menu.Item disabled={index === columns.length - 1} onClick={() => move(1)}>
          {messages.table.moveRight}
        </Menu.Item>
        <Menu.Item onClick={() => toggleColumn(column)}>{messages.table.remove}</Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={() => setColumns(defaultColumns)}>{messages.table.reset}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

interface RowProps {
  event: EventRow
  index: number
  top: number
  height: number
  /** The line on two rows. */
  wrapped: boolean
  template: string
  columns: string[]
  narrow: boolean
  opened: boolean
  onOpen: (id: string | undefined) => void
}

const Row = memo(function Row(props: RowProps) {
  const { event, index, top, height, wrapped, template, columns, narrow, opened, onOpen } = props
  const mark =
    event.lateness === undefined || event.lateness === 'imported' ? undefined : messages.table[event.lateness]
  return (
    <div
      id={`event-${event.id}`}
      role="row"
      tabIndex={-1}
      aria-rowindex={index + 2}
      aria-selected={opened}
      className={`${styles.row} ${opened ? styles.opened : ''} ${narrow ? styles.narrow : ''}`}
      style={{
        transform: `translateY(${top}px)`,
        gridTemplateColumns: template,
        height,
      }}
      onClick={() => onOpen(opened ? undefined : event.id)}
    >
      {narrow ? (
        <div role="gridcell" className={styles.stacked}>
          <div className={styles.stackedTop}>
            <span className={styles.time}>
              <Instant time={event.time} />
            </span>
            <span className="v-clip">
              {columns
                .map((column) => showValue(valueAt(event.event, column)))
                .filter((value) => value !== '')
                .join(' · ')}
            </span>
          </div>
          <div className={styles.line}>{lineText(event, columns)}</div>
        </div>
      ) : (
        <>
          <div role="gridcell" className={styles.time}>
            <Instant time={event.time} precision="ms" />
            {mark !== undefined && <span className={styles.mark}>{mark}</span>}
          </div>
          {columns.map((column) => (
            <Cell key={column} column={column} value={valueAt(event.event, column)} eventId={event.id} />
          ))}
          <div role="gridcell" className={wrapped ? styles.wrappedLine : styles.line} title={event.line}>
            {lineText(event, columns)}
          </div>
        </>
      )}
    </div>
  )
})

function Cell({ column, value, eventId }: { column: string; value: Json | undefined; eventId: string }) {
  const { include, exclude } = useSearchActions()
  const pivot = usePivot()
  const shown = showValue(value)
  return (
    <div role="gridcell" className={styles.cell}>
      <span className="v-clip" title={shown}>
        {shown}
      </span>
      {value !== undefined && (
        <span className={styles.cellActions}>
          <button
            type="button"
            tabIndex={-1}
            aria-label={messages.fields.only(column, shown)}
            title={messages.fields.only(column, shown)}
            onClick={(event) => {
              event.stopPropagation()
              include(column, value)
            }}
          >
            <IconPlus size={12} />
          </button>
          <button
            type="button"
            tabIndex={-1}
            aria-label={messages.fields.not(column, shown)}
            title={messages.fields.not(column, shown)}
            onClick={(event) => {
              event.stopPropagation()
              exclude(column, value)
            }}
          >
            <IconMinus size={12} />
          </button>
          <button
            type="button"
            tabIndex={-1}
            aria-haspopup="menu"
            aria-label={messages.table.pivot(column, shown)}
            title={messages.table.pivot(column, shown)}
            onClick={(event) => {
              event.stopPropagation()
              pivot({ field: column, value, eventId, element: event.currentTarget })
            }}
          >
            <IconDots size={12} />
          </button>
        </span>
      )}
    </div>
  )
}

function End({ top, hasMore, count }: { top: number; hasMore: boolean; count: number }) {
  return (
    <div role="row" tabIndex={-1} className={styles.end} style={{ transform: `translateY(${top}px)` }}>
      <div role="gridcell">{hasMore ? messages.table.more : messages.table.end(formatCount(count))}</div>
    </div>
  )
}
