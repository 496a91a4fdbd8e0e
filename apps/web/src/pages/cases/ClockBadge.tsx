// A legal clock: how long is left, or how it ended. Colour is never the only sign.
import type { BreachClock } from '@varde/api/contract'
import { useEffect, useState } from 'react'
import { Badge } from '../../parts/SeverityBadge.tsx'
import { formatLength } from '../../time/format.ts'
import { messages } from './messages.en.ts'

const minute = 60_000
const text = messages.clocks

export function ClockBadge({ clock }: { clock: BreachClock }) {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), minute / 2)
    return () => clearInterval(timer)
  }, [])
  return (
    <Badge tone={toneOf(clock)}>
      {clock.state === 'running' && clock.dueAt !== undefined
        ? text.left(formatLength(clock.dueAt - now))
        : text.states[clock.state]}
    </Badge>
  )
}

function toneOf({ state, warned }: BreachClock) {
  if (state === 'missed' || state === 'late') return 'critical'
  if (state === 'met') return 'good'
  if (state === 'running') return warned === undefined ? 'low' : 'high'
  return 'plain'
}
