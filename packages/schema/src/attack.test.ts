// The table knows both versions' ids.
import { expect, test } from 'vitest'
import { attackEntry, attackRenumbered } from './attack.ts'

test.each([
  ['T1110.003', 'Password Spraying', ['credential-access'], undefined],
  ['TA0006', 'Credential Access', [], undefined],
  ['T1685.005', 'Clear Windows Event Logs', ['defense-evasion'], 'T1070.001'],
  ['T1070.001', 'Clear Windows Event Logs', ['defense-evasion'], undefined],
])('%s is %s', (id, name, tactics, formerly) => {
  expect(attackEntry(id)).toEqual({ id, name, tactics, ...(formerly === undefined ? {} : { formerly }) })
})

test('an unknown id is none, and every old id is known', () => {
  expect(attackEntry('T9999')).toBeUndefined()
  expect(Object.keys(attackRenumbered).filter((id) => attackEntry(id) === undefined)).toEqual([])
})
