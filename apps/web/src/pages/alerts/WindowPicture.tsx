// The alert's window as a picture: a lane a step, a mark an event, and the moment the condition came true.
import { useElementSize } from '@mantine/hooks'
import type { AlertDetail } from '@varde/api/contract'
import { formatCount } from '../../parts/number.ts'
import { axisTimes } from '../../parts/time-axis.ts'
import { everyZone } from '../../time/every-zone.ts'
import { formatLength } from '../../time/format.ts'
import { useZone } from '../../time/zone.ts'
import styles from './AlertPanel.module.css'
import { messages } from './messages.en.ts'

const laneHeight = 26
const axisHeight = 18
const labelWidth = 92

export function WindowPicture({ alert }: { alert: AlertDetail['alert'] }) {
  const zone = useZone()
  const { ref, width } = useElementSize()
  const steps = [...new Set(alert.members.map((member) => member.step))]
  const named = steps.some((step) => step !== '')
  const times = [...alert.members.map((member) => member.time), alert.anchor.time]
  const first = Math.min(...times, alert.window.from)
  const last = Math.max(...times, alert.window.to)
  const margin = Math.max(1_000, (last - first) * 0.04)
  const [from, to] = [first - margin, last + margin]
  const left = named ? labelWidth : 6
  const xOf = (time: number) => left + ((time - from) / (to - from)) * Math.max(1, width - left - 6)
  const height = steps.length * laneHeight + axisHeight + 10
  const label = messages.detail.pictureLabel(formatCount(alert.memberCount), named ? `: ${steps.join(', ')}` : '')
  return (
    <section>
      <h3>
        {messages.detail.picture}{' '}
        {alert.window.to > alert.window.from && (
          <span className={styles.length}>{formatLength(alert.window.to - alert.window.from)}</span>
        )}
      </h3>
      <div ref={ref} className={styles.picture}>
        <svg width={width} height={height} role="img" aria-label={label}>
          <rect
            x={xOf(alert.window.from)}
            y={4}
            width={Math.max(2, xOf(alert.window.to) - xOf(alert.window.from))}
            height={steps.length * laneHeight}
            className={styles.window}
          />
          {steps.map((step, lane) => (
            <g key={step}>
              <line x1={left} x2={width - 6} y1={laneY(lane)} y2={laneY(lane)} className={styles.lane} />
              {named && (
                <text x={2} y={laneY(lane) + 4} className={styles.laneName}>
                  {step.length > 14 ? `${step.slice(0, 13)}…` : step}
                </text>
              )}
            </g>
          ))}
          {alert.members.map((member) => (
            <circle
              key={member.eventId}
              cx={xOf(member.time)}
              cy={laneY(steps.indexOf(member.step))}
              r={4}
              className={styles.member}
            >
              <title>{everyZone(member.time, Date.now())}</title>
            </circle>
          ))}
          <line
            x1={xOf(alert.anchor.time)}
            x2={xOf(alert.anchor.time)}
            y1={2}
            y2={steps.length * laneHeight + 6}
            className={styles.anchor}
          >
            <title>{messages.detail.anchor}</title>
          </line>
          {axisTimes(from, to, zone, Math.max(1, width - left)).map((tick) => (
            <text key={tick.time} x={xOf(tick.time)} y={height - 4} textAnchor="middle" className={styles.laneName}>
              {tick.label}
            </text>
          ))}
        </svg>
      </div>
    </section>
  )
}

function laneY(lane: number): number {
  return 4 + lane * laneHeight + laneHeight / 2
}
