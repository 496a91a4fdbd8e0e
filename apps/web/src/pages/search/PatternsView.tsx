// Thousands of lines as a dozen: what the newest matches have in common, how often, and when.
import { Button, Skeleton } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { parseQuery } from '@varde/schema'
import { ask } from '../../api/queries.ts'
import { EmptyState } from '../../parts/EmptyState.tsx'
import { formatCount, formatShare } from '../../parts/number.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import partStyles from '../../parts/parts.module.css'
import { Sparkline } from '../../parts/Sparkline.tsx'
import { Instant } from '../../time/Instant.tsx'
import { useSearchActions } from './actions.ts'
import { messages } from './messages.en.ts'
import styles from './views.module.css'

const text = messages.patterns

export function PatternsView() {
  const actions = useSearchActions()
  const { query, range } = actions
  const { data, error, isPending, refetch } = useQuery({
    ...ask('patterns', { body: { query, ...range } }),
    placeholderData: keepPreviousData,
    enabled: parseQuery(query).ok,
  })
  if (error !== null) return <ProblemNote error={error} retry={refetch} />
  if (isPending) {
    return (
      <div className={styles.view}>
        <Skeleton height={200} mt="sm" />
      </div>
    )
  }
  if (data.patterns.length === 0) return <EmptyState title={messages.empty.title}>{messages.empty.hint}</EmptyState>
  const show = (filter: string) => {
    actions.set({ view: undefined })
    actions.addFilter(filter)
  }
  return (
    <div className={styles.view} role="region" aria-label={text.label} tabIndex={0}>
      <p className="v-muted">{text.head(formatCount(data.patterns.length), formatCount(data.read), data.whole)}</p>
      <table className={partStyles.table}>
        <thead>
          <tr>
            <th scope="col" className={partStyles.right}>
              {text.count}
            </th>
            <th scope="col" className={partStyles.right}>
              {text.share}
            </th>
            <th scope="col">{text.trend}</th>
            <th scope="col">{text.pattern}</th>
            <th scope="col">{text.last}</th>
            <th scope="col">{text.actions}</th>
          </tr>
        </thead>
        <tbody>
          {data.patterns.map((pattern) => (
            <tr key={pattern.example}>
              <td className={partStyles.right}>{formatCount(pattern.count)}</td>
              <td className={partStyles.right}>{formatShare(pattern.count / data.read)}</td>
              <td>
                <Sparkline values={pattern.trend} width={90} label={text.trendLabel(formatCount(pattern.count))} />
              </td>
              <td className={styles.pattern}>
                <Template template={pattern.text} />
              </td>
              <td className={styles.time}>
                <Instant time={pattern.last} />
              </td>
              <td className={styles.actions}>
                {pattern.query !== undefined && (
                  <>
                    <Button variant="subtle" onClick={() => show(pattern.query ?? '')}>
                      {text.include}
                    </Button>
                    <Button variant="subtle" onClick={() => show(`not (${pattern.query})`)}>
                      {text.exclude}
                    </Button>
                  </>
                )}
                <Button variant="subtle" onClick={() => actions.open(pattern.example)}>
                  {text.example}
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Stars stand out from the words that are always the same. */
function Template({ template }: { template: string }) {
  return template.split('*').map((part, index) => (
    <span key={index}>
      {index > 0 && <b className={styles.star}>*</b>}
      {part}
    </span>
  ))
}
