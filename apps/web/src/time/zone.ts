// Which zone times are shown in, and the one way to write an instant.
import { useSyncExternalStore } from 'react'

export type Zone = 'local' | 'utc'
const storageKey = 'varde.zone'

const watchers = new Set<() => void>()
let zone: Zone = localStorage.getItem(storageKey) === 'utc' ? 'utc' : 'local'

export function setZone(next: Zone): void {
  zone = next
  localStorage.setItem(storageKey, next)
  for (const watcher of watchers) watcher()
}

export function useZone(): Zone {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
    () => zone,
  )
}

/** Such as `Europe/Copenhagen`. */
export const localZoneName = Intl.DateTimeFormat().resolvedOptions().timeZone
