// What is to be done, by whom and until when. Measures stand in the notices.
import { Button, Checkbox, Group, TextInput } from '@mantine/core'
import type { CaseDetail } from '@varde/api/contract'
import { useState } from 'react'
import { Markdown } from '../../parts/Markdown.tsx'
import { Badge } from '../../parts/SeverityBadge.tsx'
import { Instant } from '../../time/Instant.tsx'
import { wallTime } from '../../time/offset.ts'
import { useZone } from '../../time/zone.ts'
import styles from './cases.module.css'
import { messages } from './messages.en.ts'
import type { CaseChanger } from './use-case.ts'

const text = messages.tasks

interface Props {
  detail: CaseDetail
  change: CaseChanger
  mayWrite: boolean
}

export function TasksTab({ detail, change, mayWrite }: Props) {
  const { tasks } = detail.case
  return (
    <>
      {tasks.length === 0 && <p className="v-muted">{text.none}</p>}
      <ul className={styles.tasks}>
        {tasks
          .filter((task) => task.status !== 'dropped')
          .map((task) => (
            <li key={task.id}>
              <Checkbox
                aria-label={text.done(task.title)}
                disabled={!mayWrite}
                checked={task.status === 'done'}
                onChange={(event) =>
                  change.mutate([
                    { kind: 'edit-task', id: task.id, status: event.currentTarget.checked ? 'done' : 'open' },
                  ])
                }
              />
              <div>
                <span className={task.status === 'done' ? styles.doneTask : undefined}>{task.title}</span>{' '}
                {task.measure && <Badge tone="low">{text.measureMark}</Badge>}{' '}
                {task.dueAt !== undefined && task.status === 'open' && task.dueAt < Date.now() && (
                  <Badge tone="critical">{text.overdue}</Badge>
                )}
                {task.text !== undefined && <Markdown text={task.text} />}
                <div className="v-muted">
                  {task.assignee}
                  {task.dueAt !== undefined && (
                    <>
                      {' '}
                      {text.due} <Instant time={task.dueAt} precision="min" />
                    </>
                  )}
                </div>
              </div>
            </li>
          ))}
      </ul>
      {mayWrite && <AddTask change={change} />}
    </>
  )
}

function AddTask({ change }: { change: CaseChanger }) {
  const zone = useZone()
  const [title, setTitle] = useState('')
  const [assignee, setAssignee] = useState('')
  const [due, setDue] = useState('')
  const [measure, setMeasure] = useState(false)
  const dueAt = wallTime(`${due}:00`, zone)
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        change.mutate(
          [
            {
              kind: 'add-task',
              title: title.trim(),
              measure,
              ...(assignee.trim() === '' ? {} : { assignee: assignee.trim() }),
              ...(Number.isNaN(dueAt) ? {} : { dueAt }),
            },
          ],
          { onSuccess: () => setTitle('') },
        )
      }}
    >
      <Group align="flex-end">
        <TextInput
          label={text.title}
          required
          w={300}
          maw="100%"
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <TextInput
          label={text.assignee}
          value={assignee}
          onChange={(event) => setAssignee(event.currentTarget.value)}
        />
        <TextInput
          label={text.due}
          type="datetime-local"
          value={due}
          onChange={(event) => setDue(event.currentTarget.value)}
        />
        <Button type="submit" loading={change.isPending} disabled={title.trim() === ''}>
          {text.add}
        </Button>
      </Group>
      <Checkbox label={text.measure} checked={measure} onChange={(event) => setMeasure(event.currentTarget.checked)} />
    </form>
  )
}
