// One rule: its text, its tests, its hits, and a place to try it.
import { Skeleton, Tabs } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import type { RuleDetail } from '@varde/api/contract'
import { useState } from 'react'
import { ApiError } from '../../api/client.ts'
import { ask } from '../../api/queries.ts'
import { CopyButton } from '../../parts/CopyButton.tsx'
import { EmptyState } from '../../parts/EmptyState.tsx'
import { formatCount } from '../../parts/number.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import partStyles from '../../parts/parts.module.css'
import { Badge, SeverityBadge } from '../../parts/SeverityBadge.tsx'
import { TimeBars } from '../../parts/TimeBars.tsx'
import { Instant } from '../../time/Instant.tsx'
import { Finding } from './Finding.tsx'
import { HistoryTab } from './HistoryTab.tsx'
import { messages } from './messages.en.ts'
import { ReplayTab } from './ReplayTab.tsx'
import { RuleEditor } from './RuleEditor.tsx'
import { falseShare, Health, perDay } from './RulesPage.tsx'
import { RuleTests } from './RuleTests.tsx'
import styles from './rules.module.css'
import { ruleTabs } from './rules-search.ts'
import { TryRule } from './TryRule.tsx'
import { WhyTab } from './WhyTab.tsx'

const route = getRouteApi('/app/rules/$id')
const day = 86_400_000
const text = messages.detail

export function RulePage() {
  const { id } = route.useParams()
  const { tab, event } = route.useSearch()
  const [draft, setDraft] = useState<string>()
  const navigate = useNavigate({ from: '/rules/$id' })
  const { data, error, isPending, refetch } = useQuery(ask('rule', { params: { id } }))
  const showTab = (next: (typeof ruleTabs)[number] | undefined) =>
    void navigate({ search: (before) => ({ ...before, tab: next }), replace: true })
  return (
    <div className={partStyles.page}>
      <div className={partStyles.pageHead}>
        <Link to="/rules" className={styles.back}>
          <IconArrowLeft size={14} aria-hidden="true" /> {text.back}
        </Link>
      </div>
      {isPending && <Skeleton height={300} />}
      {error instanceof ApiError && error.status === 404 ? (
        <EmptyState title={text.gone} actions={<Link to="/rules">{text.back}</Link>} />
      ) : (
        error !== null && <ProblemNote error={error} retry={refetch} />
      )}
      {data !== undefined && (
        <>
          <div className={partStyles.pageHead}>
            <SeverityBadge severity={data.severity} />
            <h1>{data.name}</h1>
            <Health rule={data} />
            {!data.enabled && <Badge tone="medium">{messages.disabled}</Badge>}
            {draft !== undefined && draft !== data.text && <Badge tone="medium">{messages.editor.unsaved}</Badge>}
          </div>
          <div className={styles.columns}>
            <div className={styles.main}>
              <Tabs value={tab ?? 'text'} onChange={(next) => showTab(ruleTabs.find((one) => one === next))}>
                <Tabs.List mb="xs" aria-label={data.name}>
                  <Tabs.Tab value="text">{text.text}</Tabs.Tab>
                  <Tabs.Tab value="tests">
                    {text.tests} ({data.tests})
                  </Tabs.Tab>
                  <Tabs.Tab value="try">{text.try}</Tabs.Tab>
                  <Tabs.Tab value="why">{text.why}</Tabs.Tab>
                  <Tabs.Tab value="replay">{text.replay}</Tabs.Tab>
                  <Tabs.Tab value="history">{text.history}</Tabs.Tab>
                </Tabs.List>
                <Tabs.Panel value="text">
                  <RuleEditor rule={data} draft={draft} onDraft={setDraft} />
                </Tabs.Panel>
                <Tabs.Panel value="tests">
                  <RuleTests rule={data} />
                </Tabs.Panel>
                <Tabs.Panel value="try">
                  <TryRule rule={data} draft={draft} />
                </Tabs.Panel>
                <Tabs.Panel value="why">
                  <WhyTab
                    rule={data}
                    draft={draft}
                    eventId={event}
                    onEvent={(next) =>
                      void navigate({ search: (before) => ({ ...before, event: next }), replace: true })
                    }
                  />
                </Tabs.Panel>
                <Tabs.Panel value="replay">
                  <ReplayTab rule={data} draft={draft} />
                </Tabs.Panel>
                <Tabs.Panel value="history">
                  <HistoryTab
                    rule={data}
                    onEdit={(version) => {
                      setDraft(version)
                      showTab(undefined)
                    }}
                  />
                </Tabs.Panel>
              </Tabs>
            </div>
            <Side rule={data} />
          </div>
        </>
      )}
    </div>
  )
}

