// A small line of bars without axes: how something went lately.
import styles from './parts.module.css'

interface Props {
  values: number[]
  label: string
  width?: number
  height?: number
}

export function Sparkline({ values, label, width = 120, height = 22 }: Props) {
  const most = Math.max(1, ...values)
  const step = width / Math.max(1, values.length)
  return (
    <svg className={styles.spark} width={width} height={height} role="img" aria-label={label}>
      <line x1={0} x2={width} y1={height - 0.5} y2={height - 0.5} className={styles.gridline} />
      {values.map((value, index) => {
        const tall = value === 0 ? 0 : Math.max(1.5, (value / most) * (height - 2))
        return (
          <rect
            key={index}
            x={index * step}
            y={height - tall}
            width={Math.max(0.8, step - 0.7)}
            height={tall}
            className={styles.bar}
          />
        )
      })}
    </svg>
  )
}
