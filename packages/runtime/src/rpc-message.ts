// What the two ends of a connection say to each other: small tuples, one message a call and one an answer.
import type { Transferable } from 'node:worker_threads'
import type { SentError } from './rpc-error.ts'

/** Where an AbortSignal stood in the arguments: the index, and the member where it was inside an options object. */
export interface SignalPlace {
  argument: number
  member?: string
  /** Set where it had aborted before the call. */
  aborted?: SentError
}

export type ToServer =
  | ['call', id: number, path: string, args: unknown[], signals: SignalPlace[] | undefined]
  | ['abort', id: number, signal: number, reason: SentError]
  /** Asks for this many more items of a stream. */
  | ['pull', id: number, items: number]
  | ['cancel', id: number]

export type ToClient =
  | ['value', id: number, value: unknown]
  | ['error', id: number, error: SentError]
  /** The call's result is an async iterable, to be pulled. */
  | ['stream', id: number]
  | ['item', id: number, value: unknown]
  | ['end', id: number]

const transfers = new WeakMap<object, Transferable[]>()

/**
 * Marks what a value hands over instead of copying: `transferring(batch, [batch.bytes.buffer])`. After it was sent, the
 * sender's views on those buffers are empty. Only for buffers that the value owns whole (never Node's pooled ones).
 */
export function transferring<T extends object>(value: T, buffers: Transferable[]): T {
  transfers.set(value, buffers)
  return value
}

export function transfersOf(value: unknown): Transferable[] {
  return (typeof value === 'object' && value !== null && transfers.get(value)) || []
}
