// axe-core over a page as it stands: what a person with a screen reader or poor sight would stumble over.
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

interface AxeViolation {
  id: string
  impact: string | null
  help: string
  nodes: { target: unknown[]; failureSummary?: string }[]
}

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

/** The serious and critical violations, one line each with where; the page needs `bypassCSP`. */
export async function checkAccessibility(page: Page): Promise<string[]> {
  if (await page.evaluate<boolean>('window.axe === undefined')) await page.addScriptTag({ path: axe })
  const violations = await page.evaluate<AxeViolation[]>(
    "axe.run(document, { resultTypes: ['violations'] }).then((result) => result.violations)",
  )
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, help, nodes }) =>
        `${id}: ${help} at ${nodes
          .map((node) => `${node.target.join(' ')} (${node.failureSummary ?? ''})`)
          .slice(0, 3)
          .join('; ')}`,
    )
}
