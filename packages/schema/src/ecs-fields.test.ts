// The generated catalogue holds what the parsers and the pages rely on.
import { expect, test } from 'vitest'
import { ecsFields, ecsRoots } from './ecs-fields.ts'

test.each([
  ['source.ip', 'ip', false],
  ['event.category', 'keyword', true],
  ['process.args_count', 'long', false],
  ['user.target.name', 'keyword', false],
  ['@timestamp', 'date', false],
  ['message', 'match_only_text', false],
])('%s is %s', (name, type, array) => {
  expect(ecsFields.get(name)).toMatchObject({ type, array })
})

test('the categorisation fields have closed lists', () => {
  expect(ecsFields.get('event.outcome')?.allowed).toEqual(['failure', 'success', 'unknown'])
  expect(ecsFields.get('event.category')?.allowed).toContain('authentication')
  expect(ecsFields.get('event.type')?.allowed).toContain('denied')
  expect(ecsFields.get('event.kind')?.allowed).toContain('alert')
})

test('roots tell ECS from vendors', () => {
  expect(ecsRoots.has('source')).toBe(true)
  expect(ecsRoots.has('winlog')).toBe(false)
})
