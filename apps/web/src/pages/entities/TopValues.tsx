// The most frequent values of one field among the events of an entity.
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { ask } from '../../api/queries.ts'
import { showValue } from '../../parts/flatten.ts'
import { formatCompact, formatCount } from '../../parts/number.ts'
import partStyles from '../../parts/parts.module.css'
import { PivotValue } from '../../pivot/PivotValue.tsx'
import type { Range } from '../../time/range.ts'
import styles from './entities.module.css'
import { messages } from './messages.en.ts'

const shown = 8
const countryField = 'source.geo.country_iso_code'
const countries = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' })

export function TopValues({
  field,
  query,
  range,
  without,
}: {
  field: string
  query: string
  range: Range
  without: string
}) {
  const { data } = useQuery({
    ...ask('values', { body: { query, ...range, field, limit: shown + 1 } }),
    placeholderData: keepPreviousData,
  })
  const values = (data?.values ?? []).filter(({ value }) => showValue(value) !== without).slice(0, shown)
  if (values.length === 0) return null
  const most = Math.max(...values.map(({ count }) => count))
  const more = (data?.distinct.count ?? 0) - values.length
  return (
    <section className={partStyles.card}>
      <div className={partStyles.cardHead}>
        <h2>{messages.lists[field] ?? field}</h2>
        <code className="v-muted">{field}</code>
      </div>
      <ul className={styles.values}>
        {values.map(({ value, count }) => (
          <li key={showValue(value)}>
            <span className={styles.bar} style={{ width: `${(count / most) * 100}%` }} aria-hidden="true" />
            <span className={styles.value}>
              <PivotValue field={field} value={value} />
              {field === countryField && <span className="v-muted"> {countryName(showValue(value))}</span>}
            </span>
            <span className={styles.count} title={formatCount(count)}>
              {formatCompact(count)}
            </span>
          </li>
        ))}
        {more > 0 && <li className="v-muted">+ {formatCount(more)}</li>}
      </ul>
    </section>
  )
}

/** Of an ISO code; nothing where it is none. */
function countryName(code: string): string {
  return /^[A-Z]{2}$/.test(code) ? (countries.of(code) ?? '') : ''
}
