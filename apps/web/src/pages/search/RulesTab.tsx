// Why rules met this event, or why one that should have did not.
import { Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { EventDetail } from '@varde/api/contract'
import { useState } from 'react'
import { ask } from '../../api/queries.ts'
import { messages as rules } from '../rules/messages.en.ts'
import { WhyTree } from '../rules/WhyTree.tsx'
import styles from './EventPanel.module.css'
import { messages } from './messages.en.ts'

export function RulesTab({ event }: { event: EventDetail }) {
  const { data } = useQuery(ask('rules', {}))
  const matching = new Set(event.rules.map(({ id }) => id))
  const all = [...(data?.rules ?? [])].sort(
    (a, b) => Number(matching.has(b.id)) - Number(matching.has(a.id)) || (a.name < b.name ? -1 : 1),
  )
  const [chosen, setChosen] = useState<string>()
  const id = chosen ?? event.rules[0]?.id
  return (
    <>
      <div className={styles.aroundHead}>
        <Select
          label={rules.why.choose}
          description={rules.why.chooseHint}
          searchable
          limit={60}
          w={380}
          maw="100%"
          value={id ?? null}
          onChange={(next) => setChosen(next ?? undefined)}
          data={all.map((rule) => ({
            value: rule.id,
            label: matching.has(rule.id) ? `✓ ${rule.name}` : rule.name,
          }))}
        />
        {id !== undefined && (
          <Link to="/rules/$id" params={{ id }} search={{ tab: 'why', event: event.id }}>
            {messages.detail.toRule}
          </Link>
        )}
      </div>
      {id === undefined ? (
        <p className="v-muted">{messages.detail.noRule}</p>
      ) : (
        <WhyTree rule={{ id }} eventId={event.id} />
      )}
    </>
  )
}
