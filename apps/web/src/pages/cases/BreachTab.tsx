// The breach desk of a case: regimes and moments, the clocks that follow from them, the facts, the documents, what was sent.
import { Button, Checkbox, Group, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { CaseBreach, CaseDetail } from '@varde/api/contract'
import { type BreachAnchor, breachAnchors } from '@varde/schema'
import { useState } from 'react'
import { urlOf } from '../../api/client.ts'
import { ask } from '../../api/queries.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import partStyles from '../../parts/parts.module.css'
import { formatInstant } from '../../time/format.ts'
import { Instant } from '../../time/Instant.tsx'
import { wallTime } from '../../time/offset.ts'
import { useZone } from '../../time/zone.ts'
import { BreachFactsForm } from './BreachFactsForm.tsx'
import { ClockBadge } from './ClockBadge.tsx'
import styles from './cases.module.css'
import { Filings } from './Filings.tsx'
import { messages } from './messages.en.ts'
import type { CaseChanger } from './use-case.ts'

const text = messages.breach
const drafted = ['authority', 'person', 'nis2-early-warning', 'nis2-notification', 'nis2-final', 'register'] as const

interface Props {
  detail: CaseDetail
  change: CaseChanger
  mayWrite: boolean
}

export function BreachTab({ detail, change, mayWrite }: Props) {
  const { case: one } = detail
  const { data, error } = useQuery({
    ...ask('caseBreach', { params: { id: one.id } }),
    enabled: one.breach !== undefined,
  })
  if (one.breach === undefined) return <Start change={change} mayWrite={mayWrite} />
  return (
    <>
      {!mayWrite && <p className="v-muted">{text.needsRole}</p>}
      {error !== null && <ProblemNote error={error} />}
      <div className={styles.twoColumns}>
        <Clocks detail={detail} />
        <section className={partStyles.card}>
          <div className={partStyles.cardHead}>
            <h2>{text.anchors}</h2>
          </div>
          <div className={partStyles.cardBody}>
            {breachAnchors.map((name) => (
              <AnchorForm key={name} name={name} detail={detail} change={change} mayWrite={mayWrite} />
            ))}
          </div>
        </section>
        {data !== undefined && <BreachFactsForm detail={detail} breach={data} change={change} mayWrite={mayWrite} />}
        <Documents id={one.id} breach={data} />
        <Filings detail={detail} change={change} mayWrite={mayWrite} />
      </div>
    </>
  )
}

function Start({ change, mayWrite }: { change: CaseChanger; mayWrite: boolean }) {
  const { data, error } = useQuery(ask('regimes', {}))
  const [chosen, setChosen] = useState<string[]>([])
  return (
    <section className={partStyles.card}>
      <div className={partStyles.cardHead}>
        <h2>{text.start}</h2>
      </div>
      <div className={partStyles.cardBody}>
        <p className="v-muted">{text.startText}</p>
        {error !== null && <ProblemNote error={error} />}
        <Checkbox.Group label={text.regimes} value={chosen} onChange={setChosen}>
          {data?.regimes.map((regime) => (
            <Checkbox
              key={regime.id}
              value={regime.id}
              disabled={!mayWrite}
              label={`${regime.title.en} (${regime.source})`}
              description={regime.applies.en}
              mt="xs"
            />
          ))}
        </Checkbox.Group>
        {mayWrite ? (
          <Button
            mt="md"
            disabled={chosen.length === 0}
            loading={change.isPending}
            onClick={() => change.mutate([{ kind: 'breach', regimes: chosen }])}
          >
            {text.make}
          </Button>
        ) : (
          <p className="v-muted">{text.needsRole}</p>
        )}
      </div>
    </section>
  )
}

function Clocks({ detail }: { detail: CaseDetail }) {
  return (
    <section className={partStyles.card}>
      <div className={partStyles.cardHead}>
        <h2>{text.clocks}</h2>
      </div>
      <ul className={styles.cardList}>
        {detail.clocks.map((clock) => (
          <li key={`${clock.regime}${clock.clock}${clock.tenant}`}>
            <ClockBadge clock={clock} />
            <div>
              {clock.title.en} {clock.tenant !== undefined && <strong>{clock.tenant}</strong>}
              <div className="v-muted">
                {clock.source}
                {clock.dueAt !== undefined && (
                  <>
                    {' · '}
                    {messages.clocks.due} <Instant time={clock.dueAt} precision="min" />
                  </>
                )}
              </div>
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}

interface AnchorProps extends Props {
  name: BreachAnchor
}

function AnchorForm({ name, detail, change, mayWrite }: AnchorProps) {
  const zone = useZone()
  const known = detail.case.breach?.anchors.find((anchor) => anchor.name === name)
  const [time, setTime] = useState(known === undefined ? '' : formatInstant(known.at, zone, 'min').replace(' ', 'T'))
  const [reason, setReason] = useState(known?.reason ?? '')
  const at = wallTime(`${time}:00`, zone)
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        change.mutate([{ kind: 'anchor', name, at, reason: reason.trim() }])
      }}
    >
      <Group align="flex-end" mb="xs">
        <TextInput
          label={text.anchor[name]}
          type="datetime-local"
          disabled={!mayWrite}
          value={time}
          onChange={(event) => setTime(event.currentTarget.value)}
        />
        <TextInput
          label={text.reason}
          disabled={!mayWrite}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          style={{ flex: '1 1 160px' }}
        />
        {mayWrite && (
          <Button type="submit" variant="default" disabled={Number.isNaN(at) || reason.trim() === ''}>
            {text.set}
          </Button>
        )}
      </Group>
    </form>
  )
}

function Documents({ id, breach }: { id: string; breach: CaseBreach | undefined }) {
  const links = [
    ...drafted.map((document) => ({ key: document, label: text.document[document], document, tenant: undefined })),
    ...(breach?.controllers ?? []).map(({ tenant }) => ({
      key: `controller ${tenant}`,
      label: `${text.document.controller}: ${tenant}`,
      document: 'controller' as const,
      tenant,
    })),
  ]
  return (
    <section className={partStyles.card}>
      <div className={partStyles.cardHead}>
        <h2>{text.documents}</h2>
      </div>
      <ul className={styles.cardList}>
        {links.map(({ key, label, document, tenant }) => (
          <li key={key}>
            <span style={{ flex: '1 1 160px' }}>{label}</span>
            {(['da', 'en'] as const).map((language) => (
              <a
                key={language}
                target="_blank"
                rel="noreferrer"
                href={urlOf('caseDocument', {
                  params: { id, document },
                  query: { language, ...(tenant === undefined ? {} : { tenant }) },
                })}
              >
                {language === 'da' ? text.danish : text.english}
              </a>
            ))}
          </li>
        ))}
      </ul>
    </section>
  )
}
