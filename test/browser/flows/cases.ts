// The investigator: from the alert to a case with a timeline, a clock that runs, and a bundle for a stranger.
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { checkAccessibility } from '../accessibility.ts'
import { administrator, type Desk, picture } from '../desk.ts'
import { eventRows } from '../settled.ts'
import { wholeTime } from './reading.ts'

export function caseTests(desk: () => Desk): void {
  describe('the investigator', () => {
    test('escalates an alert into a case, adds to it, starts the clocks and makes a bundle', async () => {
      const page = await desk().open('/alerts?status=all&q=Domain%20Admins', { bypassCSP: true })
      await page.getByRole('grid', { name: 'Alerts' }).getByRole('row').first().waitFor()
      await page.keyboard.press('j')
      await page.getByRole('complementary', { name: 'Alert' }).getByRole('heading', { name: 'Runbook' }).waitFor()
      await page.keyboard.press('e')
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('Into a case').first().waitFor()
      await dialog.getByLabel('Hand-over note').fill('the account is disabled')
      await page.keyboard.press('Control+Enter')
      const link = page.getByRole('link', { name: /Escalated into case-/ })
      await link.focus()
      await page.keyboard.press('Enter')
      await page
        .getByRole('region', { name: 'Timeline' })
        .getByText(/Domain Admins|added/)
        .first()
        .waitFor()
      expect(await page.getByLabel('Assigned to').first().inputValue()).toBe(administrator.name)
      await picture(page, 'case-timeline')
      expect(await checkAccessibility(page)).toEqual([])

      await press(page, 'Add an entry')
      await page.getByRole('dialog').getByLabel('What happened').fill('The customer was called')
      await press(page, 'Save')
      await page.getByText('The customer was called').first().waitFor()

      await page.getByRole('tab', { name: 'Tasks' }).press('Enter')
      await page.getByLabel('What is to be done').fill('Change the passwords')
      await page.getByLabel('A measure: it stands in the notices').press('Space')
      await press(page, 'Add task')
      await page.getByRole('checkbox', { name: 'Done: Change the passwords' }).press('Space')
      expect(await checkAccessibility(page)).toEqual([])

      await page.getByRole('tab', { name: 'Breach' }).press('Enter')
      await page
        .getByRole('checkbox', { name: /GDPR|General Data Protection/ })
        .first()
        .press('Space')
      await press(page, 'Start the clocks')
      await page.getByLabel('We knew it was a breach').fill(new Date(Date.now() - 3_600_000).toISOString().slice(0, 16))
      await page.getByLabel('Why this moment').nth(2).fill('The log was read')
      await page.keyboard.press('Enter')
      // Of 72 hours, one is gone; the zone of the browser may differ.
      await page
        .getByText(/^\d+ (d|h)( \d+ min)? left$/)
        .first()
        .waitFor()
      await picture(page, 'case-breach')
      expect(await checkAccessibility(page)).toEqual([])

      await page.getByRole('tab', { name: 'Evidence' }).press('Enter')
      await press(page, 'Verify every proof now')
      await page.getByText(/^All \d+ proofs hold/).waitFor()
      await page.getByLabel('Who gets it').fill('the customer')
      await page.getByLabel('Why', { exact: false }).last().fill('asked for it')
      await press(page, 'Make the bundle')
      await page.getByRole('link', { name: /^Download/ }).waitFor()
      await picture(page, 'case-evidence')
      expect(await checkAccessibility(page)).toEqual([])

      await page.getByRole('tab', { name: 'Custody' }).press('Enter')
      await page.getByRole('region', { name: 'Custody' }).getByText('Exported').first().waitFor()
      expect(await checkAccessibility(page)).toEqual([])
      await page.goto(`${desk().url}/cases`)
      await page.getByRole('region', { name: 'Clocks that run' }).waitFor()
      await picture(page, 'cases')
      await page.close()
    })

    test('pins an event from the menu of any of its values', async () => {
      const page = await desk().open(`/search?${wholeTime}&q=event.code:%204720`)
      await eventRows(page).first().waitFor()
      await page.keyboard.press('j')
      const panel = page.getByRole('complementary', { name: 'Event' })
      await panel.getByRole('button', { name: /^What to do with event\.action / }).focus()
      await page.keyboard.press('Enter')
      await page.getByRole('menuitem', { name: 'Add the event to a case…' }).focus()
      await page.keyboard.press('Enter')
      await page.getByRole('dialog').getByLabel('Why').fill('the account was made here')
      await page.keyboard.press('Enter')
      await page.getByText(/^Pinned: [01] events/).waitFor()
      await page.close()
    })
  })
}

async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).focus()
  await page.keyboard.press('Enter')
}
