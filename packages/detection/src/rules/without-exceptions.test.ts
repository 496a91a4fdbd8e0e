// Exceptions go, all else of a rule's text stays as it was written.
import { expect, test } from 'vitest'
import { withheldNote, withoutExceptions } from './without-exceptions.ts'

const head = `# what it is for
id: a
match: { when: event.code = "1" } # why
`

test.each([
  ['a rule without any', head, head],
  [
    'a list',
    `${head}exceptions:\n  - { when: user.name = "x", owner: a, reason: b, until: 2027-01-31 }\n`,
    `${head}${withheldNote}\n`,
  ],
  ['no YAML', 'a: [', ''],
])('%s', (_name, text, left) => expect(withoutExceptions(text)).toBe(left))
