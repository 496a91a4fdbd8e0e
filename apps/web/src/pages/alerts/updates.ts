// Changing alerts: one way for one, many or all that match, always with undo.
import { notifications } from '@mantine/notifications'
import type { AlertChange, AlertTarget } from '@varde/api/contract'
import { createElement } from 'react'
import { call } from '../../api/client.ts'
import { queryClient } from '../../api/query-client.ts'
import { formatCount } from '../../parts/number.ts'
import { messages } from './messages.en.ts'
import { UndoButton } from './UndoButton.tsx'

const alertQueries = ['searchAlerts', 'groupAlerts', 'countAlerts', 'alert', 'overview']

export function refreshAlerts(): Promise<unknown> {
  return Promise.all(alertQueries.map((name) => queryClient.invalidateQueries({ queryKey: [name] })))
}

let lastOperation: string | undefined

/** Applies a change and says so. Resolves to false where it failed; the reason has been shown then. */
export async function updateAlerts(target: AlertTarget, change: AlertChange, what: string): Promise<boolean> {
  try {
    const { changed, operation } = await call('updateAlerts', { body: { target, change } })
    lastOperation = operation
    await refreshAlerts()
    if (changed === 0) notifications.show({ message: messages.actions.nothing })
    else {
      notifications.show({
        id: operation,
        message: createElement(UndoButton, {
          text: messages.actions.done(what, messages.count(formatCount(changed))),
          onUndo: () => void undoAlerts(operation),
        }),
        autoClose: 10_000,
      })
    }
    return true
  } catch (error) {
    showFailure(error)
    return false
  }
}

/** Takes an update back; without a name, the last one of this page. */
export async function undoAlerts(operation = lastOperation): Promise<void> {
  if (operation === undefined) return
  lastOperation = undefined
  notifications.hide(operation)
  try {
    const { changed, kept } = await call('undoAlerts', { body: { operation } })
    await refreshAlerts()
    notifications.show({ message: messages.actions.undone(messages.count(formatCount(changed)), kept) })
  } catch (error) {
    showFailure(error)
  }
}

function showFailure(error: unknown): void {
  notifications.show({
    color: 'red',
    message: error instanceof Error ? error.message : String(error),
    autoClose: false,
  })
}
