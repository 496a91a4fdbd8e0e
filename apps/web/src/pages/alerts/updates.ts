// Changing alerts: one way for one, many or all that match, always with undo.
import { notifications } from '@mantine/notifications'
import type { AlertChange, AlertTarget } from '@varde/api/contract'
import { createElement } from 'react'
import { call } from '../../api/client.ts'
import { queryClient } from '../../api/query-client.ts'
import { formatCount } from '../../parts/number.ts'
import { BulkProgress } from './BulkProgress.tsx'
import { messages } from './messages.en.ts'
import { UndoButton } from './UndoButton.tsx'

const alertQueries = ['searchAlerts', 'groupAlerts', 'countAlerts', 'alert', 'overview']

export function refreshAlerts(): Promise<unknown> {
  return Promise.all(alertQueries.map((name) => queryClient.invalidateQueries({ queryKey: [name] })))
}

let lastOperation: { id: string; count: number } | undefined
/** A change of fewer is over before a bar could be read. */
const shownFrom = 500

/**
 * Applies a change and says so, and while it is on its way how far it is, where `count` are many.
 * Resolves to false where it failed; the reason has been shown then.
 */
export async function updateAlerts(
  target: AlertTarget,
  change: AlertChange,
  what: string,
  count: number,
): Promise<boolean> {
  try {
    const { changed, operation } = await withProgress(what, count, () =>
      call('updateAlerts', { body: { target, change } }),
    )
    lastOperation = { id: operation, count: changed }
    await refreshAlerts()
    if (changed === 0) notifications.show({ message: messages.actions.nothing })
    else {
      notifications.show({
        id: operation,
        message: createElement(UndoButton, {
          text: messages.actions.done(what, messages.count(formatCount(changed))),
          onUndo: () => void undoAlerts({ id: operation, count: changed }),
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
  const { id, count } = operation
  notifications.hide(id)
  try {
    const { changed, kept } = await withProgress(messages.actions.undo, count, () =>
      call('undoAlerts', { body: { operation: id } }),
    )
    await refreshAlerts()
    notifications.show({ message: messages.actions.undone(messages.count(formatCount(changed)), kept) })
  } catch (error) {
    showFailure(error)
  }
}

async function withProgress<T>(what: string, total: number, work: () => Promise<T>): Promise<T> {
  if (total < shownFrom) return work()
  const id = notifications.show({
    message: createElement(BulkProgress, { what, total }),
    autoClose: false,
    withCloseButton: false,
  })
  try {
    return await work()
  } finally {
    notifications.hide(id)
  }
}

function showFailure(error: unknown): void {
  notifications.show({
    color: 'red',
    message: error instanceof Error ? error.message : String(error),
    autoClose: false,
  })
}
