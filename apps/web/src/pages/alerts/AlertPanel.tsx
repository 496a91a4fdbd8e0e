// One alert whole: what happened, who, the proof, what to do, and what was done.
import { ActionIcon, Button, Loader, Menu } from '@mantine/core'
import { IconChevronDown, IconChevronUp, IconDots, IconX } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { AlertChange, AlertDetail, Me } from '@varde/api/contract'
import { ApiError } from '../../api/client.ts'
import { ask } from '../../api/queries.ts'
import { CopyButton } from '../../parts/CopyButton.tsx'
import { EmptyState } from '../../parts/EmptyState.tsx'
import { showValue } from '../../parts/flatten.ts'
import { formatCount } from '../../parts/number.ts'
import { PanelButton } from '../../parts/PanelButton.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Badge, SeverityBadge, StatusBadge } from '../../parts/SeverityBadge.tsx'
import { Instant } from '../../time/Instant.tsx'
import { AlertHistory } from './AlertHistory.tsx'
import styles from './AlertPanel.module.css'
import { AssignItems } from './AssignItems.tsx'
import type { Decision } from './DecisionDialog.tsx'
import { EntityValue } from './EntityValue.tsx'
import { Guidance } from './Guidance.tsx'
import { MatchedEvents } from './MatchedEvents.tsx'
import { messages } from './messages.en.ts'
import { RelatedAlerts } from './RelatedAlerts.tsx'
import { updateAlerts } from './updates.ts'
import { WindowPicture } from './WindowPicture.tsx'

interface Props {
  id: string
  me: Me | undefined
  onNext: () => void
  onPrevious: () => void
  onClose: () => void
  onDecide: (kind: Decision) => void
}

const text = messages.detail

export function AlertPanel({ id, me, onNext, onPrevious, onClose, onDecide }: Props) {
  const { data, error, isPending, isPlaceholderData, refetch } = useQuery({
    ...ask('alert', { params: { id } }),
    placeholderData: keepPreviousData,
  })
  const gone = error instanceof ApiError && error.status === 404
  const mayWrite = me?.permissions.includes('alerts:write') === true
  return (
    <aside className={styles.panel} aria-label={text.label}>
      <div className={styles.head}>
        <div className={styles.badges}>
          {data !== undefined && (
            <>
              <SeverityBadge severity={data.alert.severity} />
              <StatusBadge status={data.alert.status} verdict={data.alert.verdict} />
              {data.alert.assignee !== undefined && <span className="v-muted">{data.alert.assignee}</span>}
            </>
          )}
        </div>
        <CopyButton value={window.location.href} label={text.copyLink} />
        <PanelButton label={text.previous} onClick={onPrevious} icon={<IconChevronUp size={16} />} />
        <PanelButton label={text.next} onClick={onNext} icon={<IconChevronDown size={16} />} />
        <PanelButton label={text.close} onClick={onClose} icon={<IconX size={16} />} />
      </div>
      {isPending && <Loader size="sm" m="md" />}
      {gone && <EmptyState title={text.gone} />}
      {error !== null && !gone && <ProblemNote error={error} retry={refetch} />}
      {data !== undefined && !gone && (
        <div
          className={styles.scroll}
          aria-busy={isPlaceholderData}
          tabIndex={0}
          role="region"
          aria-label={data.alert.title}
        >
          <h2 className={styles.title}>{data.alert.title}</h2>
          {mayWrite && <Actions detail={data} me={me?.name ?? ''} onDecide={onDecide} />}
          <Notes detail={data} />
          <Facts detail={data} />
          <WindowPicture alert={data.alert} />
          <MatchedEvents detail={data} />
          <Guidance detail={data} />
          <RelatedAlerts detail={data} />
          <AlertHistory alert={data.alert} mayWrite={mayWrite} />
        </div>
      )}
    </aside>
  )
}

