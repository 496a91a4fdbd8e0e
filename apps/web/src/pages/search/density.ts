// How tall the rows of events are; kept by this browser.
import { useState } from 'react'

export const densities = ['compact', 'normal', 'tall'] as const
export type Density = (typeof densities)[number]
/** Of a row, in pixels. */
export const rowHeights = { compact: 22, normal: 28, tall: 46 } as const satisfies Record<Density, number>
const storageKey = 'varde.density'

export function useDensity(): [Density, (next: Density) => void] {
  const [density, setDensity] = useState<Density>(
    () => densities.find((one) => one === localStorage.getItem(storageKey)) ?? 'normal',
  )
  return [
    density,
    (next) => {
      localStorage.setItem(storageKey, next)
      setDensity(next)
    },
  ]
}
