// The text of a notification with its way back.
import { Button, Group } from '@mantine/core'
import { messages } from './messages.en.ts'

export function UndoButton({ text, onUndo }: { text: string; onUndo: () => void }) {
  return (
    <Group justify="space-between" wrap="nowrap">
      <span>{text}</span>
      <Button variant="subtle" onClick={onUndo}>
        {messages.actions.undo}
      </Button>
    </Group>
  )
}
