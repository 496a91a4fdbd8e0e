// Calls between threads over a MessagePort: one side exposes an object, the other uses it as if it were its own.
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { VardeError } from './errors.ts'
import { connect } from './rpc-client.ts'
import { packError, unpackError } from './rpc-error.ts'
import { type SignalPlace, type ToClient, type ToServer, transferring, transfersOf } from './rpc-message.ts'

export { connect, transferring }

interface RunningCall {
  id: number
  signals: AbortController[]
  iterator?: AsyncIterator<unknown>
  /** Items asked for and not yet sent. */
  wanted: number
  pumping: boolean
  cancelled: boolean
}

/**
 * Serves the functions of `api`, nested objects included, to whoever calls `connect` on the other end of the port.
 * Arguments and results are structured clones: plain data, typed arrays, Maps; AbortSignals as an argument or as a
 * member of an options object. A result may be a value, a promise, or an async iterable, which the other side pulls.
 * When the port closes, the signals of running calls abort and their iterators return.
 */
export function expose(port: MessagePort, api: object): void {
  const running = new Map<number, RunningCall>()
  const functions = new Map<string, (...args: unknown[]) => unknown>()

  const post = (message: ToClient, value?: unknown) => port.postMessage(message, transfersOf(value))

  const fail = (id: number, error: unknown) => {
    running.delete(id)
    post(['error', id, packError(error)])
  }

  const answer = (call: RunningCall, value: unknown) => {
    if (isAsyncIterable(value)) {
      call.iterator = value[Symbol.asyncIterator]()
      post(['stream', call.id])
      if (call.cancelled) stop(call)
      else void pump(call)
      return
    }
    running.delete(call.id)
    try {
      post(['value', call.id, value], value)
    } catch (cause) {
      fail(
        call.id,
        new VardeError('RPC_NOT_CLONEABLE', 'the result of the call has no form that another thread can read', {
          cause,
        }),
      )
    }
  }

  const pump = async (call: RunningCall) => {
    if (call.pumping || call.iterator === undefined) return
    call.pumping = true
    try {
      while (call.wanted > 0 && !call.cancelled) {
        const step = await call.iterator.next()
        if (call.cancelled) break
        if (step.done === true) {
          running.delete(call.id)
          post(['end', call.id])
          return
        }
        call.wanted -= 1
        post(['item', call.id, step.value], step.value)
      }
    } catch (error) {
      if (!call.cancelled) fail(call.id, error)
    } finally {
      call.pumping = false
    }
  }

  const stop = (call: RunningCall) => {
    call.cancelled = true
    for (const signal of call.signals) signal.abort()
    if (call.iterator === undefined) return
    running.delete(call.id)
    // Nobody listens any more: what the iterator's own clean-up throws has no address.
    call.iterator.return?.().catch(() => {})
  }

  const start = (id: number, path: string, args: unknown[], places: SignalPlace[] | undefined) => {
    const call: RunningCall = { id, signals: [], wanted: 0, pumping: false, cancelled: false }
    running.set(id, call)
    try {
      for (const place of places ?? []) call.signals.push(putSignal(args, place))
      const found = functions.get(path) ?? findFunction(api, path)
      functions.set(path, found)
      const result = found(...args)
      if (result instanceof Promise) {
        result.then(
          (value) => answer(call, value),
          (error: unknown) => fail(id, error),
        )
      } else answer(call, result)
    } catch (error) {
      fail(id, error)
    }
  }

  port.on('message', (message: ToServer) => {
    if (message[0] === 'call') return start(message[1], message[2], message[3], message[4])
    const call = running.get(message[1])
    if (call === undefined) return
    if (message[0] === 'pull') {
      call.wanted += message[2]
      void pump(call)
    } else if (message[0] === 'cancel') stop(call)
    else call.signals[message[2]]?.abort(unpackError(message[3]))
  })
  port.on('close', () => {
    for (const call of [...running.values()]) stop(call)
    running.clear()
  })
}

export interface Connections {
  /** A new port to the exposed object: hand it to another thread (in a transfer list), which calls `connect` on it. */
  connectionPort(): MessagePort
  /** Closes all ports that were handed out: pending calls over there reject with RPC_CLOSED. */
  close(): void
}

/** Ports to one object for any number of threads. */
export function createConnections(api: object): Connections {
  const open = new Set<MessagePort>()
  return {
    connectionPort() {
      const { port1, port2 } = new MessageChannel()
      open.add(port1)
      port1.on('close', () => open.delete(port1))
      expose(port1, api)
      return port2
    },
    close() {
      for (const port of open) port.close()
      open.clear()
    },
  }
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

function putSignal(args: unknown[], place: SignalPlace): AbortController {
  const controller = new AbortController()
  if (place.aborted !== undefined) controller.abort(unpackError(place.aborted))
  const holder = args[place.argument]
  if (place.member === undefined) args[place.argument] = controller.signal
  else if (typeof holder === 'object' && holder !== null) Object.assign(holder, { [place.member]: controller.signal })
  return controller
}

function findFunction(api: object, path: string): (...args: unknown[]) => unknown {
  let owner: unknown
  let found: unknown = api
  for (const part of path.split('.')) {
    owner = found
    found =
      typeof owner === 'object' && owner !== null && !(part in Object.prototype) ? Reflect.get(owner, part) : undefined
  }
  if (typeof found !== 'function')
    throw new VardeError('RPC_UNKNOWN_FUNCTION', `there is no function ${path} on the other side`, { facts: { path } })
  const target = found
  return (...args) => Reflect.apply(target, owner, args)
}
