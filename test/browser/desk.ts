// A signed-in browser at the desk: what every browser test begins with.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { launchChromium } from './chromium.ts'
import { watchRequests } from './settled.ts'
import { startServer } from './start-server.ts'

export interface Desk {
  url: string
  /** A new window of the signed-in administrator. Page errors and refused scripts are collected in `faults`. */
  open(path: string, options?: Window): Promise<Page>
  faults: string[]
  close(): Promise<void>
}
export interface Window {
  theme?: 'light' | 'dark'
  width?: number
  height?: number
  /** For tools that a test injects, such as axe; the page's own policy holds otherwise. */
  bypassCSP?: boolean
}

export const administrator = { name: 'anna', password: 'a sentence is easier to keep' }
export const results = join(import.meta.dirname, '..', 'results')
const patienceMs = 20_000

/** `data` is a folder that a server can start on; without one it starts with the sample. */
export async function openDesk(given?: { data: string }): Promise<Desk> {
  mkdirSync(results, { recursive: true })
  const server = await startServer(given)
  const browser = await launchChromium()
  const faults: string[] = []
  const session = await setUp(browser, server.setUpLink, faults)
  return {
    url: server.url,
    faults,
    async open(path, { theme = 'light', width = 1280, height = 800, bypassCSP = false } = {}) {
      const context = await browser.newContext({
        storageState: session,
        viewport: { width, height },
        colorScheme: theme,
        bypassCSP,
        // What moves is measured while it moves; the page stands still for whoever asks it to.
        reducedMotion: 'reduce',
      })
      const page = await context.newPage()
      watch(page, faults)
      watchRequests(page)
      await page.goto(server.url + path)
      await page.locator('main').waitFor()
      return page
    },
    async close() {
      await browser.close()
      await server.stop()
    },
  }
}

function watch(page: Page, faults: string[]): void {
  page.setDefaultTimeout(patienceMs)
  page.on('pageerror', (error) => faults.push(`${page.url()}: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`${page.url()}: ${message.text()}`)
  })
}

/** Through the set-up link, as a person would. */
async function setUp(
  browser: Browser,
  link: string,
  faults: string[],
): Promise<Awaited<ReturnType<BrowserContext['storageState']>>> {
  const context = await browser.newContext()
  const page = await context.newPage()
  watch(page, faults)
  await page.goto(link)
  await page.getByLabel('User name').fill(administrator.name)
  await page.getByLabel('Password', { exact: true }).fill(administrator.password)
  await page.getByLabel('Password again', { exact: true }).fill(administrator.password)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  const state = await context.storageState()
  await context.close()
  return state
}

/** A picture for a person to look at, in test/results. */
export async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(results, `${name}.png`) })
}
