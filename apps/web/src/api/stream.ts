// The server's messages while a page is open: counters for the header, alert changes for the queue.
import type { StreamMessage } from '@varde/api/contract'
import { endpoints } from '@varde/api/contract'
import { useSyncExternalStore } from 'react'

type Counters = Extract<StreamMessage, { kind: 'counters' }>
type AlertMessage = Extract<StreamMessage, { kind: 'alert' }>

export interface StreamState {
  connected: boolean
  counters: Counters | undefined
}

let state: StreamState = { connected: false, counters: undefined }
const watchers = new Set<() => void>()
const alertWatchers = new Set<(message: AlertMessage) => void>()
let source: EventSource | undefined

function set(next: Partial<StreamState>): void {
  state = { ...state, ...next }
  for (const watcher of watchers) watcher()
}

/** Opens the stream; the browser reconnects by itself. Returns how to close it. */
export function openStream(): () => void {
  const opened = new EventSource(endpoints.stream.path)
  source = opened
  opened.addEventListener('open', () => set({ connected: true }))
  opened.addEventListener('error', () => set({ connected: false }))
  opened.addEventListener('counters', (message) => {
    const counters: Counters = JSON.parse(message.data)
    set({ connected: true, counters })
  })
  opened.addEventListener('alert', (message) => {
    const alert: AlertMessage = JSON.parse(message.data)
    for (const watcher of alertWatchers) watcher(alert)
  })
  return () => {
    opened.close()
    if (source === opened) set({ connected: false })
  }
}

export function useStream(): StreamState {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
    () => state,
  )
}

/** Calls back at each alert change until the returned function is called. */
export function onAlert(watcher: (message: AlertMessage) => void): () => void {
  alertWatchers.add(watcher)
  return () => alertWatchers.delete(watcher)
}
