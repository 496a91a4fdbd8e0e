// What the notices say, with what the evidence suggests beside it and what still lacks.
import { Button, Checkbox, Group, NumberInput, TagsInput, Textarea, TextInput } from '@mantine/core'
import type { CaseBreach, CaseDetail } from '@varde/api/contract'
import { breachKinds } from '@varde/schema'
import { useState } from 'react'
import { formatCount } from '../../parts/number.ts'
import partStyles from '../../parts/parts.module.css'
import styles from './cases.module.css'
import { messages } from './messages.en.ts'
import type { CaseChanger } from './use-case.ts'

const text = messages.breach
const texts = ['nature', 'consequences', 'measuresTaken', 'delayReason', 'riskReason'] as const
const counts = ['persons', 'records'] as const
const lists = ['personCategories', 'recordCategories'] as const

interface Props {
  detail: CaseDetail
  breach: CaseBreach
  change: CaseChanger
  mayWrite: boolean
}

export function BreachFactsForm({ detail, breach, change, mayWrite }: Props) {
  const known = detail.case.breach?.facts ?? {}
  const [facts, setFacts] = useState(known)
  return (
    <section className={partStyles.card}>
      <div className={partStyles.cardHead}>
        <h2>{text.facts}</h2>
      </div>
      <form
        className={`${partStyles.cardBody} ${styles.form}`}
        onSubmit={(event) => {
          event.preventDefault()
          change.mutate([{ kind: 'facts', facts }])
        }}
      >
        {breach.missing.length === 0 ? (
          <p>{text.complete}</p>
        ) : (
          <div>
            <strong>{text.missing}</strong>
            <ul>
              {breach.missing.map((one) => (
                <li key={one.fact}>{one.words.en}</li>
              ))}
            </ul>
          </div>
        )}
        {counts.map((name) => (
          <NumberInput
            key={name}
            size="xs"
            label={text[name]}
            description={text.estimate(formatCount(breach.estimates[name].count), breach.estimates[name].how.en)}
            min={0}
            allowDecimal={false}
            disabled={!mayWrite}
            value={facts[name] ?? ''}
            onChange={(value) => {
              const { [name]: _, ...rest } = facts
              setFacts(typeof value === 'number' ? { ...rest, [name]: value } : rest)
            }}
          />
        ))}
        <Checkbox.Group
          label={text.kinds}
          value={facts.kinds ?? []}
          onChange={(next) => setFacts({ ...facts, kinds: breachKinds.filter((kind) => next.includes(kind)) })}
        >
          {breachKinds.map((kind) => (
            <Checkbox key={kind} value={kind} label={text.kind[kind]} disabled={!mayWrite} mt={4} />
          ))}
        </Checkbox.Group>
        {lists.map((name) => (
          <TagsInput
            key={name}
            size="xs"
            label={text[name]}
            description={text.listHint}
            disabled={!mayWrite}
            value={facts[name] ?? []}
            onChange={(next) => setFacts({ ...facts, [name]: next })}
          />
        ))}
        {texts.map((name) => (
          <Textarea
            key={name}
            label={text[name]}
            autosize
            minRows={2}
            disabled={!mayWrite}
            value={facts[name] ?? ''}
            onChange={(event) => {
              const { [name]: _, ...rest } = facts
              const value = event.currentTarget.value
              setFacts(value === '' ? rest : { ...rest, [name]: value })
            }}
          />
        ))}
        <Group grow>
          <TextInput
            label={text.contact}
            disabled={!mayWrite}
            value={facts.contact?.name ?? ''}
            onChange={(event) => setFacts({ ...facts, contact: { ...facts.contact, name: event.currentTarget.value } })}
          />
          <TextInput
            label={text.contactMail}
            disabled={!mayWrite}
            value={facts.contact?.mail ?? ''}
            onChange={(event) =>
              setFacts({ ...facts, contact: { name: facts.contact?.name ?? '', mail: event.currentTarget.value } })
            }
          />
        </Group>
        <Checkbox
          label={text.highRisk}
          disabled={!mayWrite}
          checked={facts.highRisk === true}
          onChange={(event) => setFacts({ ...facts, highRisk: event.currentTarget.checked })}
        />
        {mayWrite && (
          <div>
            <Button type="submit" loading={change.isPending}>
              {text.saveFacts}
            </Button>
          </div>
        )}
      </form>
    </section>
  )
}
