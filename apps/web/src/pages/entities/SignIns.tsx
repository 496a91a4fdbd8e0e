// Sign-ins by day and hour: when somebody is used to be there, and when not.
import { SegmentedControl } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { ask } from '../../api/queries.ts'
import partStyles from '../../parts/parts.module.css'
import { formatInstant } from '../../time/format.ts'
import type { Range } from '../../time/range.ts'
import { useZone } from '../../time/zone.ts'
import styles from './entities.module.css'
import { messages } from './messages.en.ts'

const hour = 3_600_000
/** What one histogram of hours can hold, and a person can read. */
const daysMax = 20
const hours = Array.from({ length: 24 }, (_, index) => index)

interface Props {
  query: string
  range: Range
  failedOnly: boolean
  onFailedOnly: (failed: boolean) => void
}

/** Percent of the colour. A root, so that one sign-in at night shows beside hundreds by day; text stays readable on the most. */
function heat(count: number, most: number): number {
  return Math.round(8 + 42 * Math.sqrt(count / most))
}

export function SignIns({ query, range, failedOnly, onFailedOnly }: Props) {
  const zone = useZone()
  const to = Math.ceil(range.to / hour) * hour
  const from = Math.max(Math.floor(range.from / hour) * hour, to - daysMax * 24 * hour)
  const asked = `(${query}) and event.category: authentication${failedOnly ? ' and event.outcome: failure' : ''}`
  const { data } = useQuery({
    ...ask('histogram', { body: { query: asked, from, to, buckets: Math.max(1, (to - from) / hour) } }),
    placeholderData: keepPreviousData,
  })
  const days = new Map<string, number[]>()
  for (const bucket of data?.buckets ?? []) {
    const text = formatInstant(bucket.start, zone, 'min')
    const row = days.get(text.slice(0, 10)) ?? hours.map(() => 0)
    const at = Number(text.slice(11, 13))
    row[at] = (row[at] ?? 0) + bucket.count
    days.set(text.slice(0, 10), row)
  }
  const most = Math.max(1, ...[...days.values()].flat())
  const total = [...days.values()].flat().reduce((sum, count) => sum + count, 0)
  return (
    <section className={`${partStyles.card} ${styles.wide}`}>
      <div className={partStyles.cardHead}>
        <h2>{messages.logons.title}</h2>
        {from > range.from + hour && <span className="v-muted">{messages.logons.cut(daysMax)}</span>}
        <span className={partStyles.spacer} />
        <SegmentedControl
          aria-label={messages.logons.which}
          value={failedOnly ? 'failed' : 'all'}
          onChange={(next) => onFailedOnly(next === 'failed')}
          data={[
            { value: 'all', label: messages.logons.all },
            { value: 'failed', label: messages.logons.failed },
          ]}
        />
      </div>
      <div
        className={`${partStyles.cardBody} ${styles.heatWrap}`}
        tabIndex={0}
        role="region"
        aria-label={messages.logons.title}
      >
        {total === 0 ? (
          <span className="v-muted">{messages.logons.none}</span>
        ) : (
          <table className={styles.heat}>
            <thead>
              <tr>
                <th scope="col">{messages.logons.day}</th>
                {hours.map((one) => (
                  <th key={one} scope="col">
                    {String(one).padStart(2, '0')}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {[...days].map(([day, counts]) => (
                <tr key={day}>
                  <th scope="row">{day}</th>
                  {counts.map((count, at) => (
                    <td
                      key={at}
                      title={`${day} ${String(at).padStart(2, '0')}:00 · ${count}`}
                      style={
                        count === 0
                          ? undefined
                          : {
                              background: `color-mix(in srgb, var(${failedOnly ? '--v-critical' : '--v-bar'}) ${heat(count, most)}%, transparent)`,
                            }
                      }
                    >
                      {count === 0 ? '' : count}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </section>
  )
}
