// The doors for shippers alone: what a process with the role collect opens, without the page.
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import Fastify, { type FastifyInstance } from 'fastify'
import { type ShipperDeps, shipperDoors } from './routes/shippers.ts'

export interface ShipperAppDeps extends ShipperDeps {
  /** Server certificate, where there is one (PEM). */
  tls?: { certificate: string; key: string }
  extend?: (app: FastifyInstance) => void
}

export function buildShipperApp(deps: ShipperAppDeps): FastifyInstance {
  const { tls } = deps
  const app = Fastify({
    forceCloseConnections: true,
    serverFactory: (handler) =>
      tls === undefined
        ? createHttpServer(handler)
        : createHttpsServer({ cert: tls.certificate, key: tls.key, minVersion: 'TLSv1.2' }, handler),
  })
  shipperDoors(app, deps)
  deps.extend?.(app)
  return app
}
