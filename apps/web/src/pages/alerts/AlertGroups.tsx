// The queue counted by rule, host, user or address: drill into a group, or decide on all of it.
import { Button, Skeleton } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { AlertFilter, AlertTarget, RouteOutput } from '@varde/api/contract'
import { severities } from '@varde/schema'
import { ask } from '../../api/queries.ts'
import { messages as common } from '../../messages.en.ts'
import { EmptyState } from '../../parts/EmptyState.tsx'
import { formatCount } from '../../parts/number.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import partStyles from '../../parts/parts.module.css'
import { SeverityBadge, severityColor } from '../../parts/SeverityBadge.tsx'
import { Instant } from '../../time/Instant.tsx'
import styles from './alerts.module.css'
import type { AlertsSearch, Grouping } from './alerts-search.ts'
import type { Decision } from './DecisionDialog.tsx'
import { messages } from './messages.en.ts'
import { updateAlerts } from './updates.ts'

type Group = RouteOutput<'groupAlerts'>['groups'][number]

interface Props {
  by: Grouping
  filter: AlertFilter
  mayWrite: boolean
  patch: (next: Partial<AlertsSearch>) => void
  onDecide: (kind: Decision, target: AlertTarget, count: number) => void
}

export function AlertGroups({ by, filter, mayWrite, patch, onDecide }: Props) {
  const { data, error, isPending, refetch } = useQuery({
    ...ask('groupAlerts', { body: { filter, by, limit: 500 } }),
    placeholderData: keepPreviousData,
  })
  if (error !== null) return <ProblemNote error={error} retry={refetch} />
  if (isPending) return <Skeleton height={200} mt="md" />
  if (data.groups.length === 0) return <EmptyState title={messages.empty.title}>{messages.empty.text}</EmptyState>
  const drill = (group: Group) =>
    patch(by === 'rule' ? { rule: group.key, group: undefined } : { entity: `${by}:${group.key}`, group: undefined })
  const targetOf = (group: Group): AlertTarget => ({
    filter: by === 'rule' ? { ...filter, rule: [group.key] } : { ...filter, entity: { kind: by, value: group.key } },
  })
  return (
    <div className={styles.groups} tabIndex={0} role="region" aria-label={messages.list.groupLabel}>
      <table className={partStyles.table}>
        <thead>
          <tr>
            <th scope="col">{messages.filters.group[by]}</th>
            <th scope="col">{messages.columns.severity}</th>
            <th scope="col" className={partStyles.right}>
              {messages.columns.open}
            </th>
            <th scope="col" className={partStyles.right}>
              {messages.columns.total}
            </th>
            <th scope="col">{messages.columns.last}</th>
            {mayWrite && <th scope="col">{messages.columns.actions}</th>}
          </tr>
        </thead>
        <tbody>
          {data.groups.map((group) => (
            <tr key={group.key}>
              <td>
                <button
                  type="button"
                  className={styles.groupName}
                  disabled={group.key === ''}
                  onClick={() => drill(group)}
                >
                  {group.label === '' ? messages.list.noKey : group.label}
                </button>
              </td>
              <td>
                <div className={styles.groupSeverity}>
                  <SeverityBadge severity={highest(group)} bare />
                  <SeverityStrip group={group} />
                </div>
              </td>
              <td className={partStyles.right}>{formatCount(group.open)}</td>
              <td className={partStyles.right}>{formatCount(group.count)}</td>
              <td>
                <Instant time={group.last} />
              </td>
              {mayWrite && (
                <td className={styles.groupActions}>
                  <Button
                    variant="subtle"
                    onClick={() =>
                      void updateAlerts(
                        targetOf(group),
                        { status: 'acknowledged' },
                        messages.actions.acknowledge,
                        group.count,
                      )
                    }
                  >
                    {messages.actions.acknowledge}
                  </Button>
                  <Button variant="subtle" onClick={() => onDecide('close', targetOf(group), group.count)}>
                    {messages.actions.close}
                  </Button>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function highest(group: Group) {
  return severities.toReversed().find((severity) => group.severity[severity] > 0) ?? 'info'
}

function SeverityStrip({ group }: { group: Group }) {
  const parts = severities.toReversed().filter((severity) => group.severity[severity] > 0)
  const label = parts.map((severity) => `${common.severity[severity]} ${group.severity[severity]}`).join(', ')
  return (
    <div className={styles.strip} role="img" aria-label={label} title={label}>
      {parts.map((severity) => (
        <span key={severity} style={{ flexGrow: group.severity[severity], background: severityColor(severity) }} />
      ))}
    </div>
  )
}
