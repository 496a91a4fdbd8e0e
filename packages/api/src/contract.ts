// What the HTTP API takes and gives, for the server that keeps it and for every client. Bundlers can take `endpoints`
// and the types without the schemas.
export type { ApiKey, Tenants, User } from './contract/admin.ts'
export type { AlertChange, AlertDetail, AlertFilter, AlertRow, AlertTarget } from './contract/alerts.ts'
export type { AuditEntry } from './contract/audit.ts'
export { type BreachClock, type CaseBreach, documentKinds, type Regime } from './contract/breach.ts'
export type {
  CaseCompleteness,
  CaseDetail,
  CaseRow,
  PinnedEvent,
  TimelineRow,
} from './contract/cases.ts'
export type { Count, RawBytes } from './contract/common.ts'
export type { LookUp, SavedSearch } from './contract/desk.ts'
export { type Endpoint, type EndpointName, endpoints, type Permission, permissions } from './contract/endpoints.ts'
export type { Completeness, EventDetail, EventProof, EventRow, FieldInfo, Histogram } from './contract/events.ts'
export type { CaseExport } from './contract/exports.ts'
export type { Overview, Warning } from './contract/overview.ts'
export { StreamMessage } from './contract/overview.ts'
export { Problem } from './contract/problem.ts'
export type { ReplayedAlert, ReplayJob, ReplayResult, ReplayState } from './contract/replays.ts'
export { type Role, roles } from './contract/roles.ts'
export { type Route, type RouteInput, type RouteOutput, type Routes, routes } from './contract/routes.ts'
export type { RuleDetail, RuleFinding, RuleRow } from './contract/rules.ts'
export type { Me } from './contract/session.ts'
export type { DeadLetterRow, Listener, SourceRow } from './contract/sources.ts'
export type { Why, WhyClause } from './contract/why.ts'
