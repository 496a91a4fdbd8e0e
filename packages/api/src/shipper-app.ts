// The doors for shippers alone: what a process with the role collect opens, without the page.
import Fastify, { type FastifyInstance } from 'fastify'
import { createWebServer, trustOf } from './http-server.ts'
import { type ShipperDeps, shipperDoors } from './routes/shippers.ts'

export interface ShipperAppDeps extends ShipperDeps {
  /** Server certificate, where there is one (PEM). */
  tls?: { certificate: string; key: string }
  trustedProxies?: readonly string[]
  extend?: (app: FastifyInstance) => void
}

export function buildShipperApp(deps: ShipperAppDeps): FastifyInstance {
  const { tls } = deps
  const app = Fastify({
    ...trustOf(deps.trustedProxies),
    forceCloseConnections: true,
    serverFactory: (handler) => createWebServer(handler, tls === undefined ? {} : { tls }),
  })
  shipperDoors(app, deps)
  deps.extend?.(app)
  return app
}
