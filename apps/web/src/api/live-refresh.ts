// Calls a page to ask again: by the clock, and when alerts change; thousands of changes at once are one call.
import { useEffect } from 'react'
import { onAlert } from './stream.ts'

const refreshMs = 15_000
const gatherMs = 1_000

export function useLiveRefresh(again: () => void): void {
  useEffect(() => {
    let waiting: ReturnType<typeof setTimeout> | undefined
    const soon = () => {
      waiting ??= setTimeout(() => {
        waiting = undefined
        again()
      }, gatherMs)
    }
    const timer = setInterval(again, refreshMs)
    const stop = onAlert(soon)
    return () => {
      clearInterval(timer)
      clearTimeout(waiting)
      stop()
    }
  }, [again])
}
