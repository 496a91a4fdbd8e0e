// One menu for all values of a page: any value opens it, at its own place.
import type { Json } from '@varde/schema'
import { createContext, useContext } from 'react'

export interface PivotTarget {
  field: string
  value: Json
  /** The event that the value was read in. */
  eventId?: string | undefined
  /** Where the menu opens, and where the focus returns to. */
  element: HTMLElement
}

export const PivotContext = createContext<(target: PivotTarget) => void>(() => undefined)

export function usePivot(): (target: PivotTarget) => void {
  return useContext(PivotContext)
}
