// What every socket listener shares: its settings, its counters, and how it is started and stopped.
import type { Logger } from '@varde/runtime'
import type { Appender } from './appender.ts'
import type { Sources } from './sources.ts'

export interface ListenerConfig {
  /** Names it in source rules and on the status page. */
  name: string
  kind: 'udp' | 'tcp' | 'tls'
  host: string
  /** 0 takes a free one: `address()` tells. */
  port: number
  /** TLS: PEM files. Connections with a certificate of `clientCa` are authenticated by its common name. */
  certificateFile?: string
  keyFile?: string
  clientCaFile?: string
  /** TLS: refuse senders without a certificate of `clientCa`. */
  requireClientCertificate?: boolean
}

export interface ListenerCounters {
  receivedRecords: number
  receivedBytes: number
  /** Datagrams that came while the queue was full: UDP senders can't be held back. */
  refusedRecords: number
  /** Empty datagrams, empty lines. */
  empty: number
  /** Records longer than the limit, cut into dead letters. */
  cutRecords: number
  /** Octet-counted frames that ended before their count. */
  truncatedFrames: number
  connections: number
  connectionsTotal: number
  /** Turned away at the limit of connections. */
  connectionsRefused: number
  /** Closed because a frame never ended. */
  stalled: number
  /** Closed because nothing came. */
  idle: number
  tlsFailures: number
  /** What the kernel dropped for want of room, where it tells (/proc/net/udp). */
  kernelDrops?: number
}

export interface Listener {
  config: ListenerConfig
  /** Rejects with INGEST_LISTEN and what to do. */
  start(): Promise<void>
  stop(): Promise<void>
  address(): { host: string; port: number } | undefined
  counters(): ListenerCounters
}

/** Limits that a test may tighten; `limits.ts` has the real ones. */
export interface SocketLimits {
  recordBytesMax: number
  connectionsMax: number
  idleMs: number
  stallMs: number
}

export interface ListenerDeps {
  appender: Appender
  sources: Sources
  log: Logger
  socketLimits: SocketLimits
}

export function emptyCounters(): ListenerCounters {
  return {
    receivedRecords: 0,
    receivedBytes: 0,
    refusedRecords: 0,
    empty: 0,
    cutRecords: 0,
    truncatedFrames: 0,
    connections: 0,
    connectionsTotal: 0,
    connectionsRefused: 0,
    stalled: 0,
    idle: 0,
    tlsFailures: 0,
  }
}
