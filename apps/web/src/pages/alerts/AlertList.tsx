// The alerts one a row; fifty thousand are as quick as fifty.
import { Button, Checkbox, Skeleton } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconMessage } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { AlertRow } from '@varde/api/contract'
import { alertStatuses } from '@varde/schema'
import { type KeyboardEvent, memo } from 'react'
import { ask } from '../../api/queries.ts'
import { EmptyState } from '../../parts/EmptyState.tsx'
import { formatCompact, formatCount } from '../../parts/number.ts'
import { Badge, SeverityBadge, StatusBadge } from '../../parts/SeverityBadge.tsx'
import { useRows } from '../../parts/use-rows.ts'
import { Instant } from '../../time/Instant.tsx'
import styles from './alerts.module.css'
import type { AlertsSearch } from './alerts-search.ts'
import { messages } from './messages.en.ts'

interface Props {
  alerts: AlertRow[]
  total: number
  loading: boolean
  opened: string | undefined
  selected: ReadonlySet<string>
  allMatching: boolean
  mayWrite: boolean
  hasMore: boolean
  loadMore: () => void
  onOpen: (id: string) => void
  onToggle: (id: string) => void
  onToggleAll: () => void
  onStep: (by: 1 | -1) => void
  patch: (next: Partial<AlertsSearch>) => void
}

const rowHeight = 52
const narrowRowHeight = 84

export function AlertList(props: Props) {
  const { alerts, total, opened, selected, allMatching, mayWrite, hasMore, loadMore } = props
  const narrow = useMediaQuery('(max-width: 860px)', false, { getInitialValueInEffect: false })
  const height = narrow ? narrowRowHeight : rowHeight
  const at = alerts.findIndex((alert) => alert.id === opened)
  const { scroller, visible, totalHeight } = useRows({ count: alerts.length, height, opened, at, hasMore, loadMore })

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      props.onStep(event.key === 'ArrowDown' ? 1 : -1)
    }
  }
  if (props.loading) {
    return (
      <div className={styles.skeletons}>
        {[92, 88, 95, 84, 90, 87].map((percent) => (
          <Skeleton key={percent} height={30} width={`${percent}%`} />
        ))}
      </div>
    )
  }
  if (alerts.length === 0) return <NoAlerts patch={props.patch} />
  return (
    <>
      <div className={styles.listHead}>
        {mayWrite && (
          <Checkbox
            aria-label={messages.list.selectAll}
            checked={allMatching || (selected.size > 0 && selected.size === alerts.length)}
            indeterminate={selected.size > 0 && selected.size < alerts.length}
            onChange={props.onToggleAll}
          />
        )}
        <span aria-live="polite">{messages.count(formatCount(total))}</span>
      </div>
      <div
        ref={scroller}
        className={styles.scroller}
        role="grid"
        aria-label={messages.list.label}
        aria-rowcount={total}
        aria-multiselectable={mayWrite}
        aria-activedescendant={at >= 0 ? `alert-${opened}` : undefined}
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <div role="rowgroup" className={styles.rows} style={{ height: totalHeight }}>
          {visible.map((item) => {
            const alert = alerts[item.index]
            if (alert === undefined) return null
            return (
              <Row
                key={alert.id}
                alert={alert}
                index={item.index}
                top={item.start}
                height={height}
                opened={alert.id === opened}
                selected={allMatching || selected.has(alert.id)}
                mayWrite={mayWrite}
                onOpen={props.onOpen}
                onToggle={props.onToggle}
              />
            )
          })}
        </div>
      </div>
    </>
  )
}

interface RowProps {
  alert: AlertRow
  index: number
  top: number
  height: number
  opened: boolean
  selected: boolean
  mayWrite: boolean
  onOpen: (id: string) => void
  onToggle: (id: string) => void
}

const Row = memo(function Row({ alert, index, top, height, opened, selected, mayWrite, onOpen, onToggle }: RowProps) {
  const who = [...alert.entities.user, ...alert.entities.host, ...alert.entities.ip].slice(0, 4).join(' · ')
  return (
    <div
      id={`alert-${alert.id}`}
      role="row"
      tabIndex={-1}
      aria-rowindex={index + 1}
      aria-selected={selected}
      className={`${styles.row} ${opened ? styles.opened : ''} ${selected ? styles.selected : ''} ${alert.finality === 'retracted' ? styles.retracted : ''}`}
      style={{ transform: `translateY(${top}px)`, height }}
      onClick={() => onOpen(alert.id)}
    >
      <div role="gridcell" className={styles.check}>
        {mayWrite && (
          <Checkbox
            aria-label={messages.list.select(alert.title)}
            tabIndex={-1}
            checked={selected}
            onChange={() => onToggle(alert.id)}
            onClick={(event) => event.stopPropagation()}
          />
        )}
      </div>
      <div role="gridcell" className={styles.sev}>
        <SeverityBadge severity={alert.severity} bare />
      </div>
      <div role="gridcell" className={styles.what}>
        <div className={styles.alertTitle} title={alert.title}>
          {alert.title}
        </div>
        <div className={styles.sub}>
          {alert.rule.name}
          {who !== '' && ` · ${who}`}
        </div>
      </div>
      <div role="gridcell" className={styles.marks}>
        {alert.finality !== 'final' && <Badge tone="plain">{messages.list[alert.finality]}</Badge>}
        {alert.notes > 0 && (
          <span className="v-muted" title={messages.list.notes(alert.notes)}>
            <IconMessage size={13} /> {alert.notes}
          </span>
        )}
        <span className="v-muted">{messages.list.events(formatCompact(alert.memberCount))}</span>
      </div>
      <div role="gridcell" className={styles.state}>
        <StatusBadge status={alert.status} verdict={alert.verdict} />
        <span className={`v-muted v-clip ${styles.assignee}`}>{alert.assignee ?? ''}</span>
      </div>
      <div role="gridcell" className={styles.when}>
        <Instant time={alert.anchor} />
      </div>
    </div>
  )
})

function NoAlerts({ patch }: { patch: Props['patch'] }) {
  const { data } = useQuery(ask('countAlerts', { body: { filter: { status: [...alertStatuses] } } }))
  if (data === undefined) return null
  if (data.total === 0) {
    return (
      <EmptyState
        title={messages.empty.never}
        actions={
          <div className={styles.emptyLinks}>
            <Link to="/rules">{messages.empty.toRules}</Link>
            <Link to="/sources">{messages.empty.toSources}</Link>
          </div>
        }
      >
        {messages.empty.neverText}
      </EmptyState>
    )
  }
  const everything = {
    status: 'all',
    severity: undefined,
    verdict: undefined,
    rule: undefined,
    assignee: undefined,
    entity: undefined,
    q: undefined,
    from: undefined,
    to: undefined,
  }
  return (
    <EmptyState
      title={messages.empty.title}
      actions={
        <Button variant="default" onClick={() => patch(everything)}>
          {messages.empty.showAll}
        </Button>
      }
    >
      {messages.empty.text}
    </EmptyState>
  )
}
