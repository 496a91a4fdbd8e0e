// One broker's connection, by kafkajs: its sockets, TLS and SASL. What kafkajs does wrong while idle is mended here.
import Broker, { type KafkaConnectionOptions, type KafkaLogger } from 'kafkajs/src/broker/index.js'
import ConnectionPool from 'kafkajs/src/network/connectionPool.js'
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js'
import socketFactory from 'kafkajs/src/network/socketFactory.js'
import Encoder from 'kafkajs/src/protocol/encoder.js'
import type { KafkaConnectSettings } from './settings.ts'

export interface Address {
  host: string
  port: number
}

/** One broker, over connections of its own. Requests on one link are answered in order. */
export interface Link {
  broker: Broker
  address: Address
  send<T>(request: WireRequest, read: (body: Buffer) => T | Promise<T>): Promise<T>
  isOpen(): boolean
  /** At once: what waits for an answer is rejected. */
  drop(): void
}

export interface WireRequest {
  apiKey: number
  apiVersion: number
  apiName: string
  body: Buffer
  timeoutMs?: number
}

const connectMsDefault = 5_000
const requestMsDefault = 15_000

/**
 * kafkajs 2.2.4 looks at its queue again and again with a timer of a negative time, which is a millisecond: each idle
 * connection wakes the process a thousand times a second, and Node warns of it. It needs the timer only while something waits.
 */
function mendIdleSpin(): void {
  RequestQueue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.throttleCheckTimeoutId !== null || this.pending.length === 0) return
    const ms = this.throttledUntil - Date.now()
    this.throttleCheckTimeoutId = setTimeout(
      () => {
        this.throttleCheckTimeoutId = null
        this.checkPendingRequests()
      },
      ms > 0 ? ms : 10,
    )
  }
}
mendIdleSpin()

/** Failures come back as errors and are told by whoever asked: a second telling by the library is noise. */
const silent: KafkaLogger = {
  namespace: () => silent,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}

export function parseAddress(text: string): Address {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text)
  return { host: match?.[1] ?? match?.[2] ?? text, port: Number(match?.[3] ?? 9092) }
}

function connectionOptions(address: Address, settings: KafkaConnectSettings): KafkaConnectionOptions {
  const { tls, sasl } = settings
  return {
    ...address,
    logger: silent,
    socketFactory: socketFactory(),
    clientId: settings.clientId,
    connectionTimeout: settings.connectMs ?? connectMsDefault,
    requestTimeout: settings.requestMs ?? requestMsDefault,
    enforceRequestTimeout: true,
    ...(tls === undefined
      ? {}
      : {
          ssl: {
            ...(tls.ca === undefined ? {} : { ca: [tls.ca] }),
            ...(tls.cert === undefined ? {} : { cert: tls.cert }),
            ...(tls.key === undefined ? {} : { key: tls.key }),
            ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
          },
        }),
    ...(sasl === undefined ? {} : { sasl }),
  }
}

/** Connected and authenticated when it resolves. */
export async function openLink(address: Address, settings: KafkaConnectSettings): Promise<Link> {
  const connectionPool = new ConnectionPool(connectionOptions(address, settings))
  const broker = new Broker({ connectionPool, logger: silent, allowAutoTopicCreation: false })
  const link: Link = {
    broker,
    address,
    send: (request, read) =>
      connectionPool.send({
        request: {
          apiKey: request.apiKey,
          apiVersion: request.apiVersion,
          apiName: request.apiName,
          encode: async () => new Encoder(request.body.length).writeBuffer(request.body),
        },
        response: { decode: async (body) => read(body), parse: async (decoded) => decoded },
        ...(request.timeoutMs === undefined ? {} : { requestTimeout: request.timeoutMs }),
        logResponseError: false,
      }),
    isOpen: () => connectionPool.pool.some((connection) => connection.isConnected()),
    drop() {
      for (const { requestQueue, socket } of connectionPool.pool) {
        requestQueue.rejectAll(new Error('the connection was closed here'))
        requestQueue.destroy()
        socket?.destroy()
      }
    },
  }
  try {
    await broker.connect()
    return link
  } catch (error) {
    link.drop()
    throw error
  }
}