function Side({ rule }: { rule: RuleDetail }) {
  return (
    <aside className={styles.side} aria-label={text.alerts}>
      <section className={partStyles.card}>
        <div className={partStyles.cardHead}>
          <h2>{text.alerts}</h2>
          <span className="v-muted">
            {formatCount(rule.alerts.total)} · {text.alertsOpen(formatCount(rule.alerts.open))}
          </span>
        </div>
        <div className={partStyles.cardBody}>
          <Fired rule={rule} />
        </div>
      </section>
      <section className={partStyles.card}>
        <div className={partStyles.cardHead}>
          <h2>{text.lint}</h2>
        </div>
        <div className={partStyles.cardBody}>
          {rule.lint.length === 0 && <span className="v-muted">{text.noLint}</span>}
          {rule.lint.map((finding) => (
            <Finding key={`${finding.line}${finding.message}`} finding={finding} />
          ))}
        </div>
      </section>
      <section className={`${partStyles.card} ${partStyles.cardBody}`}>
        <dl className={styles.facts}>
          <dt>{messages.columns.type}</dt>
          <dd>{rule.type}</dd>
          <dt>{messages.columns.attack}</dt>
          <dd>{rule.attack.join(', ')}</dd>
          <dt>{text.perDayMean}</dt>
          <dd>{perDay(rule) || '0'}</dd>
          <dt>{messages.columns.false}</dt>
          <dd>{falseShare(rule) || text.noneJudged}</dd>
          <dt>{text.hits}</dt>
          <dd>
            {rule.hits === undefined ? text.hitsHeld : text.hitsSince(formatCount(rule.hits))}
            {rule.errors > 0 && ` · ${messages.failing(formatCount(rule.errors))}`}
          </dd>
          {rule.sources.length > 0 && (
            <>
              <dt>{text.sources}</dt>
              <dd>{rule.sources.join(', ')}</dd>
            </>
          )}
          <dt>{text.digest}</dt>
          <dd className="v-mono">
            {rule.digest.slice(0, 16)}… <CopyButton value={rule.digest} />
          </dd>
        </dl>
        <Prose title={text.description} body={rule.description} />
        <Prose title={text.runbook} body={rule.runbook} />
        <Prose title={text.blindSpots} body={rule.blindSpots} />
      </section>
    </aside>
  )
}

function Fired({ rule }: { rule: RuleDetail }) {
  const [first, last] = [rule.alertsPerDay[0], rule.alertsPerDay.at(-1)]
  if (first === undefined || last === undefined) return <span className="v-muted">{text.never}</span>
  const from = Math.min(first.start, last.start - 13 * day)
  return (
    <>
      {rule.lastFired !== undefined && (
        <p className={styles.lastFired}>
          {messages.columns.last}: <Instant time={rule.lastFired} />
        </p>
      )}
      <TimeBars
        bars={rule.alertsPerDay}
        intervalMs={day}
        from={from}
        to={last.start + day}
        label={text.perDay}
        height={84}
      />
      <Link to="/alerts" search={{ rule: rule.id, status: 'all' }}>
        {text.seeAlerts}
      </Link>
    </>
  )
}

function Prose({ title, body }: { title: string; body: string | undefined }) {
  if (body === undefined) return null
  return (
    <>
      <h3 className={styles.proseTitle}>{title}</h3>
      <p className={styles.prose}>{body.trim()}</p>
    </>
  )
}
