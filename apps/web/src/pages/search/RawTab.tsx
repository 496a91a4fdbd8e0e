// The raw line as it came, with the stretches that became fields: press one to go on from its value.
import type { EventDetail } from '@varde/api/contract'
import { useMemo } from 'react'
import { CodeBlock } from '../../parts/CodeBlock.tsx'
import { CopyButton } from '../../parts/CopyButton.tsx'
import { formatBytes } from '../../parts/number.ts'
import { usePivot } from '../../pivot/pivot.ts'
import styles from './EventPanel.module.css'
import { messages } from './messages.en.ts'
import { spansOf } from './raw-spans.ts'

const text = messages.detail

export function RawTab({ event }: { event: EventDetail }) {
  const { raw } = event
  const pivot = usePivot()
  const spans = useMemo(() => spansOf(raw.text, event.event, event.unexplained ?? []), [raw, event])
  return (
    <>
      <div className={styles.tabHead}>
        <span className="v-muted">
          {text.rawBytes(formatBytes(raw.bytes))}
          {raw.encoding === 'base64' && ` · ${text.base64}`}
        </span>
        <CopyButton value={raw.text} />
      </div>
      {raw.encoding === 'base64' ? (
        <CodeBlock text={raw.text} label={text.tabs.raw} />
      ) : (
        <>
          <div className={styles.raw} role="region" aria-label={text.tabs.raw} tabIndex={0}>
            {spans.map((span) => {
              const { field, value } = span
              if (field === undefined) {
                return (
                  <span key={span.from} className={span.unexplained ? styles.unexplained : undefined}>
                    {span.text}
                  </span>
                )
              }
              return (
                <button
                  key={span.from}
                  type="button"
                  className={styles.parsed}
                  title={field}
                  aria-haspopup="menu"
                  onClick={(press) =>
                    pivot({ field, value: value ?? span.text, eventId: event.id, element: press.currentTarget })
                  }
                >
                  {span.text}
                </button>
              )
            })}
          </div>
          <p className="v-muted">
            <span className={styles.parsed}>{text.legend.parsed}</span>{' '}
            {event.unexplained !== undefined && event.unexplained.length > 0 && (
              <span className={styles.unexplained}>{text.legend.unexplained}</span>
            )}
          </p>
        </>
      )}
    </>
  )
}
