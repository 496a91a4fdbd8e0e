// The analyst decides: a note in Markdown, a colleague, a question of the runbook, an exception with its price.
import { describe, expect, test } from 'vitest'
import { checkAccessibility } from '../accessibility.ts'
import { type Desk, picture } from '../desk.ts'
import { eventRows } from '../settled.ts'
import { eventually, found } from './reading.ts'

export function triageTests(desk: () => Desk): void {
  describe('the analyst decides', () => {
    test('writes a note in Markdown and follows the first question into the events', async () => {
      const page = await desk().open('/alerts?status=all&q=spray')
      await page.getByRole('grid', { name: 'Alerts' }).getByRole('row').first().waitFor()
      await page.keyboard.press('j')
      const panel = page.getByRole('complementary', { name: 'Alert' })
      await panel.getByRole('heading', { name: 'History and notes' }).waitFor()
      await page.keyboard.press('n')
      await page.keyboard.type('- called the **help desk**')
      await page.keyboard.press('Control+Enter')
      await panel.locator('li strong', { hasText: 'help desk' }).waitFor()
      await picture(page, 'alert-note')
      await panel
        .getByRole('link', { name: /everything, an hour around/ })
        .first()
        .focus()
      await page.keyboard.press('Enter')
      await eventRows(page).first().waitFor()
      await eventually(() => found(page)).toBeGreaterThan(0)
      await page.close()
    })

    test('decides on all that match at once, and takes it back', async () => {
      const page = await desk().open('/alerts?severity=medium')
      const grid = page.getByRole('grid', { name: 'Alerts' })
      await grid.getByRole('row').first().waitFor()
      const open = grid.getByText('Open', { exact: true })
      const before = await open.count()
      expect(before).toBeGreaterThan(1)
      await page.getByRole('checkbox', { name: 'Select the shown alerts' }).press('Space')
      const bar = page.getByRole('toolbar')
      await bar.getByRole('button', { name: 'Acknowledge' }).press('Enter')
      await eventually(() => open.count()).toBe(0)
      await page.keyboard.press('u')
      await eventually(() => open.count()).toBe(before)
      await page.close()
    })

    test('is shown what an exception would have hidden before it can be saved', async () => {
      const page = await desk().open('/alerts?status=all&q=cleared', { bypassCSP: true })
      await page.getByRole('grid', { name: 'Alerts' }).getByRole('row').first().waitFor()
      await page.keyboard.press('j')
      const panel = page.getByRole('complementary', { name: 'Alert' })
      await panel.getByRole('button', { name: 'More actions' }).focus()
      await page.keyboard.press('Enter')
      await page.getByRole('menuitem', { name: 'Exception for this…' }).focus()
      await page.keyboard.press('Enter')
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('Reason').fill('A planned clean-up')
      await page.keyboard.press('Enter')
      await dialog.getByText('It would have hidden 1 alert of the last 30 days:').waitFor()
      await dialog.getByRole('button', { name: 'Save the exception' }).waitFor()
      await picture(page, 'exception')
      expect(await checkAccessibility(page)).toEqual([])
      // Another condition must be looked at again.
      await dialog.getByLabel(/Except when/).fill('user.name = "nobody"')
      await dialog.getByRole('button', { name: 'What would it hide?' }).focus()
      await page.keyboard.press('Enter')
      await dialog.getByText('It would have hidden no alert of the last 30 days.').waitFor()
      await page.close()
    })
  })
}
