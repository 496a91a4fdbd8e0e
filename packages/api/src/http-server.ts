// The server under the API's routes and under the shippers' doors: plain or TLS, and no patience for senders that never end.
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { limits } from '@varde/runtime'

export interface HttpServerOptions {
  /** Server certificate, where there is one (PEM). */
  tls?: { certificate: string; key: string }
  /** Tests tighten them. */
  headersMs?: number
  requestMs?: number
}

/** Of a reverse proxy that is not trusted nothing is believed: its own address is the caller's. */
export function trustOf(proxies: readonly string[] | undefined): { trustProxy: string[] | false } {
  return { trustProxy: proxies === undefined || proxies.length === 0 ? false : [...proxies] }
}

/** Whoever takes longer for the head of a request, or for all of it, is answered 408 and closed. */
export function createWebServer(handler: RequestListener, options: HttpServerOptions = {}): Server {
  const { tls, headersMs = limits.httpHeadersMs, requestMs = limits.httpRequestMs } = options
  const patience = {
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: Math.min(limits.httpCheckMs, headersMs),
  }
  return tls === undefined
    ? createHttpServer(patience, handler)
    : createHttpsServer({ ...patience, cert: tls.certificate, key: tls.key, minVersion: 'TLSv1.2' }, handler)
}

/** For each connection that is closed because its request never ended. Whoever made the server answers it. */
export function onStalled(server: Pick<Server, 'on'>, count: () => void): void {
  server.on('clientError', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') count()
  })
}
