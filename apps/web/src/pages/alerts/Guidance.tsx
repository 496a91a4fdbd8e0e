// What to do about an alert: the rule's runbook with its queries to press, and the questions that always come first.
import { Link } from '@tanstack/react-router'
import type { AlertDetail } from '@varde/api/contract'
import { Markdown } from '../../parts/Markdown.tsx'
import { absoluteRange } from '../../time/range.ts'
import styles from './AlertPanel.module.css'
import { messages } from './messages.en.ts'
import { firstPivots, runbookQuery } from './runbook.ts'

const text = messages.detail
const hour = 3_600_000

export function Guidance({ detail }: { detail: AlertDetail }) {
  const { rule, alert } = detail
  const range = absoluteRange(alert.window.from - hour, alert.window.to + hour)
  const code = (words: string) => {
    const query = runbookQuery(words, detail)
    if (query === undefined) return <code>{words}</code>
    return (
      <Link to="/search" search={{ q: query, ...range }}>
        <code>{query}</code>
      </Link>
    )
  }
  return (
    <section>
      <h3>{text.runbook}</h3>
      {rule?.runbook === undefined ? (
        <p className="v-muted">{text.noRunbook}</p>
      ) : (
        <Markdown text={rule.runbook.trim()} code={code} />
      )}
      <h3>{text.firstPivots}</h3>
      <ul className={styles.pivots}>
        {firstPivots(detail).map((pivot) => (
          <li key={`${pivot.name}${pivot.kind}${pivot.value}`}>
            <Link to="/search" search={{ q: pivot.query, ...pivot.range }}>
              {text.pivots[pivot.name](pivot.value)}
            </Link>
          </li>
        ))}
      </ul>
      {rule?.description !== undefined && (
        <>
          <h3>{text.description}</h3>
          <Markdown text={rule.description.trim()} code={code} />
        </>
      )}
      {rule?.blindSpots !== undefined && (
        <>
          <h3>{text.blindSpots}</h3>
          <Markdown text={rule.blindSpots.trim()} />
        </>
      )}
    </section>
  )
}
