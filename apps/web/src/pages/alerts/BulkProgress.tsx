// How far a change of many alerts has come: counted from the messages that the server sends about each.
import { useEffect, useState } from 'react'
import { onAlert } from '../../api/stream.ts'
import { formatCount } from '../../parts/number.ts'
import styles from './alerts.module.css'
import { messages } from './messages.en.ts'

const drawnEachMs = 250

export function BulkProgress({ what, total }: { what: string; total: number }) {
  const [done, setDone] = useState(0)
  useEffect(() => {
    let seen = 0
    const stop = onAlert((message) => {
      if (message.change !== 'raised') seen += 1
    })
    // Thousands come in a second: a number that nobody can read is not worth a frame each.
    const timer = setInterval(() => setDone(Math.min(seen, total)), drawnEachMs)
    return () => {
      clearInterval(timer)
      stop()
    }
  }, [total])
  const text = messages.actions.under(what, formatCount(done), formatCount(total))
  return (
    <div className={styles.progress}>
      <span>{text}</span>
      <progress aria-label={what} max={total} value={done} />
    </div>
  )
}
