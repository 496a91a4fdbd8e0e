// What the tests read off a page, and how they wait.
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

export const wholeTime = 'from=2000-01-01T00:00:00.000Z&to=now'

/** Asks until the answer fits; a busy machine may take its time. */
export const eventually = <T>(ask: () => T | Promise<T>) => expect.poll(ask, { timeout: 20_000 })

/** The number of events found, once the page knows it exactly; until then it says "at least". */
export async function found(page: Page): Promise<number> {
  const text = await page
    .getByText(/^[\d,]+ events?$/)
    .first()
    .textContent()
  return Number(text?.replace(/\D/g, ''))
}

/** The number of alerts in the queue. */
export async function total(page: Page): Promise<number> {
  const text = await page
    .getByText(/^[\d,]+ alerts?$/)
    .first()
    .textContent()
  return Number(text?.replace(/\D/g, ''))
}

export function parameter(page: Page, name: string): string | null {
  return new URL(page.url()).searchParams.get(name)
}
