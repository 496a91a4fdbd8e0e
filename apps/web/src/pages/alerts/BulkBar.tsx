// What to do with the selected alerts.
import { Button, CloseButton, Menu } from '@mantine/core'
import type { AlertChange } from '@varde/api/contract'
import { formatCount } from '../../parts/number.ts'
import { AssignItems } from './AssignItems.tsx'
import styles from './alerts.module.css'
import type { Decision } from './DecisionDialog.tsx'
import { messages } from './messages.en.ts'

interface Props {
  count: number
  /** How many match in all, where more do than are selected. */
  matching: number | undefined
  me: string
  onAllMatching: () => void
  onClear: () => void
  onChange: (change: AlertChange, label: string) => void
  onDecide: (kind: Decision) => void
}

const text = messages.actions

export function BulkBar({ count, matching, me, onAllMatching, onClear, onChange, onDecide }: Props) {
  return (
    <div className={styles.bulk} role="toolbar" aria-label={messages.list.selected(formatCount(count))}>
      <strong>{messages.list.selected(formatCount(count))}</strong>
      {matching !== undefined && (
        <Button variant="subtle" onClick={onAllMatching}>
          {messages.list.selectMatching(formatCount(matching))}
        </Button>
      )}
      <Button variant="default" onClick={() => onChange({ status: 'acknowledged' }, text.acknowledge)}>
        {text.acknowledge}
      </Button>
      <Menu>
        <Menu.Target>
          <Button variant="default">{text.assign}</Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => onChange({ assignee: me }, text.assignMe)}>{text.assignMe}</Menu.Item>
          <AssignItems me={me} onAssign={(assignee) => onChange({ assignee }, text.assignTo(assignee))} />
          <Menu.Item onClick={() => onChange({ assignee: null }, text.unassign)}>{text.unassign}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Button variant="default" onClick={() => onDecide('close')}>
        {text.close}
      </Button>
      <Button variant="default" onClick={() => onDecide('false-positive')}>
        {text.falsePositive}
      </Button>
      <Button variant="default" onClick={() => onDecide('escalate')}>
        {text.escalate}
      </Button>
      <CloseButton aria-label={messages.list.clear} onClick={onClear} size="sm" ml="auto" />
    </div>
  )
}
