// Calls between threads, over real ports and, where it matters, a real worker.
import { MessageChannel, Worker } from 'node:worker_threads'
import { afterEach, describe, expect, test } from 'vitest'
import { VardeError } from './errors.ts'
import { type Connections, connect, createConnections, transferring } from './rpc.ts'

const opened: Connections[] = []
afterEach(() => {
  for (const connections of opened.splice(0)) connections.close()
})

const seen = { closedStreams: 0, made: 0, aborts: [] as string[] }
afterEach(() => Object.assign(seen, { closedStreams: 0, made: 0, aborts: [] }))

const api = {
  async add(a: number, b: number) {
    return a + b
  },
  async echo<T>(value: T): Promise<T> {
    return value
  },
  async broken(): Promise<void> {
    throw new VardeError('BUS_FULL', 'the disk is full', {
      hint: 'Free some space.',
      facts: { dir: '/data', freeBytes: 0 },
      cause: Object.assign(new Error('no space left'), { code: 'ENOSPC' }),
    })
  },
  brokenAtOnce(): Promise<void> {
    throw new TypeError('not a number')
  },
  async bytes(size: number) {
    const value = new Uint8Array(size).fill(7)
    return transferring({ value }, [value.buffer])
  },
  async waitFor(options: { signal?: AbortSignal; name: string }) {
    await new Promise<void>((resolve) => options.signal?.addEventListener('abort', () => resolve()))
    seen.aborts.push(String(options.signal?.reason))
    options.signal?.throwIfAborted()
  },
  async isAborted(signal: AbortSignal) {
    return signal.aborted
  },
  async unreadable() {
    return { value: () => 1 }
  },
  never: () => new Promise<void>(() => {}),
  events: {
    async create(ids: string[]) {
      return ids.map((id) => `created ${id}`)
    },
    async *range(from: number, to: number) {
      try {
        for (let n = from; n < to; n += 1) {
          seen.made += 1
          yield [n]
        }
      } finally {
        seen.closedStreams += 1
      }
    },
    async *failing() {
      yield 1
      throw new VardeError('BUS_OFFSET_GONE', 'offset 3 is gone', { facts: { first: 9 } })
    },
    async *untilAborted({ signal }: { signal: AbortSignal }) {
      yield 'first'
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    },
    async promised() {
      return api.events.range(0, 2)
    },
  },
}

