// Whether the authority is told, and which notices have left the house.
import { Button, Group, Select, TextInput } from '@mantine/core'
import type { CaseDetail } from '@varde/api/contract'
import { useState } from 'react'
import partStyles from '../../parts/parts.module.css'
import { Badge } from '../../parts/SeverityBadge.tsx'
import { Instant } from '../../time/Instant.tsx'
import styles from './cases.module.css'
import { messages } from './messages.en.ts'
import type { CaseChanger } from './use-case.ts'

const text = messages.breach

interface Props {
  detail: CaseDetail
  change: CaseChanger
  mayWrite: boolean
}

export function Filings({ detail, change, mayWrite }: Props) {
  const { breach } = detail.case
  const filings = breach?.filings ?? []
  return (
    <section className={partStyles.card}>
      <div className={partStyles.cardHead}>
        <h2>{text.filings}</h2>
        {breach?.decision !== undefined && (
          <Badge tone={breach.decision.notify ? 'high' : 'plain'}>
            {breach.decision.notify ? text.notify : text.notNotify}
          </Badge>
        )}
      </div>
      <div className={partStyles.cardBody}>
        {breach?.decision !== undefined && <p>{breach.decision.reason}</p>}
        {filings.length === 0 && <p className="v-muted">{text.noFilings}</p>}
        <ul className={styles.tasks}>
          {filings.map((filing) => (
            <li key={filing.id}>
              <div>
                <strong>{filing.recipient}</strong> · <Instant time={filing.sentAt} precision="min" />{' '}
                <span className="v-muted">
                  {filing.regime} {filing.clock} {filing.reference} {messages.detail.by(filing.by)}
                </span>
              </div>
            </li>
          ))}
        </ul>
        {mayWrite && (
          <>
            <Decision change={change} />
            <Record detail={detail} change={change} />
          </>
        )}
      </div>
    </section>
  )
}

function Decision({ change }: { change: CaseChanger }) {
  const [reason, setReason] = useState('')
  const decide = (notify: boolean) => change.mutate([{ kind: 'decision', notify, reason: reason.trim() }])
  return (
    <Group align="flex-end" mb="sm">
      <TextInput
        label={`${text.decision}: ${messages.evidence.why}`}
        style={{ flex: 1 }}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <Button variant="default" disabled={reason.trim() === ''} onClick={() => decide(true)}>
        {text.notify}
      </Button>
      <Button variant="default" disabled={reason.trim() === ''} onClick={() => decide(false)}>
        {text.notNotify}
      </Button>
    </Group>
  )
}

function Record({ detail, change }: { detail: CaseDetail; change: CaseChanger }) {
  const clocks = detail.clocks.map((clock) => ({ clock, value: [clock.regime, clock.clock, clock.tenant].join(' ') }))
  const [chosen, setChosen] = useState<string>()
  const [recipient, setRecipient] = useState('')
  const [reference, setReference] = useState('')
  const meets = clocks.find(({ value }) => value === (chosen ?? clocks[0]?.value))?.clock
  if (meets === undefined) return null
  const phase = (detail.case.breach?.filings.filter(({ clock }) => clock === meets.clock).length ?? 0) + 1
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        change.mutate([
          {
            kind: 'filing',
            filing: {
              regime: meets.regime,
              clock: meets.clock,
              kind: meets.to,
              recipient: recipient.trim(),
              phase,
              sentAt: Date.now(),
              ...(meets.tenant === undefined ? {} : { tenant: meets.tenant }),
              ...(reference.trim() === '' ? {} : { reference: reference.trim() }),
            },
          },
        ])
      }}
    >
      <strong>{text.file}</strong>
      <Group align="flex-end">
        <Select
          label={text.clock}
          w={230}
          allowDeselect={false}
          value={chosen ?? clocks[0]?.value ?? null}
          onChange={(next) => setChosen(next ?? undefined)}
          data={clocks.map(({ clock, value }) => ({
            value,
            label: [clock.title.en, clock.tenant].filter(Boolean).join(' · '),
          }))}
        />
        <TextInput
          label={text.recipient}
          value={recipient}
          onChange={(event) => setRecipient(event.currentTarget.value)}
        />
        <TextInput
          label={text.reference}
          value={reference}
          onChange={(event) => setReference(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" disabled={recipient.trim() === ''}>
          {text.filed}
        </Button>
      </Group>
    </form>
  )
}