function Actions({ detail, me, onDecide }: { detail: AlertDetail; me: string; onDecide: (kind: Decision) => void }) {
  const { alert } = detail
  const label = messages.actions
  const change = (what: AlertChange, name: string) => void updateAlerts({ ids: [alert.id] }, what, name, 1)
  return (
    <div className={styles.actions}>
      {alert.status === 'open' && (
        <Button variant="default" onClick={() => change({ status: 'acknowledged' }, label.acknowledge)}>
          {label.acknowledge}
        </Button>
      )}
      {alert.status === 'closed' ? (
        <Button variant="default" onClick={() => change({ status: 'open', verdict: null }, label.reopen)}>
          {label.reopen}
        </Button>
      ) : (
        <>
          <Button variant="default" onClick={() => onDecide('close')}>
            {label.close}
          </Button>
          <Button variant="default" onClick={() => onDecide('false-positive')}>
            {label.falsePositive}
          </Button>
          <Button variant="default" onClick={() => onDecide('escalate')}>
            {label.escalate}
          </Button>
        </>
      )}
      <Menu>
        <Menu.Target>
          <ActionIcon variant="default" size={30} aria-label={label.more}>
            <IconDots size={15} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => change({ assignee: me }, label.assignMe)}>{label.assignMe}</Menu.Item>
          <AssignItems me={me} onAssign={(assignee) => change({ assignee }, label.assignTo(assignee))} />
          <Menu.Item disabled={alert.assignee === undefined} onClick={() => change({ assignee: null }, label.unassign)}>
            {label.unassign}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item onClick={() => onDecide('exception')}>{label.exception}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  )
}

/** What one must know before believing the rest. */
function Notes({ detail: { alert, rule } }: { detail: AlertDetail }) {
  const notes = [
    alert.incomplete !== undefined && text.incomplete(alert.incomplete),
    alert.finality === 'provisional' && text.provisional,
    alert.finality === 'retracted' && text.retracted,
    alert.suppressed > 0 && text.suppressed(formatCount(alert.suppressed)),
    rule === undefined && text.ruleGone,
    rule?.sameDigest === false && text.ruleChanged,
  ].filter((note) => note !== false)
  return notes.map((note) => (
    <p key={note} className={styles.note}>
      {note}
    </p>
  ))
}

function Facts({ detail: { alert, entities } }: { detail: AlertDetail }) {
  const { proof } = alert
  const window = {
    from: new Date(alert.window.from - 300_000).toISOString(),
    to: new Date(alert.window.to + 300_000).toISOString(),
  }
  return (
    <dl className={styles.facts}>
      <dt>{text.rule}</dt>
      <dd>
        <Link to="/rules/$id" params={{ id: alert.rule.id }}>
          {alert.rule.name}
        </Link>
        {alert.rule.attack.length > 0 && <span className="v-muted"> · {alert.rule.attack.join(', ')}</span>}
      </dd>
      <dt>{text.window}</dt>
      <dd>
        <Instant time={alert.window.from} /> → <Instant time={alert.window.to} />
      </dd>
      <dt>{text.raised}</dt>
      <dd>
        <Instant time={alert.raisedAt} />
      </dd>
      <dt>{text.who}</dt>
      <dd className={styles.entities}>
        {(['user', 'host', 'ip'] as const).flatMap((kind) =>
          entities[kind].map((value) => (
            <EntityValue key={`${kind}${value}`} kind={kind} value={value} range={window} />
          )),
        )}
      </dd>
      {beyond(entities, alert.collected).map(([field, { values, count }]) => (
        <Collected key={field} field={field} values={values.map(showValue)} count={count} />
      ))}
      <dt>{text.proof.label}</dt>
      <dd>
        <Badge tone={proof.state === 'pending' ? 'plain' : 'good'}>{text.proof[proof.state]}</Badge>{' '}
        {proof.seals.length > 0 && <span className="v-muted">{text.seals(proof.seals.length)}</span>}
      </dd>
    </dl>
  )
}

/** What was collected, without the fields that only repeat the users, hosts and addresses above. */
function beyond({ user, host, ip }: AlertDetail['entities'], collected: AlertDetail['alert']['collected']) {
  const shown = new Set<unknown>([...user, ...host, ...ip])
  return Object.entries(collected).filter(
    ([, { values, count }]) => count > values.length || !values.every((value) => shown.has(value)),
  )
}

function Collected({ field, values, count }: { field: string; values: string[]; count: number }) {
  const shown = values.slice(0, 20)
  return (
    <>
      <dt className="v-mono">{field}</dt>
      <dd>
        {shown.join(', ')}
        {count > shown.length && <span className="v-muted"> {text.more(formatCount(count - shown.length))}</span>}
      </dd>
    </>
  )
}
