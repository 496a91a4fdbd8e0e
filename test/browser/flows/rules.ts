// The engineer changes a rule: lint as one types, why it met an event, what the edit would have done, what it covers.
import { describe, expect, test } from 'vitest'
import { checkAccessibility } from '../accessibility.ts'
import { type Desk, picture } from '../desk.ts'
import { eventRows } from '../settled.ts'
import { eventually, parameter, wholeTime } from './reading.ts'

export function ruleTests(desk: () => Desk): void {
  describe('the engineer changes a rule', () => {
    test('is told what is wrong while typing, completes a field, and replays the edit before it is saved', async () => {
      const page = await desk().open('/rules?sort=last', { bypassCSP: true })
      await page.getByRole('table').getByRole('link').first().press('Enter')
      const edit = page.getByRole('button', { name: 'Edit' })
      await edit.focus()
      await page.keyboard.press('Enter')
      const editor = page.getByLabel('Rule text (YAML)')
      await editor.focus()
      await page.getByText('It compiles.').waitFor()
      await page.keyboard.press('Control+End')
      await page.keyboard.type('\nnonsense: [')
      await eventually(() => editor.getAttribute('aria-invalid')).toBe('true')
      await picture(page, 'rule-editor')
      for (let key = 0; key < '\nnonsense: ['.length; key += 1) await page.keyboard.press('Backspace')
      await page.keyboard.type('\n# event.outc')
      await page.getByRole('option', { name: 'event.outcome' }).waitFor()
      await page.keyboard.press('Enter')
      await eventually(() => editor.inputValue()).toMatch(/# event\.outcome\n?$/)
      await page.getByText('It compiles.').waitFor()
      expect(await checkAccessibility(page)).toEqual([])

      await page.getByRole('tab', { name: 'Replay' }).press('Enter')
      await page.getByText(/Your edit, over the past/).waitFor()
      const start = page.getByRole('button', { name: 'Replay', exact: true })
      await start.focus()
      await page.keyboard.press('Enter')
      // A comment decides nothing: what was found is what is there.
      await page.getByText(/^[1-9]\d* the same$/).waitFor()
      await page.getByText('+0 new').waitFor()
      await picture(page, 'rule-replay')
      expect(await checkAccessibility(page)).toEqual([])
      await page.close()
    })

    test('takes an older version into the editor', async () => {
      const page = await desk().open('/rules?sort=last')
      await page.getByRole('table').getByRole('link').first().press('Enter')
      await page.getByRole('tab', { name: 'History' }).press('Enter')
      await page.getByRole('button', { name: 'Edit from this' }).first().press('Enter')
      await page.getByText('It compiles.').waitFor()
      // The one version that ran is the one that runs.
      expect(await page.getByText('Edited, not saved').count()).toBe(0)
      await page.close()
    })

    test('sees why a rule met an event, and why another did not', async () => {
      const page = await desk().open(`/search?${wholeTime}&q=event.code:%201102`, { bypassCSP: true })
      await eventRows(page).first().waitFor()
      await page.keyboard.press('j')
      const panel = page.getByRole('complementary', { name: 'Event' })
      await panel.getByRole('tab', { name: 'Rules' }).press('Enter')
      await panel.getByText('It matches').waitFor()
      await panel.getByRole('img', { name: 'holds' }).first().waitFor()
      await picture(page, 'event-why')
      expect(await checkAccessibility(page)).toEqual([])
      const choose = panel.getByRole('combobox', { name: 'Rule' })
      await choose.fill('Port scan')
      await page.getByRole('option', { name: 'Port scan' }).first().waitFor()
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('Enter')
      await panel.getByText('It does not match').waitFor()
      await panel.getByRole('link', { name: 'Open the rule' }).focus()
      await page.keyboard.press('Enter')
      await page.getByRole('tab', { name: 'Why', selected: true }).waitFor()
      expect(parameter(page, 'event')).toBeTruthy()
      await page.close()
    })

    test('sees what of ATT&CK the rules cover, and reads the rules of a technique', async () => {
      const page = await desk().open('/rules?view=attack', { bypassCSP: true })
      const matrix = page.getByRole('region', { name: 'Coverage of ATT&CK' })
      const technique = matrix.getByRole('link', { name: /T1110 Brute Force/ }).first()
      await technique.waitFor()
      await picture(page, 'attack-matrix')
      expect(await checkAccessibility(page)).toEqual([])
      await technique.focus()
      await page.keyboard.press('Enter')
      await page.getByRole('table').getByRole('link').first().waitFor()
      expect(parameter(page, 'q')).toBe('T1110')
      await page.close()
    })
  })
}
