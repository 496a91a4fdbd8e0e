// A dialog with fields, one button, and the problem where it did not work.
import { Button, Modal } from '@mantine/core'
import type { ReactNode } from 'react'
import { messages } from '../messages.en.ts'
import { ProblemNote } from './ProblemNote.tsx'
import styles from './parts.module.css'

interface Props {
  title: string
  action: string
  /** What a mutation tells of itself. */
  work: { mutate: () => void; isPending: boolean; error: Error | null }
  onClose: () => void
  children: ReactNode
}

export function FormDialog({ title, action, work, onClose, children }: Props) {
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': messages.close }}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault()
          work.mutate()
        }}
      >
        {children}
        {work.error !== null && <ProblemNote error={work.error} />}
        <Button type="submit" loading={work.isPending}>
          {action}
        </Button>
      </form>
    </Modal>
  )
}
