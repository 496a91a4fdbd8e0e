// Who did what with the alert, and a box for the next note.
import { Button, Textarea } from '@mantine/core'
import type { AlertDetail } from '@varde/api/contract'
import { useState } from 'react'
import { Markdown } from '../../parts/Markdown.tsx'
import { Instant } from '../../time/Instant.tsx'
import styles from './AlertPanel.module.css'
import { messages } from './messages.en.ts'
import { updateAlerts } from './updates.ts'

const text = messages.detail

export function AlertHistory({ alert, mayWrite }: { alert: AlertDetail['alert']; mayWrite: boolean }) {
  const [note, setNote] = useState('')
  const [busy, setBusy] = useState(false)
  const save = async () => {
    if (note.trim() === '') return
    setBusy(true)
    if (await updateAlerts({ ids: [alert.id] }, { note: note.trim() }, messages.actions.note, 1)) setNote('')
    setBusy(false)
  }
  return (
    <section>
      <h3>{text.history}</h3>
      {mayWrite && (
        <form
          className={styles.noteForm}
          onSubmit={(event) => {
            event.preventDefault()
            void save()
          }}
        >
          <Textarea
            id="alert-note"
            aria-label={text.addNote}
            description={text.markdown}
            placeholder={text.addNote}
            autosize
            minRows={1}
            maxRows={10}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void save()
              if (event.key === 'Escape') event.currentTarget.blur()
            }}
          />
          <Button type="submit" variant="default" loading={busy} disabled={note.trim() === ''}>
            {text.saveNote}
          </Button>
        </form>
      )}
      <ol className={styles.history}>
        {alert.history.toReversed().map((entry) => (
          <li key={`${entry.at}${entry.action}${entry.note ?? ''}`}>
            <span className="v-muted">
              <Instant time={entry.at} />
            </span>{' '}
            <strong>{entry.action}</strong> {messages.history.by(entry.by)}
            {entry.detail !== undefined && <span className="v-muted"> {describe(entry.detail)}</span>}
            {entry.note !== undefined && <Markdown text={entry.note} />}
          </li>
        ))}
      </ol>
    </section>
  )
}

function describe(detail: Record<string, unknown>): string {
  return Object.entries(detail)
    .filter(([key, value]) => key !== 'operation' && value !== null && typeof value !== 'object')
    .map(([key, value]) => `${key}: ${String(value)}`)
    .join(', ')
}
