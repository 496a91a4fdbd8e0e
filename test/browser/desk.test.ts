// The analyst's and the engineer's way through the page, by keyboard, in a real browser against a real server.
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkAccessibility } from './accessibility.ts'
import { chromiumPath } from './chromium.ts'
import { administrator, type Desk, openDesk, picture } from './desk.ts'
import { caseTests } from './flows/cases.ts'
import { huntTests } from './flows/hunt.ts'
import { eventually, found, total, wholeTime } from './flows/reading.ts'
import { ruleTests } from './flows/rules.ts'
import { triageTests } from './flows/triage.ts'
import { eventRows, settled } from './settled.ts'

let desk: Desk
const looks = (['light', 'dark'] as const).flatMap((theme) => [
  { theme, width: 1280, height: 800 },
  { theme, width: 390, height: 844 },
])
const javaScriptGzipBytesMax = 250_000

describe.skipIf(chromiumPath === undefined)('the desk', () => {
  beforeAll(async () => {
    desk = await openDesk()
  }, 300_000)
  afterAll(async () => {
    await desk?.close()
  })

  describe('the analyst', () => {
    test('finds events by query, by field and by time, and reads one whole with its proof', async () => {
      const page = await desk.open(`/search?${wholeTime}`)
      await eventRows(page).first().waitFor()
      const all = await found(page)
      expect(all).toBeGreaterThan(1_000)

      await page.keyboard.press('/')
      await page.keyboard.type('event.outc')
      await page
        .getByRole('option', { name: /event\.outcome/ })
        .first()
        .waitFor()
      await page.keyboard.press('Tab')
      await page
        .getByRole('option', { name: /failure/ })
        .first()
        .waitFor()
      await page.keyboard.type('failure')
      await page.keyboard.press('Escape')
      await page.keyboard.press('Enter')
      await eventually(() => found(page)).toBeLessThan(all)
      expect(new URL(page.url()).searchParams.get('q')).toBe('event.outcome: failure')

      await page.getByRole('combobox', { name: /Search events/ }).blur()
      // The rows of the search before stay until the new ones are there.
      await eventRows(page).filter({ hasText: 'failure' }).first().waitFor()
      await eventually(() => eventRows(page).filter({ hasText: 'success' }).count()).toBe(0)
      await page.keyboard.press('j')
      await page.keyboard.press('j')
      const panel = page.getByRole('complementary', { name: 'Event' })
      await panel.getByRole('row', { name: /event\.outcome failure/ }).waitFor()
      await page.keyboard.press('.')
      await page.keyboard.press('.')
      await page.keyboard.press('.')
      await panel.getByText(/Proven: this browser recomputed/).waitFor()
      await picture(page, 'search-proof')
      await page.keyboard.press('.')
      await panel.locator('[aria-current=true]').waitFor()
      await page.keyboard.press('Escape')
      await panel.waitFor({ state: 'detached' })
      await page.close()
    })

    test('is told where a query goes wrong', async () => {
      const page = await desk.open(`/search?${wholeTime}`)
      await eventRows(page).first().waitFor()
      const box = page.getByRole('combobox', { name: /Search events/ })
      await page.keyboard.press('/')
      await page.keyboard.type('user.name: (anna or')
      await page.keyboard.press('Enter')
      await page.keyboard.press('Escape')
      await eventually(() => box.getAttribute('aria-invalid')).toBe('true')
      const described = await box.getAttribute('aria-describedby')
      expect(await page.locator(`[id="${described}"]`).textContent()).toMatch(/expected/i)
      expect(new URL(page.url()).searchParams.get('q')).toBeNull()
      await picture(page, 'search-error')
      await page.close()
    })

    test('filters from the values of a field, switches the pill off and on, and zooms by the histogram', async () => {
      const page = await desk.open(`/search?${wholeTime}`)
      await eventRows(page).first().waitFor()
      const all = await found(page)
      await page.getByRole('button', { name: 'Values of event.outcome' }).press('Enter')
      await page.getByRole('button', { name: 'Without event.outcome: success' }).press('Enter')
      await eventually(() => found(page)).toBeLessThan(all)
      expect(new URL(page.url()).searchParams.getAll('f')).toEqual(['not event.outcome: success'])
      await page.getByRole('button', { name: /^Filter not event\.outcome/ }).press('Enter')
      await page.getByRole('menuitem', { name: 'Switch off' }).press('Enter')
      await eventually(() => found(page)).toBe(all)

      await page.keyboard.press('Escape')
      const bars = page.getByRole('slider', { name: /Events over time/ })
      await bars.focus()
      await page.keyboard.press('ArrowLeft')
      await page.keyboard.press('Enter')
      await eventually(() => new URL(page.url()).searchParams.get('from')).not.toBe('2000-01-01T00:00:00.000Z')
      await page.close()
    })

    test('works through the queue by keyboard: acknowledge, false positive with a reason, undo', async () => {
      const page = await desk.open('/alerts')
      const grid = page.getByRole('grid', { name: 'Alerts' })
      await grid.getByRole('row').first().waitFor()
      const before = await total(page)
      expect(before).toBeGreaterThan(0)
      await page.keyboard.press('j')
      const panel = page.getByRole('complementary', { name: 'Alert' })
      await panel.getByRole('heading', { name: /Matched events/ }).waitFor()
      await page.keyboard.press('a')
      await panel.getByText('Acknowledged', { exact: true }).first().waitFor()
      await page.keyboard.press('f')
      await page.getByLabel('Reason').waitFor()
      await page.keyboard.type('A drill of the help desk')
      await page.keyboard.press('Control+Enter')
      await eventually(() => total(page)).toBe(before - 1)
      await picture(page, 'alerts-after-verdict')
      await page.keyboard.press('u')
      await eventually(() => total(page)).toBe(before)
      await page.close()
    })

    test('groups the queue and drills into a group', async () => {
      const page = await desk.open('/alerts?status=all&group=rule')
      const group = page.getByRole('table').getByRole('row').nth(1)
      await group.waitFor()
      await group.getByRole('button').first().press('Enter')
      await page.getByRole('grid', { name: 'Alerts' }).getByRole('row').first().waitFor()
      expect(new URL(page.url()).searchParams.get('rule')).toBeTruthy()
      await page.close()
    })
  })

  huntTests(() => desk)
  triageTests(() => desk)
  ruleTests(() => desk)
  caseTests(() => desk)

  describe('the engineer', () => {
    test('opens a rule, runs its tests and tries it on a line', async () => {
      const page = await desk.open('/rules')
      const name = page.getByRole('table').getByRole('link').first()
      await name.focus()
      await page.keyboard.press('Enter')
      await page.getByRole('region', { name: 'Rule file' }).waitFor()
      await page.getByRole('tab', { name: /Tests/ }).press('Enter')
      await page.getByRole('button', { name: 'Run the tests' }).press('Enter')
      await page.getByText(/All \d+ pass/).waitFor()
      await picture(page, 'rule-tests')
      await page.getByRole('tab', { name: 'Try it' }).press('Enter')
      await page.getByLabel(/Raw log lines/).fill('{"@timestamp":"2026-11-24T08:00:00.000Z","event":{"code":"1"}}')
      await page.getByRole('button', { name: 'Try', exact: true }).press('Enter')
      await page.getByText(/Line 1/).waitFor()
      await page.close()
    })

    test('sees what ingest would make of a line', async () => {
      const page = await desk.open('/parse')
      await page
        .getByLabel(/Raw log lines/)
        .fill(
          '<166>Nov 24 2026 08:12:01 fw01 : %ASA-6-605005: Login permitted from 10.1.2.3/51000 to inside:10.1.2.1/ssh for user "anna"',
        )
      await page.keyboard.press('Control+Enter')
      await page
        .getByRole('row', { name: /user\.name anna/ })
        .first()
        .waitFor()
      await picture(page, 'parse')
      await page.close()
    })
  })

  test('the administrator makes a key, and a record sent with it is found', async () => {
    const page = await desk.open('/admin')
    await page.getByRole('button', { name: 'Create key' }).first().press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name', { exact: false }).first().fill('browser test')
    await dialog.getByLabel('Source').fill('browser-test')
    await page.keyboard.press('Enter')
    const secret = await page.getByRole('dialog').locator('code').first().textContent()
    const word = `beacon${Date.now()}`
    const sent = await fetch(`${desk.url}/api/ingest`, {
      method: 'POST',
      headers: { authorization: `ApiKey ${secret}`, 'content-type': 'application/x-ndjson' },
      body: `${JSON.stringify({ message: word })}\n`,
    })
    expect(sent.ok).toBe(true)
    // A live page, as one would leave it open while connecting a sender.
    const search = await desk.open(`/search?q=${word}&from=now-1h&to=now&live=5`)
    await eventRows(search).first().waitFor()
    await page.close()
    await search.close()
  })

  test('the administrator reads who did what, and that the record is whole', async () => {
    const page = await desk.open('/admin?tab=audit')
    await page.getByRole('row', { name: /user\.set-up/ }).waitFor()
    await page.getByRole('combobox', { name: 'Action' }).press('Enter')
    await page.getByRole('option', { name: 'Cases and bundles' }).click()
    await eventually(() => new URL(page.url()).searchParams.get('action')).toBe('case.')
    await page.getByRole('row', { name: /user\.set-up/ }).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Check the seal' }).press('Enter')
    await page.getByText(/^Whole: all \d+ entries/).waitFor()
    await page.close()
  })

  test('keys overlay, palette and sign-out work by keyboard', async () => {
    const page = await desk.open('/')
    await page.keyboard.press('?')
    await page.getByRole('dialog').getByText('Go to alerts').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.keyboard.press('Control+k')
    await page.getByRole('textbox', { name: /Page, action/ }).fill('rules')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await eventually(() => new URL(page.url()).pathname).toMatch(/rules|search/)
    await page.close()
  })

  test('the search page loads at most 250 KB of compressed JavaScript', async () => {
    const page = await desk.open('/sign-in')
    const scripts: Promise<Buffer>[] = []
    page.on('response', (response) => {
      if (response.url().endsWith('.js')) scripts.push(response.body())
    })
    await page.goto(`${desk.url}/search?${wholeTime}`)
    await eventRows(page).first().waitFor()
    await settled(page)
    const bytes = (await Promise.all(scripts)).reduce((sum, script) => sum + gzipSync(script).length, 0)
    expect(bytes).toBeGreaterThan(50_000)
    expect(bytes).toBeLessThan(javaScriptGzipBytesMax)
    await page.close()
  })

  describe('every page is accessible', () => {
    const pages = [
      { name: 'overview', path: '/' },
      { name: 'search', path: `/search?${wholeTime}`, keys: ['j'] },
      { name: 'alerts', path: '/alerts', keys: ['j'] },
      { name: 'alert-groups', path: '/alerts?group=rule&status=all' },
      { name: 'patterns', path: `/search?${wholeTime}&view=patterns` },
      { name: 'entity', path: `/entities/ip/203.0.113.66?${wholeTime}` },
      { name: 'cases', path: '/cases' },
      { name: 'register', path: '/cases?tab=register' },
      { name: 'wall', path: '/wall' },
      { name: 'sources', path: '/sources' },
      { name: 'dead-letters', path: '/sources?tab=dead-letters' },
      { name: 'connect', path: '/sources?tab=connect&how=winlogbeat' },
      { name: 'rules', path: '/rules' },
      { name: 'parse', path: '/parse' },
      { name: 'admin', path: '/admin' },
      { name: 'users', path: '/admin?tab=users' },
      { name: 'look-ups', path: '/admin?tab=look-ups' },
      { name: 'audit', path: '/admin?tab=audit' },
      { name: 'attack', path: '/rules?view=attack' },
      { name: 'notifications', path: '/admin?tab=channels' },
      { name: 'sign-in', path: '/sign-in' },
      { name: 'keys', path: '/', keys: ['?'] },
      { name: 'palette', path: '/', keys: ['Control+k'] },
    ]
    test.each(pages)('$name', async ({ name, path, keys }: (typeof pages)[number]) => {
      const page = await desk.open(path, { bypassCSP: true })
      await settled(page)
      for (const key of keys ?? []) await page.keyboard.press(key)
      for (const { theme, width, height } of looks) {
        await page.emulateMedia({ colorScheme: theme })
        await page.setViewportSize({ width, height })
        await settled(page)
        await picture(page, `${name}-${theme}-${width}`)
        expect(await checkAccessibility(page), `${theme}, ${width} px`).toEqual([])
        const tooWide = await page.evaluate<number>(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        )
        expect(tooWide).toBeLessThanOrEqual(0)
      }
      await page.close()
    })
  })

  test('a rule is accessible in each of its tabs', async () => {
    const page = await desk.open('/rules', { bypassCSP: true })
    await page.getByRole('table').getByRole('link').first().press('Enter')
    for (const tab of ['Rule file', 'Tests', 'Try it']) {
      await page.getByRole('tab', { name: tab }).press('Enter')
      await settled(page)
      expect(await checkAccessibility(page)).toEqual([])
    }
    await picture(page, 'rule')
    await page.close()
  })

  test('a wrong password is refused, the right one signs in', async () => {
    const page = await desk.open('/sign-in')
    await page.getByLabel('User name').fill(administrator.name)
    await page.getByLabel('Password', { exact: true }).fill('not the password')
    await page.keyboard.press('Enter')
    await page.getByText('User name or password is wrong.').waitFor()
    await page.getByLabel('Password', { exact: true }).fill(administrator.password)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    await page.close()
  })

  test('my own password is changed and changed back; the old one is refused', async () => {
    const page = await desk.open('/')
    const change = async (current: string, next: string) => {
      await page.getByRole('button', { name: `Account: ${administrator.name}` }).press('Enter')
      await page.getByRole('menuitem', { name: 'Change password' }).press('Enter')
      const dialog = page.getByRole('dialog', { name: 'Change your password' })
      await dialog.getByLabel('Current password').fill(current)
      await dialog.getByLabel(/^New password(?! once)/).fill(next)
      await dialog.getByLabel('New password once more').fill(next)
      await page.keyboard.press('Enter')
      return dialog
    }
    const other = 'quite another sentence to keep'
    await (await change(administrator.password, other)).waitFor({ state: 'detached' })
    const refused = await change(administrator.password, other)
    await refused.getByText('this is not your current password').waitFor()
    await page.keyboard.press('Escape')
    await refused.waitFor({ state: 'detached' })
    await (await change(other, administrator.password)).waitFor({ state: 'detached' })
    await page.close()
  })

  test('no page threw, and the content policy refused nothing', () => {
    // The browser itself reports the refused sign-in and the refused change of password above.
    expect(desk.faults.filter((fault) => !/status of 40[01]/.test(fault))).toEqual([])
  })
})
