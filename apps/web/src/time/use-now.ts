// "Now" for a page: it stands still until the page asks again, so that what it means to show does not drift.
import { useCallback, useState } from 'react'

/** The moment at which the key last changed or `again` was last called, in UTC milliseconds. */
export function useNow(key: string): [now: number, again: () => void] {
  const [moment, setMoment] = useState(() => ({ key, now: Date.now() }))
  if (moment.key !== key) setMoment({ key, now: Date.now() })
  const again = useCallback(() => setMoment((before) => ({ ...before, now: Date.now() })), [])
  return [moment.now, again]
}
