// The one component that shows a point in time: in the chosen zone, the others on hover.
import { everyZone } from './every-zone.ts'
import { formatAgo, formatInstant, type Precision } from './format.ts'
import { useZone } from './zone.ts'

interface Props {
  time: number
  precision?: Precision
  /** `4 min ago` instead of the clock. */
  relative?: boolean
}

export function Instant({ time, precision = 's', relative = false }: Props) {
  const zone = useZone()
  const now = Date.now()
  return (
    <time dateTime={new Date(time).toISOString()} title={everyZone(time, now)}>
      {relative ? formatAgo(time, now) : formatInstant(time, zone, precision)}
    </time>
  )
}
