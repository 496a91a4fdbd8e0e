// Why a rule met an event, or why not: each clause with what it gave and what it read.
import { IconCheck, IconMinus, IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { RouteInput, Why, WhyClause } from '@varde/api/contract'
import { ask } from '../../api/queries.ts'
import { showValue } from '../../parts/flatten.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Badge } from '../../parts/SeverityBadge.tsx'
import { Instant } from '../../time/Instant.tsx'
import { Finding } from './Finding.tsx'
import { messages } from './messages.en.ts'
import styles from './why.module.css'

const text = messages.why
const tones = { hit: 'good', miss: 'plain', excepted: 'medium', 'no-key': 'medium', disabled: 'medium' } as const

interface Props {
  rule: RouteInput<'why'>['body']['rule']
  eventId: string
}

export function WhyTree({ rule, eventId }: Props) {
  const { data, error, isPending } = useQuery(ask('why', { body: { rule, eventId } }))
  if (error !== null) return <ProblemNote error={error} />
  if (isPending) return <p className="v-muted">{text.asking}</p>
  return (
    <div className={styles.why} aria-live="polite">
      {data.findings.map((finding) => (
        <Finding key={`${finding.line}${finding.message}`} finding={finding} />
      ))}
      {data.explanation !== undefined && <Explained explanation={data.explanation} />}
      {data.window !== undefined && (
        <p>
          <strong>{text.window}</strong> {data.window.text}{' '}
          <span className="v-muted">
            <Instant time={data.window.from} /> → <Instant time={data.window.to} />
            {data.window.late && ` · ${text.late}`}
          </span>
        </p>
      )}
      {data.suppressedBy !== undefined && (
        <p>
          {text.suppressed}{' '}
          <Link to="/alerts" search={{ alert: data.suppressedBy.id, status: 'all' }}>
            {data.suppressedBy.title}
          </Link>
        </p>
      )}
      {data.alerts.map((alert) => (
        <p key={alert.id}>
          {text.listed}{' '}
          <Link to="/alerts" search={{ alert: alert.id, status: 'all' }}>
            {alert.title}
          </Link>
        </p>
      ))}
    </div>
  )
}

function Explained({ explanation }: { explanation: NonNullable<Why['explanation']> }) {
  const { verdict, reason, conditions, missing, exception } = explanation
  return (
    <>
      <p>
        <Badge tone={tones[verdict]}>{text.verdicts[verdict]}</Badge> {reason}
      </p>
      {exception !== undefined && (
        <p>
          {text.exception(exception.owner, exception.until)} <code>{exception.when}</code> {exception.reason}
        </p>
      )}
      {missing.length > 0 && (
        <p>
          {text.missing}{' '}
          {missing.map((field) => (
            <code key={field}>{field} </code>
          ))}
        </p>
      )}
      {conditions.map((condition) => (
        <section key={condition.step}>
          {condition.step !== '' && <h4>{condition.step}</h4>}
          <ul className={styles.tree}>
            <Clause clause={condition.clause} first={condition.firstFalse} />
          </ul>
        </section>
      ))}
    </>
  )
}

function Clause({ clause, first }: { clause: WhyClause; first: WhyClause | undefined }) {
  const held = clause.value === true
  const isFirst = first !== undefined && first.text === clause.text && clause.kind === 'leaf'
  return (
    <li className={isFirst ? styles.first : undefined}>
      <span
        className={styles.mark}
        role="img"
        aria-label={held ? text.holds : clause.error === undefined ? text.not : text.failed}
      >
        {held ? (
          <IconCheck size={14} color="var(--v-good)" />
        ) : clause.error === undefined ? (
          <IconMinus size={14} color="var(--v-critical)" />
        ) : (
          <IconX size={14} color="var(--v-critical)" />
        )}
      </span>
      <span>
        {clause.kind === 'leaf' ? <code>{clause.text}</code> : <strong>{text.kinds[clause.kind]}</strong>}
        {clause.error !== undefined && <span className={styles.error}> {clause.error}</span>}
        {clause.kind === 'leaf' && clause.fields.length > 0 && (
          <span className={styles.fields}>
            {clause.fields.map((one) => (
              <span key={one.field}>
                {one.field} = {one.value === undefined ? <em>{text.absent}</em> : <b>{showValue(one.value)}</b>}
              </span>
            ))}
          </span>
        )}
        {clause.of.length > 0 && (
          <ul>
            {clause.of.map((one, index) => (
              <Clause key={index} clause={one} first={first} />
            ))}
          </ul>
        )}
      </span>
    </li>
  )
}
