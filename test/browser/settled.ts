// When a page has its answers and stands still: what tests, pictures and measurements wait for, instead of for time.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Locator, Page, Request } from 'playwright-core'

const patienceMs = 30_000
const lookAgainMs = 20
const openRequests = new WeakMap<Page, Set<Request>>()

/** Counts what a page asks for, from now on. */
export function watchRequests(page: Page): void {
  const open = new Set<Request>()
  openRequests.set(page, open)
  // The stream of changes never ends.
  page.on('request', (request) => request.resourceType() !== 'eventsource' && open.add(request))
  page.on('requestfinished', (request) => open.delete(request))
  page.on('requestfailed', (request) => open.delete(request))
}

/** Two frames after the last answer it is drawn, and what it leads to is asked. */
const quiet = `new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(
  document.querySelector('.mantine-Skeleton-root, [aria-busy=true]') === null && document.getAnimations().length === 0
))))`

/** Waits until the page has its answers, shows nothing old and nothing moves. */
export async function settled(page: Page): Promise<void> {
  const open = openRequests.get(page) ?? new Set()
  const deadline = performance.now() + patienceMs
  while (open.size > 0 || !(await page.evaluate<boolean>(quiet)) || open.size > 0) {
    if (performance.now() > deadline)
      throw new Error(
        `${page.url()} is not still; it waits for ${[...open].map((request) => request.url()).join(', ')}`,
      )
    await sleep(lookAgainMs)
  }
}

export function eventRows(page: Page): Locator {
  return page.getByRole('grid', { name: 'Events' }).getByRole('row', { name: /\d{4}-\d\d-\d\d/ })
}
