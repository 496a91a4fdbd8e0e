// What people do with alerts.
export { type AlertFilter, type AlertGroup, type GroupBy, noAlerts, type PerSeverity } from './alert-filter.ts'
export type { AlertSummary, Entities, EntityKind } from './alert-summary.ts'
export { entitiesOf } from './alert-summary.ts'
export { type AlertChange, type AlertEvent, type Alerts, type FoundAlert, openAlerts } from './alerts.ts'
