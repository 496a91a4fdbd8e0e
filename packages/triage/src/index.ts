// What people do with alerts.
export { type AlertFilter, type AlertGroup, type GroupBy, noAlerts, type PerSeverity } from './alert-filter.ts'
export type { AlertSummary, Entities, EntityKind } from './alert-summary.ts'
export { entitiesOf } from './alert-summary.ts'
export { type AlertChange, type AlertEvent, type Alerts, type FoundAlert, openAlerts } from './alerts.ts'
export { type Comparison, compareRanges, type Difference } from './hunt/compare.ts'
export { createLookUps, type LookUp, type LookUps } from './hunt/look-ups.ts'
export { findPatterns, type Pattern, type Patterns } from './hunt/patterns.ts'
export { createSavedSearches, type SavedSearch, type SavedSearches } from './hunt/saved-searches.ts'
