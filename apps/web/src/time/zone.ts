// Which zone times are shown in: this computer's, UTC, or a chosen one such as that of a case.
import { useSyncExternalStore } from 'react'
import { isZone, type Zone } from './offset.ts'

const storageKey = 'varde.zone'
const caseKey = 'varde.zone.case'

const watchers = new Set<() => void>()
let zone: Zone = known(localStorage.getItem(storageKey)) ?? 'local'
let caseZone: string | undefined = known(localStorage.getItem(caseKey))

function known(name: string | null): string | undefined {
  if (name === 'local' || name === 'utc') return name
  return name !== null && isZone(name) ? name : undefined
}

export function setZone(next: Zone): void {
  zone = next
  localStorage.setItem(storageKey, next)
  if (next !== 'local' && next !== 'utc') {
    caseZone = next
    localStorage.setItem(caseKey, next)
  }
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

/** The third zone, where one was ever chosen. */
export function chosenCaseZone(): string | undefined {
  return caseZone
}

/** Such as `Europe/Copenhagen`. */
export const localZoneName = Intl.DateTimeFormat().resolvedOptions().timeZone

export function zoneName(of: Zone): string {
  return of === 'utc' ? 'UTC' : of === 'local' ? localZoneName : of
}
