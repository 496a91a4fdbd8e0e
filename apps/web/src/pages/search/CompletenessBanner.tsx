// What this range could not see, from the ledger: one calm line, or an amber one that opens.
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Completeness } from '@varde/api/contract'
import { useState } from 'react'
import { ask } from '../../api/queries.ts'
import { formatCount } from '../../parts/number.ts'
import { formatLength } from '../../time/format.ts'
import { useSearchActions } from './actions.ts'
import { messages } from './messages.en.ts'
import styles from './search.module.css'

export function CompletenessBanner() {
  const { range } = useSearchActions()
  const [opened, setOpened] = useState(false)
  const { data } = useQuery({ ...ask('completeness', { query: range }), placeholderData: (before) => before })
  if (data === undefined) return null
  const { findings } = data
  const newest = findings.find((finding) => finding.kind === 'unsealed')
  // That the newest events wait some seconds for their seal is how it should be.
  if (findings.length === (newest === undefined ? 0 : 1)) {
    return (
      <div className={styles.complete}>
        <IconCircleCheck size={14} color="var(--v-good)" aria-hidden="true" /> {messages.complete.good}
        {newest?.count !== undefined && ` · ${messages.complete.kinds.unsealed('', formatCount(newest.count))}`}
      </div>
    )
  }
  return (
    <div className={styles.incomplete}>
      <div className={styles.incompleteHead}>
        <IconAlertTriangle size={14} color="var(--v-medium)" aria-hidden="true" />
        <span>{messages.complete.some(findings.length)}</span>
        {findings.length === 1 ? <Finding finding={findings[0]} /> : null}
        {findings.length > 1 && (
          <button type="button" className={styles.textButton} aria-expanded={opened} onClick={() => setOpened(!opened)}>
            {opened ? messages.complete.hide : messages.complete.show}
          </button>
        )}
      </div>
      {opened && findings.length > 1 && (
        <ul className={styles.findings}>
          {findings.map((finding) => (
            <li key={`${finding.kind}${finding.source}`}>
              <Finding finding={finding} />
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

function Finding({ finding }: { finding: Completeness['findings'][number] | undefined }) {
  if (finding === undefined) return null
  const source = finding.source ?? messages.complete.everything
  if (finding.count === undefined) return <span>{messages.complete.unknownGap}</span>
  const size = finding.kind === 'silent' ? formatLength(finding.count) : formatCount(finding.count)
  return (
    <span>
      {messages.complete.kinds[finding.kind](source, size)}
      {finding.kind === 'dead-letters' && (
        <>
          {' · '}
          <Link to="/sources" search={{ tab: 'dead-letters', source: finding.source }}>
            {messages.complete.deadLetters}
          </Link>
        </>
      )}
    </span>
  )
}
