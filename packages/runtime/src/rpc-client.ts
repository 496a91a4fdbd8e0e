// The calling side of a connection: an object whose every function is a message to the other thread.
import type { MessagePort } from 'node:worker_threads'
import { VardeError } from './errors.ts'
import { packError, unpackError } from './rpc-error.ts'
import { type SignalPlace, type ToClient, type ToServer, transfersOf } from './rpc-message.ts'

/** Items that the other side may prepare ahead while one is being used. */
const itemsAhead = 2

interface PendingCall {
  resolve(value: unknown): void
  reject(error: unknown): void
  /** Set once somebody iterates the result. */
  stream?: Stream
  /** Stops listening to the caller's signals. */
  forget?: () => void
}

interface Stream {
  items: unknown[]
  waiting: { resolve(result: IteratorResult<unknown>): void; reject(error: unknown): void }[]
  end?: { error?: unknown }
}

/** What each call returns: `await` it, or iterate it with `for await` where the function gives an async iterable. */
type Remote = Promise<unknown> & AsyncIterable<unknown>

/**
 * The object that `expose` serves at the other end of the port. Every function returns at once: awaiting gives its
 * result, `for await` its items. The port keeps the process alive only while calls are pending; closing it rejects
 * them, and later ones, with `closedError` (RPC_CLOSED). Properties that are no functions can't be read.
 */
export function connect<T extends object>(port: MessagePort, closedError: () => Error = rpcClosed): T {
  const pending = new Map<number, PendingCall>()
  let lastId = 0
  let closed = false

  const post = (message: ToServer) => port.postMessage(message)

  const settle = (id: number) => {
    pending.get(id)?.forget?.()
    pending.delete(id)
    if (pending.size === 0 && !closed) port.unref()
  }

  const finish = (id: number, call: PendingCall, error?: unknown, failed = false) => {
    settle(id)
    if (call.stream === undefined) {
      if (failed) call.reject(error)
      return
    }
    call.stream.end = failed ? { error } : {}
    for (const waiter of call.stream.waiting.splice(0)) {
      if (failed) waiter.reject(error)
      else waiter.resolve({ done: true, value: undefined })
    }
  }

  const iterate = (id: number, call: PendingCall): AsyncIterator<unknown> => {
    const stream: Stream = { items: [], waiting: [] }
    call.stream = stream
    let asked = false
    return {
      async next() {
        if (!asked && stream.end === undefined) post(['pull', id, itemsAhead])
        asked = true
        if (stream.items.length > 0) {
          if (stream.end === undefined) post(['pull', id, 1])
          return { done: false, value: stream.items.shift() }
        }
        if (stream.end !== undefined) {
          const { end } = stream
          stream.end = {}
          if ('error' in end) throw end.error
          return { done: true, value: undefined }
        }
        return new Promise((resolve, reject) => stream.waiting.push({ resolve, reject }))
      },
      async return() {
        if (stream.end === undefined) {
          post(['cancel', id])
          finish(id, call)
        }
        stream.items.length = 0
        stream.end = {}
        return { done: true, value: undefined }
      },
    }
  }

  const call = (path: string, given: unknown[]): Remote => {
    const id = ++lastId
    let entry: PendingCall | undefined
    const promise = new Promise<unknown>((resolve, reject) => {
      entry = { resolve, reject }
      try {
        if (closed) throw closedError()
        const { args, signals } = takeSignals(given)
        const message: ToServer = [
          'call',
          id,
          path,
          args,
          signals.length === 0 ? undefined : signals.map((taken) => taken.place),
        ]
        port.postMessage(message, given.flatMap(transfersOf))
        if (pending.size === 0) port.ref()
        pending.set(id, entry)
        if (signals.length > 0)
          entry.forget = listen(signals, (signal, reason) => post(['abort', id, signal, packError(reason)]))
      } catch (cause) {
        if (closed) reject(cause)
        else
          reject(
            new VardeError('RPC_NOT_CLONEABLE', `the arguments of ${path} have no form that another thread can read`, {
              cause,
            }),
          )
      }
    })
    return Object.assign(promise, {
      [Symbol.asyncIterator]() {
        // The iterator reports the failure; nobody awaits the promise of a stream.
        promise.catch(() => {})
        if (entry !== undefined && pending.has(id)) return iterate(id, entry)
        return { next: () => promise.then(() => ({ done: true as const, value: undefined })) }
      },
    })
  }

  port.on('message', (message: ToClient) => {
    const id = message[1]
    const entry = pending.get(id)
    if (entry === undefined) return
    if (message[0] === 'value') {
      settle(id)
      entry.resolve(message[2])
    } else if (message[0] === 'item') {
      const waiter = entry.stream?.waiting.shift()
      if (waiter === undefined) entry.stream?.items.push(message[2])
      else {
        post(['pull', id, 1])
        waiter.resolve({ done: false, value: message[2] })
      }
    } else if (message[0] === 'error') finish(id, entry, unpackError(message[2]), true)
    else if (message[0] === 'end') finish(id, entry)
    // A function that promises an async iterable: what it resolves to is the stream itself.
    else if (entry.stream === undefined) entry.resolve({ [Symbol.asyncIterator]: () => iterate(id, entry) })
  })
  port.on('close', () => {
    closed = true
    for (const [id, entry] of [...pending]) finish(id, entry, closedError(), true)
  })
  port.unref()
  // The one cast of this file: a Proxy can't prove that the other side exposes a T; `expose` and `connect` are paired by their callers.
  return namespace(call, '') as T
}

