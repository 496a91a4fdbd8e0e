// The rule, or its edit, over the past: which alerts would be new, gone or different, and at what cost.
import { Button, Group, Loader, Select } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReplayedAlert, RuleDetail } from '@varde/api/contract'
import { useState } from 'react'
import { formatCount } from '../../parts/number.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Badge } from '../../parts/SeverityBadge.tsx'
import { formatLength } from '../../time/format.ts'
import { Instant } from '../../time/Instant.tsx'
import { messages } from './messages.en.ts'
import styles from './rules.module.css'
import { type ReplayJob, useReplay } from './use-replay.ts'

const text = messages.replay
const day = 86_400_000
const spans = ['1', '7', '30', '90', '365'] as const

export function ReplayTab({ rule, draft }: { rule: RuleDetail; draft: string | undefined }) {
  const [days, setDays] = useState<string>('30')
  const replay = useReplay()
  const { job } = replay
  return (
    <>
      <p className="v-muted">{draft === undefined ? text.intro : text.introDraft}</p>
      <Group align="flex-end" mb="sm">
        <Select
          label={text.span}
          w={170}
          allowDeselect={false}
          value={days}
          onChange={(next) => setDays(next ?? '30')}
          data={spans.map((value) => ({ value, label: text.days(value) }))}
        />
        <Button
          loading={replay.running}
          onClick={() =>
            replay.start({
              rules: [draft === undefined ? { id: rule.id } : { text: draft }],
              from: Date.now() - Number(days) * day,
              to: Date.now(),
            })
          }
        >
          {text.start}
        </Button>
        {replay.running && job !== undefined && (
          <Button variant="default" onClick={replay.stop}>
            {text.stop}
          </Button>
        )}
      </Group>
      {replay.error !== null && <ProblemNote error={replay.error} />}
      {job !== undefined && <Progress job={job} running={replay.running} />}
      {job?.result !== undefined && <Result result={job.result} />}
    </>
  )
}

function Progress({ job, running }: { job: ReplayJob; running: boolean }) {
  if (!running) {
    return job.state === 'done' ? null : (
      <p role="status">
        {text.states[job.state]} {job.problem}
      </p>
    )
  }
  const { events, total } = job.progress
  return (
    <p role="status">
      <Loader size={12} />{' '}
      {text.progress(formatCount(events), total === undefined ? undefined : formatCount(total.count))}
    </p>
  )
}

function Result({ result }: { result: NonNullable<ReplayJob['result']> }) {
  return (
    <div aria-live="polite">
      <Group mb="xs">
        <Badge tone={result.added > 0 ? 'high' : 'plain'}>{text.added(formatCount(result.added))}</Badge>
        <Badge tone={result.missing > 0 ? 'medium' : 'plain'}>{text.missing(formatCount(result.missing))}</Badge>
        <Badge tone={result.changed > 0 ? 'low' : 'plain'}>{text.changed(formatCount(result.changed))}</Badge>
        <Badge tone="good">{text.same(formatCount(result.same))}</Badge>
      </Group>
      <p className="v-muted">
        {text.cost(
          formatCount(result.cost.events),
          formatCount(result.cost.hits),
          formatLength(result.cost.elapsedMs),
          formatLength(result.cost.cpuMs),
        )}{' '}
        {text.perDay((result.rules[0]?.perDay ?? 0).toFixed(1))}
      </p>
      {result.failures + result.truncated > 0 && <p role="alert">{text.lacking}</p>}
      <AlertList title={text.addedTitle} alerts={result.addedAlerts} count={result.added} />
      <AlertList title={text.missingTitle} alerts={result.missingAlerts} count={result.missing} linked />
      <AlertList
        title={text.changedTitle}
        alerts={result.changedAlerts.map(({ after }) => after)}
        count={result.changed}
      />
    </div>
  )
}

interface ListProps {
  title: string
  alerts: ReplayedAlert[]
  count: number
  /** These are in the queue. */
  linked?: boolean
}

function AlertList({ title, alerts, count, linked = false }: ListProps) {
  if (count === 0) return null
  return (
    <section>
      <h3>{title}</h3>
      <ul className={styles.replayed}>
        {alerts.map((alert) => (
          <li key={alert.id}>
            <Instant time={alert.anchor} />{' '}
            {linked ? (
              <Link to="/alerts" search={{ alert: alert.id, status: 'all' }}>
                {alert.title}
              </Link>
            ) : (
              <Link
                to="/search"
                search={{
                  from: new Date(alert.window.from - 60_000).toISOString(),
                  to: new Date(alert.window.to + 60_000).toISOString(),
                  event: alert.eventIds[0],
                }}
              >
                {alert.title}
              </Link>
            )}{' '}
            <span className="v-muted">{text.members(formatCount(alert.memberCount))}</span>
          </li>
        ))}
      </ul>
      {count > alerts.length && <p className="v-muted">{text.more(formatCount(count - alerts.length))}</p>}
    </section>
  )
}
