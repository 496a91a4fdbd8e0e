// Closing or escalating: the verdict, and the reason in words.
import { Button, Group, Modal, SegmentedControl, Textarea, TextInput } from '@mantine/core'
import type { AlertChange } from '@varde/api/contract'
import { type Verdict, verdicts } from '@varde/schema'
import { useState } from 'react'
import { messages as common } from '../../messages.en.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { CaseSelect, escalateInto, newCase, noCase, useCases } from './CaseSelect.tsx'
import { messages } from './messages.en.ts'

/** `exception` has a dialog of its own. */
export type Decision = 'close' | 'false-positive' | 'escalate' | 'exception'

interface Props {
  kind: Decision
  /** `3 alerts` */
  count: string
  me: string
  onCancel: () => void
  /** Alerts that a case can be opened from; none where they are named by a filter. */
  alertIds: string[]
  onDecided: (change: AlertChange, label: string) => Promise<void>
}

const text = messages.dialog

export function DecisionDialog({ kind, count, me, alertIds, onCancel, onDecided }: Props) {
  const [verdict, setVerdict] = useState<Verdict>(kind === 'false-positive' ? 'false-positive' : 'benign')
  const [note, setNote] = useState('')
  const [assignee, setAssignee] = useState(me)
  const [busy, setBusy] = useState(false)
  const escalate = kind === 'escalate'
  const cases = useCases()
  const [chosen, setChosen] = useState<string>()
  const into = chosen ?? (cases !== undefined && alertIds.length > 0 ? newCase : noCase)
  const [error, setError] = useState<unknown>()

  const submit = async () => {
    setBusy(true)
    const written = note.trim() === '' ? {} : { note: note.trim() }
    const change: AlertChange = escalate
      ? {
          verdict: 'true-positive',
          status: 'acknowledged',
          assignee: assignee.trim() === '' ? null : assignee.trim(),
          ...written,
        }
      : { verdict, status: 'closed', ...written }
    try {
      if (escalate) await escalateInto(into, alertIds, note.trim(), assignee.trim())
    } catch (caught) {
      setError(caught)
      setBusy(false)
      return
    }
    await onDecided(change, escalate ? text.escalate : `${text.close} · ${common.verdict[verdict]}`)
    setBusy(false)
  }
  return (
    <Modal
      opened
      onClose={onCancel}
      title={escalate ? text.escalateTitle(count) : text.closeTitle(count)}
      closeButtonProps={{ 'aria-label': common.close }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void submit()
        }}
      >
        {escalate ? (
          <>
            <p>{text.escalateText}</p>
            <CaseSelect value={into} onChange={setChosen} alerts={alertIds.length} />
            <TextInput
              label={text.assignee}
              value={assignee}
              onChange={(event) => setAssignee(event.currentTarget.value)}
              mb="sm"
            />
          </>
        ) : (
          <SegmentedControl
            aria-label={text.verdict}
            fullWidth
            mb="sm"
            value={verdict}
            onChange={(value) => setVerdict(verdicts.find((one) => one === value) ?? 'benign')}
            data={verdicts.map((value) => ({ value, label: common.verdict[value] }))}
          />
        )}
        <Textarea
          label={escalate ? text.note : text.reason}
          description={escalate ? text.noteHint : text.reasonHint}
          autosize
          minRows={3}
          maxRows={12}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          data-autofocus
        />
        {error !== undefined && <ProblemNote error={error} />}
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={onCancel}>
            {common.cancel}
          </Button>
          <Button type="submit" loading={busy}>
            {escalate ? text.escalate : text.close}
          </Button>
        </Group>
      </form>
    </Modal>
  )
}
