import { describe, expect, test } from 'vitest'
import { conditionOf, withException } from './rule-text.ts'

const exception = { when: 'user.name = "a"', owner: 'anna', reason: 'a "scanner"', until: '2027-01-31' }
const item = '- {when: "user.name = \\"a\\"", owner: "anna", reason: "a \\"scanner\\"", until: 2027-01-31}'

describe('a rule with one more exception', () => {
  test.each([
    ['none yet', 'name: a\n', `name: a\nexceptions:\n  ${item}\n`],
    ['an empty list', 'a: 1\nexceptions: []\nb: 2\n', `a: 1\nexceptions:\n  ${item}\nb: 2\n`],
    [
      'some, with a comment',
      'exceptions: # each ends\n    - {when: x}\ntests:\n  - name: t\n',
      `exceptions: # each ends\n    ${item}\n    - {when: x}\ntests:\n  - name: t\n`,
    ],
    ['one in a line', 'exceptions: [{when: x}]\n', `exceptions: [${item.slice(2)}, {when: x}]\n`],
  ])('%s', (_, text, expected) => expect(withException(text, exception)).toBe(expected))
})

test('the group of an alert as a condition', () => {
  expect(conditionOf({ 'user.name': 'an"na', 'event.code': 4625, 'x-y.z': null })).toBe(
    'user.name = "an\\"na" and event.code = 4625 and `x-y`.z = null',
  )
})