function remote() {
  const connections = createConnections(api)
  opened.push(connections)
  const port = connections.connectionPort()
  return { far: connect<typeof api>(port), port, connections }
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** For conditions that come true in a moment, and on a busy machine a little later. */
const soon = { timeout: 30_000, interval: 5 }
const settled = () => new Promise((resolve) => setTimeout(resolve, 20))

describe('calls', () => {
  test('results and nested namespaces', async () => {
    const { far } = remote()
    expect(await far.add(2, 3)).toBe(5)
    expect(await far.events.create(['a', 'b'])).toEqual(['created a', 'created b'])
    expect(await Promise.all([far.add(1, 1), far.add(2, 2), far.add(3, 3)])).toEqual([2, 4, 6])
  })

  test.each([
    undefined,
    null,
    -0,
    2n ** 64n,
    'å',
    new Date(5),
    new Map([['a', new Set([1])]]),
    { deep: [{ bytes: new Uint8Array([1, 2]) }] },
  ])('%o arrives as it was', async (value) => {
    expect(await remote().far.echo(value)).toEqual(value)
  })

  test('a connection can be returned from an async function without being taken for a promise', async () => {
    const far = await (async () => remote().far)()
    expect(await far.add(1, 2)).toBe(3)
  })

  test('arguments are taken as they were at the call', async () => {
    const ids = ['a']
    const created = remote().far.events.create(ids)
    ids.push('b')
    expect(await created).toEqual(['created a'])
  })
})

describe('errors', () => {
  test('a VardeError keeps code, hint, facts and cause', async () => {
    const error = await remote()
      .far.broken()
      .catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(VardeError)
    expect(error).toMatchObject({
      code: 'BUS_FULL',
      message: 'the disk is full',
      hint: 'Free some space.',
      facts: { dir: '/data', freeBytes: 0 },
      cause: { message: 'no space left', code: 'ENOSPC' },
    })
  })

  test.each([
    [
      'thrown before the promise',
      (far: typeof api) => far.brokenAtOnce(),
      { name: 'TypeError', message: 'not a number' },
    ],
    ['a result that is no data', (far: typeof api) => far.unreadable(), { code: 'RPC_NOT_CLONEABLE' }],
    ['an argument that is no data', (far: typeof api) => far.echo(() => 1), { code: 'RPC_NOT_CLONEABLE' }],
    [
      'no such function',
      (far: typeof api) => connectTo<{ nothing: { here(): Promise<void> } }>(far).nothing.here(),
      { code: 'RPC_UNKNOWN_FUNCTION' },
    ],
    [
      'what every object has',
      (far: typeof api) => connectTo<{ valueOf(): Promise<unknown> }>(far).valueOf(),
      { code: 'RPC_UNKNOWN_FUNCTION' },
    ],
  ])('%s', async (_name, act, expected) => {
    const { far } = remote()
    await expect(act(far)).rejects.toMatchObject(expected)
    expect(await far.add(1, 1)).toBe(2)
  })
})

// The same connection seen as another type: what a caller with a wrong idea of the other side would do.
function connectTo<T>(far: unknown): T {
  return far as T
}

describe('transfers', () => {
  test('a marked result is handed over', async () => {
    const { value } = await remote().far.bytes(1_000)
    expect(value.length).toBe(1_000)
    expect(value[999]).toBe(7)
  })

  test('a marked argument leaves its sender empty, an unmarked one does not', async () => {
    const { far } = remote()
    const kept = new Uint8Array([1, 2, 3])
    const given = new Uint8Array([4, 5, 6])
    expect(await far.echo({ kept })).toEqual({ kept })
    expect(await far.echo(transferring({ given }, [given.buffer]))).toEqual({ given: new Uint8Array([4, 5, 6]) })
    expect([kept.length, given.length]).toEqual([3, 0])
  })
})

describe('streams', () => {
  test('all items in order, then the end', async () => {
    expect(await collect(remote().far.events.range(0, 500))).toEqual(Array.from({ length: 500 }, (_, n) => [n]))
    expect(seen.closedStreams).toBe(1)
  })

  test('the other side makes no more than asked for and a little ahead', async () => {
    const iterator = remote().far.events.range(0, 1_000)[Symbol.asyncIterator]()
    await settled()
    expect(seen.made).toBe(0)
    expect(await iterator.next()).toEqual({ done: false, value: [0] })
    await expect.poll(() => seen.made, soon).toBe(3)
    await settled()
    expect(seen.made).toBe(3)
    await iterator.return?.()
  })

  test('leaving the loop ends it over there', async () => {
    await settled()
    seen.closedStreams = 0
    for await (const [n] of remote().far.events.range(0, 1_000_000)) if (n === 10) break
    await expect.poll(() => seen.closedStreams, soon).toBe(1)
    expect(seen.made).toBeLessThan(20)
  })

  test('an error comes after the items before it', async () => {
    const got: number[] = []
    const reading = (async () => {
      for await (const n of remote().far.events.failing()) got.push(n)
    })()
    await expect(reading).rejects.toMatchObject({ code: 'BUS_OFFSET_GONE', facts: { first: 9 } })
    expect(got).toEqual([1])
  })

  test('a promised stream', async () => {
    expect(await collect(await remote().far.events.promised())).toEqual([[0], [1]])
  })

  test('several at once on one connection', async () => {
    const { far } = remote()
    const all = await Promise.all([0, 100, 200].map((from) => collect(far.events.range(from, from + 50))))
    expect(all.map((items) => items[49])).toEqual([[49], [149], [249]])
  })
})

describe('signals', () => {
  test('inside options: aborted over there, with its reason', async () => {
    const stop = new AbortController()
    const waiting = remote().far.waitFor({ name: 'x', signal: stop.signal })
    await settled()
    stop.abort(new VardeError('STOPPED', 'enough'))
    await expect(waiting).rejects.toMatchObject({ code: 'STOPPED' })
  })

  test('the default reason is an AbortError here too', async () => {
    const stop = new AbortController()
    const waiting = remote().far.waitFor({ name: 'x', signal: stop.signal })
    stop.abort()
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
  })

  test.each([true, false])('as an argument, aborted before the call: %s', async (aborted) => {
    expect(await remote().far.isAborted(aborted ? AbortSignal.abort() : new AbortController().signal)).toBe(aborted)
  })

  test('ends a stream; the caller’s options stay whole', async () => {
    const stop = new AbortController()
    const options = { signal: stop.signal }
    const got: string[] = []
    for await (const item of remote().far.events.untilAborted(options)) {
      got.push(item)
      stop.abort()
    }
    expect(got).toEqual(['first'])
    expect(options.signal).toBe(stop.signal)
  })
})

describe('closing', () => {
  test.each(['here', 'over there'])('rejects what is pending and what comes later: %s', async (where) => {
    const { far, port, connections } = remote()
    const iterator = far.events.untilAborted({ signal: new AbortController().signal })[Symbol.asyncIterator]()
    await iterator.next()
    const pending = [far.never(), iterator.next()]
    const outcome = Promise.allSettled(pending)
    if (where === 'here') port.close()
    else connections.close()
    for (const result of await outcome)
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'RPC_CLOSED' } })
    await expect(far.add(1, 1)).rejects.toMatchObject({ code: 'RPC_CLOSED' })
    await expect(collect(far.events.range(0, 2))).rejects.toMatchObject({ code: 'RPC_CLOSED' })
  })

  test('running calls over there are aborted', async () => {
    const { far, port } = remote()
    void far.waitFor({ name: 'x', signal: new AbortController().signal }).catch(() => {})
    await far.add(1, 1)
    port.close()
    await expect.poll(() => seen.aborts, soon).toHaveLength(1)
  })
})

test('across real threads, and a thread that dies', async () => {
  const { port1, port2 } = new MessageChannel()
  const source = `
    import { parentPort } from 'node:worker_threads'
    import { expose, VardeError } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)}
    parentPort.once('message', ({ port }) => expose(port, {
      add: async (a, b) => a + b,
      fail: async () => { throw new VardeError('NO', 'no') },
      async *count(to) { for (let n = 0; n < to; n++) yield n },
      never: () => new Promise(() => {}),
    }))`
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`))
  worker.postMessage({ port: port2 }, [port2])
  const far = connect<{
    add(a: number, b: number): Promise<number>
    fail(): Promise<void>
    count(to: number): AsyncIterable<number>
    never(): Promise<void>
  }>(port1)
  expect(await far.add(20, 22)).toBe(42)
  await expect(far.fail()).rejects.toBeInstanceOf(VardeError)
  expect((await collect(far.count(100))).length).toBe(100)
  const never = expect(far.never()).rejects.toMatchObject({ code: 'RPC_CLOSED' })
  await worker.terminate()
  await never
})