function namespace(call: (path: string, args: unknown[]) => Remote, path: string): object {
  const members = new Map<string, object>()
  return new Proxy(() => {}, {
    get(_target, name) {
      // `then` is asked of anything that an async function returns; an object that had it would never arrive.
      if (typeof name === 'symbol' || name === 'then') return undefined
      let member = members.get(name)
      if (member === undefined) {
        member = namespace(call, path === '' ? name : `${path}.${name}`)
        members.set(name, member)
      }
      return member
    },
    apply: (_target, _self, args: unknown[]) => call(path, args),
  })
}

function rpcClosed(): VardeError {
  return new VardeError('RPC_CLOSED', 'the connection to the other thread is closed', {
    hint: 'The thread that serves it has stopped: look in its log for why.',
  })
}

interface TakenSignal {
  signal: AbortSignal
  place: SignalPlace
}

/** The arguments without their signals, which have no structured clone; the originals stay as they are. */
function takeSignals(given: unknown[]): { args: unknown[]; signals: TakenSignal[] } {
  const signals: TakenSignal[] = []
  const args = given.map((value, argument) => {
    if (value instanceof AbortSignal) {
      signals.push({ signal: value, place: placeOf(value, argument) })
      return undefined
    }
    if (!isPlain(value)) return value
    let copy: Record<string, unknown> | undefined
    for (const [member, inner] of Object.entries(value)) {
      if (!(inner instanceof AbortSignal)) continue
      signals.push({ signal: inner, place: placeOf(inner, argument, member) })
      copy ??= { ...value }
      delete copy[member]
    }
    return copy ?? value
  })
  return { args, signals }
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

function placeOf(signal: AbortSignal, argument: number, member?: string): SignalPlace {
  return {
    argument,
    ...(member === undefined ? {} : { member }),
    ...(signal.aborted ? { aborted: packError(signal.reason) } : {}),
  }
}

function listen(signals: TakenSignal[], aborted: (signal: number, reason: unknown) => void): () => void {
  const undo = signals.map(({ signal }, index) => {
    const listener = () => aborted(index, signal.reason)
    signal.addEventListener('abort', listener, { once: true })
    return () => signal.removeEventListener('abort', listener)
  })
  return () => {
    for (const stop of undo) stop()
  }
}
