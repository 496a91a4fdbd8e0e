// The rules we ship: each compiles, proves itself with a hit and a miss, and says what people need to know.
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { explain } from './explain/explain.ts'
import { compileRule } from './rules/compile-rule.ts'
import { loadRules } from './rules/load-rules.ts'
import { ruleSchemaText } from './rules/schema.ts'
import { testRule } from './rules/test-rule.ts'

const folder = join(dirname(fileURLToPath(import.meta.url)), '../../../detections')
const { rules, errors } = await loadRules(folder)

test('every rule file and list is read', () => {
  expect(errors).toEqual([])
  expect(rules.length).toBeGreaterThanOrEqual(100)
})

// The catalogue's first wave: what must work on real engines and public data first.
const firstWave = {
  AU: '01 04 05 06 09 12 13 15 17 20 21 24',
  KB: '01 03 04 05 06 09',
  AM: '03 04 05 09 11 14',
  PW: '01 03 04 05 08',
  DS: '02 04 07 08 10 11',
  TM: '01 02 04 09',
  LM: '01 05',
  OB: '02',
  VPN: '01 02 03 06 07 11 13',
  FW: '01 04 05 06 08 09 11',
  AV: '01 03 06',
  PT: '01',
  BK: '01 04 06 07',
  LC: '01 06 07',
  OP: '01 03 06 08 10 12',
  SI: '02 04',
  IN: '01 02',
}

test('every rule of the first wave is here', () => {
  const wanted = Object.entries(firstWave).flatMap(([area, numbers]) => numbers.split(' ').map((n) => `${area}-${n}`))
  const there = new Set(rules.map((rule) => rule.definition.catalogue))
  expect(wanted).toHaveLength(77)
  expect(wanted.filter((entry) => !there.has(entry))).toEqual([])
})

test('the schema for editors is current: node packages/detection/src/rules/write-rule-schema.ts', async () => {
  expect(await readFile(join(folder, 'rule.schema.json'), 'utf8')).toBe(ruleSchemaText())
})

test('the template is a rule that proves itself', async () => {
  const compiled = compileRule(await readFile(join(folder, 'TEMPLATE.yaml'), 'utf8'), 'TEMPLATE.yaml')
  expect(compiled.ok ? [] : compiled.errors).toEqual([])
  if (compiled.ok) expect(await testRule(compiled.rule)).toMatchObject({ ok: true, hits: 1, misses: 1 })
})

describe.each(rules.map((rule) => ({ rule, id: rule.id })))('$id', ({ rule }) => {
  test('its tests hold, in order, backwards and delivered twice', async () => {
    const report = await testRule(rule, join(folder, rule.file))
    expect(report.tests.filter((one) => !one.ok).map((one) => ({ test: one.name, problems: one.problems }))).toEqual([])
    expect(report.hits, 'tests that raise an alert').toBeGreaterThan(0)
    expect(report.misses, 'tests that raise none').toBeGreaterThan(0)
  })

  test('every event of a test that raises nothing is explained', async () => {
    const report = await testRule(rule, join(folder, rule.file))
    for (const event of report.tests
      .filter((one) => one.alerts.length === 0)
      .flatMap((one) => one.events.slice(0, 40))) {
      const { verdict, reason, conditions } = await explain(rule, event)
      expect(reason.length).toBeGreaterThan(10)
      // What explains a miss is a clause, with its text from the rule.
      if (verdict === 'miss') for (const one of conditions) expect(one.firstFalse?.text.length ?? 0).toBeGreaterThan(3)
    }
  })

  test('it says what it is for', () => {
    const { goal, blindSpots, falsePositives, runbook, attack } = rule.definition
    expect([goal, blindSpots, runbook].every((text) => text !== undefined && text.length > 10)).toBe(true)
    expect(falsePositives?.length ?? 0).toBeGreaterThan(0)
    expect(attack).toBeDefined()
  })
})
