// Documents: one writer wins, lists are filtered, sorted and paged, and what was acknowledged is there after a restart.
import type { JsonObject } from '@varde/schema'
import { expect } from 'vitest'
import type { Condition, Store } from '../port.ts'
import type { ContractTools } from './tools.ts'

const doc = (raisedAt: number, more: JsonObject = {}): JsonObject => ({
  raisedAt,
  status: 'open',
  rule: { id: 'r1' },
  ...more,
})

async function ids(
  store: Store,
  options: { where?: Record<string, Condition>; by?: string; order?: 'asc' | 'desc'; limit?: number },
): Promise<string[]> {
  const found: string[] = []
  let cursor: string | undefined
  do {
    const page = await store.documents.list('alerts', {
      limit: options.limit ?? 100,
      ...(options.where === undefined ? {} : { where: options.where }),
      ...(options.by === undefined ? {} : { sort: { by: options.by, order: options.order ?? 'asc' } }),
      ...(cursor === undefined ? {} : { cursor }),
    })
    found.push(...page.docs.map(({ id }) => id))
    cursor = page.next
  } while (cursor !== undefined)
  return found
}

export function documentTests({ check, start }: ContractTools): void {
  check('of many writers of one version exactly one wins', async () => {
    const { store } = await start()
    const { documents } = store
    const created = await Promise.all(
      Array.from({ length: 20 }, (_, index) => documents.create('alerts', 'a', doc(index))),
    )
    expect(created.filter(({ ok }) => ok)).toHaveLength(1)
    const current = await documents.get('alerts', 'a')
    const version = current?.version ?? 0
    const updated = await Promise.all(
      Array.from({ length: 20 }, (_, index) => documents.update('alerts', 'a', doc(100 + index), version)),
    )
    const winners = updated.filter(({ ok }) => ok)
    expect(winners).toHaveLength(1)
    const after = await documents.get('alerts', 'a')
    expect(after?.version).toBeGreaterThan(version)
    expect(updated.find(({ ok }) => !ok)).toEqual({ ok: false, current: after })
  })

  check('a delete needs the version too, and a document made anew is another', async () => {
    const { store } = await start()
    const { documents } = store
    const first = await documents.create('state', 'x', { n: 1 })
    const version = first.ok ? first.version : 0
    expect(await documents.delete('state', 'x', version + 1)).toMatchObject({ ok: false, current: { doc: { n: 1 } } })
    expect((await documents.delete('state', 'x', version)).ok).toBe(true)
    expect(await documents.get('state', 'x')).toBeUndefined()
    expect(await documents.update('state', 'x', { n: 2 }, version)).toEqual({ ok: false, current: undefined })
    expect((await documents.create('state', 'x', { n: 3 })).ok).toBe(true)
    expect((await documents.update('state', 'x', { n: 4 }, version)).ok).toBe(false)
  })

  check('documents come back as they were, also after a restart', async () => {
    const { store, reopen } = await start()
    const odd: JsonObject = {
      'a.b': 1,
      '': null,
      deep: { list: [1, 'ø', { x: [] }, null] },
      big: 1e300,
      text: '\u0000😀"\\',
    }
    await store.documents.create('state', 'odd/id \'"', odd)
    await store.documents.create('alerts', 'gone', doc(1))
    const gone = await store.documents.get('alerts', 'gone')
    await store.documents.delete('alerts', 'gone', gone?.version ?? 0)
    const before = await store.documents.get('state', 'odd/id \'"')
    expect(before?.doc).toEqual(odd)
    const again = await reopen()
    expect(await again.documents.get('state', 'odd/id \'"')).toEqual(before)
    expect(await again.documents.get('alerts', 'gone')).toBeUndefined()
    const next = await again.documents.create('alerts', 'gone', doc(2))
    expect(next.ok && next.version > (before?.version ?? 0)).toBe(true)
  })

  check('lists are filtered by every kind of condition', async () => {
    const { store } = await start()
    const given: JsonObject[] = [
      doc(10),
      doc(20, { status: 'closed', verdict: 'benign' }),
      doc(30, { rule: { id: 'r2' }, assignee: null }),
      doc(40, { severity: 5, tenant: true }),
    ]
    for (const [index, each] of given.entries()) await store.documents.create('alerts', `d${index}`, each)
    await store.documents.create('state', 'd0', { status: 'open' })
    const cases: [Record<string, Condition>, string[]][] = [
      [{}, ['d0', 'd1', 'd2', 'd3']],
      [{ status: 'open' }, ['d0', 'd2', 'd3']],
      [{ status: 'open', 'rule.id': 'r1' }, ['d0', 'd3']],
      [{ status: { in: ['closed', 'other'] } }, ['d1']],
      [{ status: { in: [] } }, []],
      [{ raisedAt: { gte: 20, lt: 40 } }, ['d1', 'd2']],
      [{ raisedAt: 30 }, ['d2']],
      [{ severity: '5' }, []],
      [{ severity: 5 }, ['d3']],
      [{ tenant: true }, ['d3']],
      [{ verdict: { exists: true } }, ['d1']],
      [{ verdict: { exists: false } }, ['d0', 'd2', 'd3']],
      [{ assignee: null }, ['d0', 'd1', 'd2', 'd3']],
    ]
    for (const [where, expected] of cases) {
      expect({ where, found: await ids(store, { where }) }).toEqual({ where, found: expected })
      expect(await store.documents.count('alerts', where)).toBe(expected.length)
    }
    expect(await store.documents.countBy('alerts', 'status')).toEqual([
      { value: 'open', count: 3 },
      { value: 'closed', count: 1 },
    ])
    expect(await store.documents.countBy('alerts', 'rule.id', { status: 'open' })).toEqual([
      { value: 'r1', count: 2 },
      { value: 'r2', count: 1 },
    ])
    await expect(store.documents.list('alerts', { where: { title: 'x' }, limit: 5 })).rejects.toMatchObject({
      code: 'STORE_NOT_INDEXED',
    })
  })

  check('lists are sorted both ways and paged, ties by id, missing values first', async () => {
    const { store } = await start()
    const times = [5, 3, 3, 9, 1, 3]
    for (const [index, at] of times.entries()) await store.documents.create('alerts', `d${index}`, doc(at))
    await store.documents.create('alerts', 'none', { status: 'open' })
    await store.documents.create('alerts', 'zero', { status: 'open' })
    const ascending = ['none', 'zero', 'd4', 'd1', 'd2', 'd5', 'd0', 'd3']
    for (const limit of [1, 2, 3, 100]) {
      expect(await ids(store, { by: 'raisedAt', limit })).toEqual(ascending)
      expect(await ids(store, { by: 'raisedAt', order: 'desc', limit })).toEqual([...ascending].reverse())
    }
    expect(await ids(store, { limit: 2 })).toEqual([...ascending].sort())
    const bad = store.documents.list('alerts', { limit: 5, cursor: 'x' })
    await expect(bad).rejects.toMatchObject({ code: 'STORE_BAD_CURSOR' })
  })
}
