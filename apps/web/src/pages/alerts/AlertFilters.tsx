// The filters above the queue, with counts by severity that are buttons.
import { Button, Select, TextInput } from '@mantine/core'
import { IconSearch, IconX } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { AlertFilter } from '@varde/api/contract'
import { type Severity, severities } from '@varde/schema'
import { useEffect, useState } from 'react'
import { ask, meQuery } from '../../api/queries.ts'
import { messages as common } from '../../messages.en.ts'
import { formatCompact, formatCount } from '../../parts/number.ts'
import { TimeRangePicker } from '../../parts/TimeRangePicker.tsx'
import styles from './alerts.module.css'
import { type AlertsSearch, entityOf, groupings, rangeOf, severitiesOf } from './alerts-search.ts'
import { messages } from './messages.en.ts'

interface Props {
  search: AlertsSearch
  filter: AlertFilter
  patch: (next: Partial<AlertsSearch>, replace?: boolean) => void
}

const text = messages.filters

export function AlertFilters({ search, filter, patch }: Props) {
  const { data: me } = useQuery(meQuery)
  const { severity: _, ...withoutSeverity } = filter
  const { data: counts } = useQuery({
    ...ask('countAlerts', { body: { filter: withoutSeverity } }),
    placeholderData: keepPreviousData,
  })
  const chosen = severitiesOf(search)
  const toggle = (severity: Severity) => {
    const next = chosen.includes(severity) ? chosen.filter((one) => one !== severity) : [...chosen, severity]
    patch({ severity: next.length === 0 ? undefined : next.join(',') })
  }
  const assignee =
    search.assignee === undefined
      ? 'anybody'
      : search.assignee === 'none'
        ? 'none'
        : search.assignee === me?.name
          ? 'me'
          : search.assignee
  return (
    <div className={styles.filters}>
      <h1 className={styles.title}>{messages.title}</h1>
      <div className={styles.severities}>
        {severities.toReversed().map((severity) => (
          <button
            key={severity}
            type="button"
            className={`${styles.severity} ${styles[severity]} ${chosen.includes(severity) ? styles.chosen : ''}`}
            aria-pressed={chosen.includes(severity)}
            onClick={() => toggle(severity)}
          >
            <b title={formatCount(counts?.severity[severity] ?? 0)}>{formatCompact(counts?.severity[severity] ?? 0)}</b>{' '}
            {common.severity[severity]}
          </button>
        ))}
      </div>
      <div className={styles.selects}>
        <TitleFilter search={search} patch={patch} />
        <Select
          aria-label={text.status.label}
          w={128}
          allowDeselect={false}
          value={search.status ?? 'work'}
          onChange={(value) => patch({ status: value === 'work' || value === null ? undefined : value })}
          data={(['work', 'open', 'acknowledged', 'closed', 'all'] as const).map((value) => ({
            value,
            label: text.status[value],
          }))}
        />
        <Select
          aria-label={text.assignee.label}
          w={116}
          allowDeselect={false}
          value={assignee}
          onChange={(value) =>
            patch({ assignee: value === 'anybody' || value === null ? undefined : value === 'me' ? me?.name : value })
          }
          data={[
            { value: 'anybody', label: text.assignee.anybody },
            { value: 'me', label: text.assignee.me },
            { value: 'none', label: text.assignee.none },
            ...(['anybody', 'me', 'none'].includes(assignee) ? [] : [{ value: assignee, label: assignee }]),
          ]}
        />
        <Select
          aria-label={text.group.label}
          w={124}
          allowDeselect={false}
          value={search.group ?? 'none'}
          onChange={(value) => patch({ group: groupings.find((one) => one === value) })}
          data={(['none', ...groupings] as const).map((value) => ({
            value,
            label: value === 'none' ? text.group.none : `${text.group.label}: ${text.group[value].toLowerCase()}`,
          }))}
        />
        <Select
          aria-label={text.sort.label}
          w={154}
          allowDeselect={false}
          value={search.sort ?? 'time'}
          onChange={(value) => patch({ sort: value === 'severity' ? 'severity' : undefined })}
          data={(['time', 'severity'] as const).map((value) => ({ value, label: text.sort[value] }))}
        />
        <TimeRangePicker
          value={rangeOf(search) ?? { from: '1970-01-01T00:00:00.000Z', to: 'now' }}
          withAllTime
          onChange={(range) => patch(range.from.startsWith('1970') ? { from: undefined, to: undefined } : range)}
        />
      </div>
      <Chips search={search} patch={patch} />
    </div>
  )
}

function TitleFilter({ search, patch }: Pick<Props, 'search' | 'patch'>) {
  const [value, setValue] = useState(search.q ?? '')
  useEffect(() => setValue(search.q ?? ''), [search.q])
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        patch({ q: value.trim() === '' ? undefined : value.trim() })
      }}
    >
      <TextInput
        id="alert-text"
        aria-label={text.text}
        placeholder={text.text}
        leftSection={<IconSearch size={14} />}
        w={180}
        value={value}
        onChange={(event) => setValue(event.currentTarget.value)}
        onBlur={() => value.trim() !== (search.q ?? '') && patch({ q: value.trim() === '' ? undefined : value.trim() })}
      />
    </form>
  )
}

/** The filters that have no control of their own: set by drilling down and by links. */
function Chips({ search, patch }: Pick<Props, 'search' | 'patch'>) {
  const { data: rules } = useQuery({ ...ask('rules', {}), enabled: search.rule !== undefined })
  const entity = entityOf(search)
  const chips = [
    search.rule !== undefined && {
      key: 'rule' as const,
      label: `${text.chip.rule}: ${rules?.rules.find((rule) => rule.id === search.rule)?.name ?? search.rule}`,
    },
    entity !== undefined && { key: 'entity' as const, label: `${text.chip.entity[entity.kind]}: ${entity.value}` },
    search.verdict !== undefined && {
      key: 'verdict' as const,
      label: `${text.chip.verdict}: ${common.verdict[search.verdict]}`,
    },
  ].filter((chip) => chip !== false)
  if (chips.length === 0) return null
  return (
    <div className={styles.chips}>
      {chips.map((chip) => (
        <span key={chip.key} className={styles.chip}>
          {chip.label}
          <button type="button" aria-label={text.remove(chip.label)} onClick={() => patch({ [chip.key]: undefined })}>
            <IconX size={12} />
          </button>
        </span>
      ))}
      <Button
        variant="subtle"
        onClick={() =>
          patch({ rule: undefined, entity: undefined, verdict: undefined, q: undefined, severity: undefined })
        }
      >
        {text.clear}
      </Button>
    </div>
  )
}
