// Where short messages appear; on the pages that have any, so that the others need not load it.
import '@mantine/notifications/styles.css'
import { Notifications } from '@mantine/notifications'

export function Toasts() {
  return <Notifications position="bottom-right" autoClose={6_000} limit={4} />
}
