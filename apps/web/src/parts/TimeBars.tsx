// Counts over time as bars: brush to zoom, hover or arrow keys to read, optionally stacked by a breakdown.
import { useElementSize } from '@mantine/hooks'
import { type PointerEvent, useState } from 'react'
import { formatInstant } from '../time/format.ts'
import { useZone } from '../time/zone.ts'
import { formatCompact, formatCount } from './number.ts'
import styles from './parts.module.css'
import { axisTimes } from './time-axis.ts'

export interface TimeBar {
  start: number
  count: number
  /** Series name → count, drawn from the bottom up. */
  parts?: { name: string; count: number }[]
}
interface Props {
  bars: TimeBar[]
  intervalMs: number
  from: number
  to: number
  label: string
  height?: number
  color?: (name: string) => string
  /** Called with a range when one was brushed or chosen. */
  onRange?: ((from: number, to: number) => void) | undefined
}

const bottom = 17

export function TimeBars({ bars, intervalMs, from, to, label, height = 110, color, onRange }: Props) {
  const zone = useZone()
  const { ref, width } = useElementSize()
  const [hover, setHover] = useState<number>()
  const [brush, setBrush] = useState<{ start: number; end: number }>()
  const most = Math.max(1, ...bars.map((bar) => bar.count))
  const span = Math.max(1, to - from)
  const xOf = (time: number) => ((time - from) / span) * width
  const timeAt = (x: number) => from + (Math.min(width, Math.max(0, x)) / Math.max(1, width)) * span
  const plot = height - bottom
  const positionOf = (event: PointerEvent<HTMLDivElement>) =>
    event.clientX - event.currentTarget.getBoundingClientRect().left
  const barAt = (x: number) => {
    const time = timeAt(x)
    const index = bars.findIndex((bar) => time >= bar.start && time < bar.start + intervalMs)
    return index === -1 ? undefined : index
  }

  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    if (onRange === undefined || event.button !== 0) return
    event.currentTarget.setPointerCapture(event.pointerId)
    const x = positionOf(event)
    setBrush({ start: x, end: x })
  }
  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    const x = positionOf(event)
    setHover(barAt(x))
    if (brush !== undefined) setBrush({ start: brush.start, end: x })
  }
  const onPointerUp = () => {
    if (brush !== undefined && onRange !== undefined) {
      const [left, right] = [Math.min(brush.start, brush.end), Math.max(brush.start, brush.end)]
      if (right - left > 4) onRange(Math.floor(timeAt(left)), Math.ceil(timeAt(right)))
      else zoomInto(barAt(left))
    }
    setBrush(undefined)
  }
  const zoomInto = (index: number | undefined) => {
    const bar = index === undefined ? undefined : bars[index]
    if (bar !== undefined && intervalMs > 1) onRange?.(bar.start, bar.start + intervalMs)
  }
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') {
      event.preventDefault()
      const step = event.key === 'ArrowRight' ? 1 : -1
      setHover(Math.min(bars.length - 1, Math.max(0, (hover ?? (step === 1 ? -1 : bars.length)) + step)))
    } else if (event.key === 'Enter') zoomInto(hover)
    else if (event.key === 'Escape') {
      setBrush(undefined)
      setHover(undefined)
    }
  }

  const hovered = hover === undefined ? undefined : bars[hover]
  const spoken = hovered === undefined ? label : `${formatInstant(hovered.start, zone)}: ${formatCount(hovered.count)}`
  return (
    <div
      ref={ref}
      className={styles.chart}
      style={{ height, cursor: onRange === undefined ? 'default' : 'crosshair' }}
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={Math.max(0, bars.length - 1)}
      aria-valuenow={hover ?? 0}
      aria-valuetext={spoken}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerLeave={() => setHover(undefined)}
      onBlur={() => setHover(undefined)}
      onKeyDown={onKeyDown}
    >
      <svg width={width} height={height} aria-hidden="true">
        {[0.5, 1].map((share) => (
          <line
            key={share}
            x1={0}
            x2={width}
            y1={plot - share * (plot - 12)}
            y2={plot - share * (plot - 12)}
            className={styles.gridline}
          />
        ))}
        <line x1={0} x2={width} y1={plot} y2={plot} className={styles.gridline} />
        {bars.map((bar, index) => {
          const left = Math.max(0, xOf(bar.start))
          const wide = Math.max(1, Math.min(width, xOf(bar.start + intervalMs)) - left - 1)
          return (
            <Bar
              key={bar.start}
              bar={bar}
              x={left}
              width={wide}
              bottom={plot}
              scale={(plot - 12) / most}
              hovered={index === hover}
              color={color}
            />
          )
        })}
        {axisTimes(from, to, zone, width).map((tick) => (
          <text key={tick.time} x={xOf(tick.time)} y={height - 4} textAnchor="middle" className={styles.axis}>
            {tick.label}
          </text>
        ))}
        <text x={2} y={9} className={styles.axis}>
          {formatCompact(most)}
        </text>
        {brush !== undefined && (
          <rect
            className={styles.brush}
            x={Math.min(brush.start, brush.end)}
            width={Math.abs(brush.end - brush.start)}
            y={0}
            height={plot}
          />
        )}
      </svg>
      {hovered !== undefined && brush === undefined && (
        <Tip
          bar={hovered}
          left={xOf(hovered.start + intervalMs)}
          width={width}
          until={hovered.start + intervalMs}
          color={color}
        />
      )}
    </div>
  )
}

interface BarProps {
  bar: TimeBar
  x: number
  width: number
  bottom: number
  scale: number
  hovered: boolean
  color: Props['color']
}

function Bar({ bar, x, width, bottom: floor, scale, hovered, color }: BarProps) {
  if (bar.count === 0) return null
  if (bar.parts === undefined || color === undefined) {
    const tall = Math.max(2, bar.count * scale)
    return (
      <rect x={x} y={floor - tall} width={width} height={tall} className={hovered ? styles.barHover : styles.bar} />
    )
  }
  let top = floor
  return bar.parts.map((part) => {
    if (part.count === 0) return null
    const tall = Math.max(1, part.count * scale)
    top -= tall
    return (
      <rect
        key={part.name}
        x={x}
        y={top}
        width={width}
        height={tall}
        fill={color(part.name)}
        opacity={hovered ? 1 : 0.85}
      />
    )
  })
}

interface TipProps {
  bar: TimeBar
  left: number
  width: number
  until: number
  color: Props['color']
}

function Tip({ bar, left, width, until, color }: TipProps) {
  const zone = useZone()
  const place = left > width / 2 ? { right: width - left + 12 } : { left: left + 6 }
  const sameDay = formatInstant(bar.start, zone, 'day') === formatInstant(until, zone, 'day')
  return (
    <div className={styles.tip} style={place}>
      <div className="v-muted">
        {formatInstant(bar.start, zone)} → {formatInstant(until, zone).slice(sameDay ? 11 : 0)}
      </div>
      <strong>{formatCount(bar.count)}</strong>
      {bar.parts
        ?.filter((part) => part.count > 0)
        .map((part) => (
          <div key={part.name} className={styles.tipRow}>
            <span>
              <span className={styles.swatch} style={{ background: color?.(part.name) }} />
              {part.name}
            </span>
            <span>{formatCount(part.count)}</span>
          </div>
        ))}
    </div>
  )
}
