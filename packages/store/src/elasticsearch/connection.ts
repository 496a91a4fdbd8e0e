// The way to the cluster: one client, requests with typed answers, and errors that say what to do.
import { readFileSync } from 'node:fs'
import { Client, type ClientOptions } from '@elastic/elasticsearch'
import { explain } from './explain.ts'

export interface ElasticsearchAddress {
  /** `https://host:9200`, one or more of the same cluster. */
  nodes: string[]
  /** An encoded API key (as `POST /_security/api_key` gives it), or user and password. */
  auth?: { apiKey: string } | { username: string; password: string }
  tls?: {
    /** Path of the certificate authority's PEM file. */
    ca?: string
    /** SHA-256 fingerprint of the authority, instead of its file. */
    caFingerprint?: string
    /** Paths of our own certificate and key, where the cluster asks for one. */
    certificate?: string
    key?: string
    /** False only to try something out: anybody on the way can read and change everything. */
    verify?: boolean
  }
  /** Compresses requests: worth it over a slow network only. */
  compress?: boolean
  requestTimeoutMs?: number
}

export interface Ask {
  query?: Record<string, string | number | boolean>
  body?: Record<string, unknown>
  signal?: AbortSignal | undefined
  /** Lines of a bulk request, each with its newline. */
  lines?: string
  timeoutMs?: number
  /** Statuses that are an answer and not an error. */
  accept?: number[]
}

export interface Answer<T> {
  status: number
  body: T
}

export interface Connection {
  /** Throws VardeErrors: see `explain`. */
  ask<T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD', path: string, ask?: Ask): Promise<Answer<T>>
  close(): Promise<void>
}

const requestTimeoutMs = 30_000

export function connectElasticsearch(address: ElasticsearchAddress): Connection {
  const client = new Client(clientOptions(address))
  return {
    async ask<T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD', path: string, ask: Ask = {}) {
      ask.signal?.throwIfAborted()
      try {
        const answer = await client.transport.request<T>(
          {
            method,
            path,
            ...(ask.query === undefined ? {} : { querystring: ask.query }),
            ...(ask.lines === undefined ? {} : { bulkBody: ask.lines }),
            ...(ask.body === undefined || ask.lines !== undefined ? {} : { body: ask.body }),
          },
          {
            meta: true,
            ...(ask.signal === undefined ? {} : { signal: ask.signal }),
            ...(ask.timeoutMs === undefined ? {} : { requestTimeout: ask.timeoutMs }),
            ...(ask.accept === undefined ? {} : { ignore: ask.accept }),
          },
        )
        return { status: answer.statusCode ?? 0, body: answer.body }
      } catch (error) {
        ask.signal?.throwIfAborted()
        throw explain(error, `${method} ${path}`)
      }
    },
    close: () => client.close(),
  }
}

function clientOptions(address: ElasticsearchAddress): ClientOptions {
  const { tls } = address
  const options: ClientOptions = {
    nodes: address.nodes,
    requestTimeout: address.requestTimeoutMs ?? requestTimeoutMs,
    compression: address.compress === true,
    // Each writer knows what may be repeated, and how often; the client would not tell.
    maxRetries: 0,
  }
  if (address.auth !== undefined) options.auth = address.auth
  if (tls?.caFingerprint !== undefined) options.caFingerprint = tls.caFingerprint
  if (tls !== undefined) {
    options.tls = {
      rejectUnauthorized: tls.verify !== false,
      ...(tls.ca === undefined ? {} : { ca: readFileSync(tls.ca) }),
      ...(tls.certificate === undefined ? {} : { cert: readFileSync(tls.certificate) }),
      ...(tls.key === undefined ? {} : { key: readFileSync(tls.key) }),
    }
  }
  return options
}
