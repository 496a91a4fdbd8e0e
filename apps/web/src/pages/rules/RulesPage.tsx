// The running rules: what they look for, whether they fire, whether they are well.
import { SegmentedControl, Select, Skeleton, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import type { RuleRow } from '@varde/api/contract'
import { severities } from '@varde/schema'
import { lazy, Suspense } from 'react'
import { ask } from '../../api/queries.ts'
import { messages as common } from '../../messages.en.ts'
import { EmptyState } from '../../parts/EmptyState.tsx'
import { formatCount, formatShare } from '../../parts/number.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import partStyles from '../../parts/parts.module.css'
import { Badge, SeverityBadge } from '../../parts/SeverityBadge.tsx'
import { SortHead } from '../../parts/SortHead.tsx'
import { Instant } from '../../time/Instant.tsx'
import { Finding } from './Finding.tsx'
import { messages } from './messages.en.ts'
import styles from './rules.module.css'
import type { RuleSort, RulesSearch } from './rules-search.ts'

const route = getRouteApi('/app/rules')
const AttackMatrix = lazy(() => import('./AttackMatrix.tsx').then((file) => ({ default: file.AttackMatrix })))
const shows = ['fired', 'never', 'findings'] as const

export function RulesPage() {
  const search = route.useSearch()
  const navigate = useNavigate({ from: '/rules' })
  const { data, error, isPending, refetch } = useQuery(ask('rules', {}))
  const set = (next: Partial<RulesSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true })
  const rules = (data?.rules ?? []).filter((rule) => fits(rule, search)).sort(orders[search.sort ?? 'severity'])
  const types = [...new Set(data?.rules.map((rule) => rule.type))].sort()
  return (
    <div className={partStyles.page}>
      <div className={partStyles.pageHead}>
        <h1>{messages.title}</h1>
        {data !== undefined && (
          <span className="v-muted" title={messages.ruleSet(data.ruleSet)}>
            {messages.count(rules.length, data.rules.length)} · <code>{data.ruleSet.slice(0, 12)}</code>
          </span>
        )}
        <span className={partStyles.spacer} />
        <TextInput
          aria-label={messages.filter}
          placeholder={messages.filter}
          leftSection={<IconSearch size={14} />}
          w={230}
          value={search.q ?? ''}
          onChange={(event) => set({ q: event.currentTarget.value === '' ? undefined : event.currentTarget.value })}
        />
        <Select
          aria-label={messages.columns.severity}
          placeholder={messages.anySeverity}
          clearable
          w={130}
          value={search.severity ?? null}
          onChange={(value) => set({ severity: severities.find((one) => one === value) })}
          data={severities.toReversed().map((value) => ({ value, label: common.severity[value] }))}
        />
        <Select
          aria-label={messages.columns.type}
          placeholder={messages.anyType}
          clearable
          w={120}
          value={search.type ?? null}
          onChange={(value) => set({ type: value ?? undefined })}
          data={types}
        />
        <SegmentedControl
          aria-label={messages.show.label}
          value={search.show ?? 'all'}
          onChange={(value) => set({ show: shows.find((one) => one === value) })}
          data={(['all', ...shows] as const).map((value) => ({ value, label: messages.show[value] }))}
        />
        <SegmentedControl
          aria-label={messages.view.label}
          value={search.view ?? 'list'}
          onChange={(value) => set({ view: value === 'attack' ? value : undefined })}
          data={[
            { value: 'list', label: messages.view.list },
            { value: 'attack', label: messages.view.attack },
          ]}
        />
      </div>
      {error !== null && <ProblemNote error={error} retry={refetch} />}
      {isPending && <Skeleton height={300} />}
      {data !== undefined && data.refused.length > 0 && <Refused refused={data.refused} />}
      {data !== undefined && rules.length === 0 && (
        <EmptyState title={data.rules.length === 0 ? messages.empty.none : messages.empty.title}>
          {data.rules.length === 0 ? messages.empty.noneText : messages.empty.text}
        </EmptyState>
      )}
      {rules.length > 0 && search.view === 'attack' && (
        <Suspense fallback={<Skeleton height={300} />}>
          <AttackMatrix rules={rules} />
        </Suspense>
      )}
      {rules.length > 0 && search.view === undefined && (
        <RuleTable rules={rules} sort={search.sort} onSort={(sort) => set({ sort })} />
      )}
    </div>
  )
}

interface TableProps {
  rules: RuleRow[]
  sort: RuleSort | undefined
  onSort: (sort: RuleSort | undefined) => void
}

