// Who adds up to something: users, hosts and addresses by the alerts of different rules on them.
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ask } from '../../api/queries.ts'
import { formatCount } from '../../parts/number.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import partStyles from '../../parts/parts.module.css'
import type { Range } from '../../time/range.ts'
import { messages } from './messages.en.ts'
import styles from './overview.module.css'

const shownMax = 8

export function RiskCard({ range }: { range: Range }) {
  const { data, error, refetch } = useQuery({
    ...ask('risk', { body: { ...range, limit: shownMax } }),
    placeholderData: keepPreviousData,
  })
  return (
    <section className={partStyles.card}>
      <div className={partStyles.cardHead}>
        <h2>{messages.risk}</h2>
      </div>
      {error !== null && <ProblemNote error={error} retry={refetch} />}
      {data?.entities.length === 0 && <p className={`v-muted ${partStyles.cardBody}`}>{messages.noRisk}</p>}
      <ul className={styles.sources}>
        {data?.entities.map(({ kind, value, score, rules }) => (
          <li key={`${kind} ${value}`}>
            <Link
              to="/entities/$kind/$value"
              params={{ kind, value }}
              className={styles.risk}
              title={rules.map((rule) => `${rule.score}  ${rule.name}`).join('\n')}
            >
              <b>{formatCount(score)}</b>
              <span className="v-clip">
                <span className="v-muted">{messages.kinds[kind]}</span> {value}
              </span>
              <span className="v-muted">{messages.riskOf(rules.length)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  )
}
