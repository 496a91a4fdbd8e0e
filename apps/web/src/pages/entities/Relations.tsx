// An entity in the middle, and around it the users, hosts and addresses that share events with it.
import { useQueries } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ask } from '../../api/queries.ts'
import { showValue } from '../../parts/flatten.ts'
import { formatCount } from '../../parts/number.ts'
import partStyles from '../../parts/parts.module.css'
import type { EntityKind } from '../../pivot/entity.ts'
import type { Range } from '../../time/range.ts'
import styles from './entities.module.css'
import { messages } from './messages.en.ts'

const perKind = 5
const kinds: { kind: EntityKind; field: string }[] = [
  { kind: 'user', field: 'user.name' },
  { kind: 'host', field: 'host.name' },
  { kind: 'ip', field: 'source.ip' },
]
const [width, height] = [520, 300]
const text = messages.relations

interface Props {
  kind: EntityKind
  value: string
  query: string
  range: Range
}

export function Relations({ kind, value, query, range }: Props) {
  const answers = useQueries({
    queries: kinds.map(({ field }) => ask('values', { body: { query, ...range, field, limit: perKind + 1 } })),
  })
  const near = kinds.flatMap(({ kind: of }, index) =>
    (answers[index]?.data?.values ?? [])
      .map((one) => ({ kind: of, value: showValue(one.value), count: one.count }))
      .filter((one) => one.value !== '' && !(one.kind === kind && one.value.toLowerCase() === value.toLowerCase()))
      .slice(0, perKind),
  )
  const most = Math.max(1, ...near.map((one) => one.count))
  const placed = near.map((one, index) => {
    const angle = (index / Math.max(1, near.length)) * 2 * Math.PI - Math.PI / 2
    return {
      ...one,
      x: width / 2 + Math.cos(angle) * (width / 2 - 90),
      y: height / 2 + Math.sin(angle) * (height / 2 - 26),
    }
  })
  return (
    <section className={partStyles.card}>
      <div className={partStyles.cardHead}>
        <h2>{text.title}</h2>
      </div>
      <div className={partStyles.cardBody}>
        {near.length === 0 ? (
          <span className="v-muted">{text.none}</span>
        ) : (
          <>
            <div className={styles.graph} style={{ aspectRatio: `${width} / ${height}` }}>
              <svg viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
                {placed.map((one) => (
                  <line
                    key={`${one.kind}${one.value}`}
                    x1={width / 2}
                    y1={height / 2}
                    x2={one.x}
                    y2={one.y}
                    className={styles.edge}
                    strokeWidth={1 + 5 * (Math.log1p(one.count) / Math.log1p(most))}
                  />
                ))}
              </svg>
              <span className={`${styles.node} ${styles.centre}`} style={{ left: '50%', top: '50%' }}>
                {value}
              </span>
              {placed.map((one) => (
                <Link
                  key={`${one.kind}${one.value}`}
                  from="/entities/$kind/$value"
                  to="/entities/$kind/$value"
                  params={{ kind: one.kind, value: one.value }}
                  search={(before) => before}
                  className={`${styles.node} ${styles[one.kind]}`}
                  style={{ left: `${(one.x / width) * 100}%`, top: `${(one.y / height) * 100}%` }}
                  title={text.label(messages.kinds[one.kind], one.value, formatCount(one.count))}
                  aria-label={text.label(messages.kinds[one.kind], one.value, formatCount(one.count))}
                >
                  {one.value}
                </Link>
              ))}
            </div>
            <p className="v-muted">{text.note}</p>
          </>
        )}
      </div>
    </section>
  )
}
