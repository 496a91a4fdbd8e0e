// The HTTP surface; no logic of its own.
export type { FastifyInstance } from 'fastify'
export { proveAlert } from './alert-proof.ts'
export { buildApi } from './app.ts'
export type { ApiDeps, Intake } from './deps.ts'
export { ledgerRows } from './routes/ledger.ts'
export { leavesOf, sealOf } from './routes/proof.ts'
export { shipperDoors } from './routes/shippers.ts'
export { buildShipperApp } from './shipper-app.ts'