function RuleTable({ rules, sort, onSort }: TableProps) {
  const head = (key: RuleSort, name: string, numeric = false) => (
    <SortHead
      name={name}
      sorted={sort === key}
      numeric={numeric}
      onSort={() => onSort(sort === key ? undefined : key)}
    />
  )
  const right = partStyles.right
  return (
    <div
      className={`${partStyles.card} ${partStyles.tableWrap}`}
      tabIndex={0}
      role="region"
      aria-label={messages.title}
    >
      <table className={partStyles.table}>
        <thead>
          <tr>
            <th scope="col">{messages.columns.severity}</th>
            {head('name', messages.columns.name)}
            <th scope="col">{messages.columns.type}</th>
            <th scope="col">{messages.columns.attack}</th>
            <th scope="col" className={right}>
              {messages.columns.open}
            </th>
            {head('alerts', messages.columns.total, true)}
            {head('perDay', messages.columns.perDay, true)}
            {head('false', messages.columns.false, true)}
            {head('last', messages.columns.last)}
            <th scope="col" className={right}>
              {messages.columns.tests}
            </th>
            <th scope="col">{messages.columns.health}</th>
          </tr>
        </thead>
        <tbody>
          {rules.map((rule) => (
            <tr key={rule.id}>
              <td>
                <SeverityBadge severity={rule.severity} bare />
              </td>
              <td>
                <Link to="/rules/$id" params={{ id: rule.id }} className={partStyles.rowLink}>
                  {rule.name}
                </Link>
                <div className={`v-muted ${styles.file}`}>{rule.file}</div>
              </td>
              <td>{rule.type}</td>
              <td className={styles.attack}>{rule.attack.map((one) => one.split('/').at(-1)).join(', ')}</td>
              <td className={right}>{formatCount(rule.alerts.open)}</td>
              <td className={right}>
                {rule.alerts.total === 0 ? (
                  '0'
                ) : (
                  <Link to="/alerts" search={{ rule: rule.id, status: 'all' }}>
                    {formatCount(rule.alerts.total)}
                  </Link>
                )}
              </td>
              <td className={right}>{perDay(rule)}</td>
              <td className={right}>{falseShare(rule)}</td>
              <td>
                {rule.lastFired === undefined ? (
                  <span className="v-muted">{messages.never}</span>
                ) : (
                  <Instant time={rule.lastFired} precision="min" />
                )}
              </td>
              <td className={right}>{rule.tests === 0 ? messages.noTests : rule.tests}</td>
              <td>
                <Health rule={rule} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

export function Health({ rule }: { rule: RuleRow }) {
  const errors = rule.lint.filter((one) => one.level === 'error').length
  const rest = rule.lint.length - errors
  if (rule.errors > 0) return <Badge tone="critical">{messages.failing(formatCount(rule.errors))}</Badge>
  if (rule.lint.length === 0) return <Badge tone="good">{messages.healthy}</Badge>
  return (
    <span title={rule.lint.map((one) => one.message).join('\n')}>
      <Badge tone={errors > 0 ? 'critical' : 'medium'}>{messages.findings(errors, rest)}</Badge>
    </span>
  )
}

function Refused({ refused }: { refused: { file: string; findings: RuleRow['lint'] }[] }) {
  return (
    <div className={styles.refused} role="alert">
      <strong>{messages.refused(refused.length)}</strong>
      {refused.map((one) => (
        <div key={one.file}>
          <code>{one.file}</code>
          {one.findings.map((finding) => (
            <Finding key={`${finding.line}${finding.message}`} finding={finding} />
          ))}
        </div>
      ))}
    </div>
  )
}

function fits(rule: RuleRow, search: RulesSearch): boolean {
  const words = (search.q ?? '').toLowerCase()
  const text = [rule.name, rule.file, rule.id, ...rule.attack].join(' ').toLowerCase()
  if (!text.includes(words)) return false
  if (search.severity !== undefined && rule.severity !== search.severity) return false
  if (search.type !== undefined && rule.type !== search.type) return false
  if (search.show === 'fired') return rule.alerts.total > 0
  if (search.show === 'never') return rule.alerts.total === 0
  return search.show !== 'findings' || rule.lint.length > 0 || rule.errors > 0
}

/** Alerts a day over the last month. */
export function perDay(rule: RuleRow): string {
  if (rule.perDay === 0) return ''
  return rule.perDay < 0.1 ? '< 0.1' : rule.perDay.toFixed(rule.perDay < 10 ? 1 : 0)
}

/** The false ones of the alerts that somebody judged. */
export function falseShare({ verdicts }: RuleRow): string {
  const judged = verdicts['true-positive'] + verdicts.benign + verdicts['false-positive']
  return judged === 0 ? '' : formatShare(verdicts['false-positive'] / judged)
}

const orders: Record<RuleSort | 'severity', (a: RuleRow, b: RuleRow) => number> = {
  severity: bySeverity,
  name: (a, b) => (a.name < b.name ? -1 : 1),
  alerts: (a, b) => b.alerts.total - a.alerts.total || bySeverity(a, b),
  perDay: (a, b) => b.perDay - a.perDay || bySeverity(a, b),
  false: (a, b) => b.verdicts['false-positive'] - a.verdicts['false-positive'] || bySeverity(a, b),
  last: (a, b) => (b.lastFired ?? 0) - (a.lastFired ?? 0) || bySeverity(a, b),
}

function bySeverity(a: RuleRow, b: RuleRow): number {
  return severities.indexOf(b.severity) - severities.indexOf(a.severity) || (a.name < b.name ? -1 : 1)
}
