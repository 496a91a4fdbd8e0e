// What is known, in one text that is kept up to date, and the notes on the way.
import { Button, Group, Textarea } from '@mantine/core'
import type { CaseDetail } from '@varde/api/contract'
import { useState } from 'react'
import { messages as common } from '../../messages.en.ts'
import { Markdown } from '../../parts/Markdown.tsx'
import partStyles from '../../parts/parts.module.css'
import { Instant } from '../../time/Instant.tsx'
import styles from './cases.module.css'
import { messages } from './messages.en.ts'
import type { CaseChanger } from './use-case.ts'

const text = messages.notes

interface Props {
  detail: CaseDetail
  change: CaseChanger
  mayWrite: boolean
}

export function NotesTab({ detail, change, mayWrite }: Props) {
  const { notes } = detail.case
  const [note, setNote] = useState('')
  const add = () => change.mutate([{ kind: 'add-note', text: note.trim() }], { onSuccess: () => setNote('') })
  return (
    <div className={styles.twoColumns}>
      <Summary key={detail.case.revision} detail={detail} change={change} mayWrite={mayWrite} />
      <section>
        {mayWrite && (
          <form
            className={styles.form}
            onSubmit={(event) => {
              event.preventDefault()
              if (note.trim() !== '') add()
            }}
          >
            <Textarea
              aria-label={text.write}
              placeholder={text.write}
              description={messages.markdown}
              autosize
              minRows={2}
              value={note}
              onChange={(event) => setNote(event.currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && note.trim() !== '') add()
              }}
            />
            <div>
              <Button type="submit" variant="default" loading={change.isPending} disabled={note.trim() === ''}>
                {text.add}
              </Button>
            </div>
          </form>
        )}
        {notes.length === 0 && <p className="v-muted">{text.none}</p>}
        {notes.toReversed().map((one) => (
          <article key={one.id} className={styles.note}>
            <div className="v-muted">
              <strong>{one.by}</strong> · <Instant time={one.at} precision="min" />
            </div>
            <Markdown text={one.text} />
          </article>
        ))}
      </section>
    </div>
  )
}

function Summary({ detail, change, mayWrite }: Props) {
  const { summary } = detail.case
  const [editing, setEditing] = useState(false)
  const [draft, setDraft] = useState(summary)
  return (
    <section className={partStyles.card}>
      <div className={partStyles.cardHead}>
        <h2>{text.summary}</h2>
        <span className={partStyles.spacer} />
        {mayWrite && !editing && (
          <Button variant="default" onClick={() => setEditing(true)}>
            {text.edit}
          </Button>
        )}
      </div>
      <div className={partStyles.cardBody}>
        {editing ? (
          <form
            onSubmit={(event) => {
              event.preventDefault()
              change.mutate([{ kind: 'edit', summary: draft }], { onSuccess: () => setEditing(false) })
            }}
          >
            <Textarea
              aria-label={text.summary}
              description={messages.markdown}
              autosize
              minRows={6}
              value={draft}
              onChange={(event) => setDraft(event.currentTarget.value)}
              autoFocus
            />
            <Group mt="sm">
              <Button type="submit" loading={change.isPending}>
                {text.save}
              </Button>
              <Button variant="default" onClick={() => setEditing(false)}>
                {common.cancel}
              </Button>
            </Group>
          </form>
        ) : summary === '' ? (
          <span className="v-muted">{text.noSummary}</span>
        ) : (
          <Markdown text={summary} />
        )}
      </div>
    </section>
  )
}
