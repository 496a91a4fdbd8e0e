import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { someAtOnce } from './some-at-once.ts'

test('no more than so many at a time, begun in order, all done', async () => {
  let [now, most] = [0, 0]
  const begun: number[] = []
  await someAtOnce(3, [5, 1, 4, 2, 3, 0], async (ms) => {
    begun.push(ms)
    now += 1
    most = Math.max(most, now)
    await pause(ms)
    now -= 1
  })
  expect(begun).toEqual([5, 1, 4, 2, 3, 0])
  expect(most).toBe(3)
  expect(now).toBe(0)
})

test('after an error nothing is begun, and what had begun ends before it is thrown', async () => {
  const ended: number[] = []
  const work = async (n: number) => {
    if (n === 1) throw new Error('first')
    await pause(5)
    ended.push(n)
  }
  await expect(someAtOnce(2, [0, 1, 2, 3], work)).rejects.toThrow('first')
  expect(ended).toEqual([0])
})
