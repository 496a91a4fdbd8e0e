// What people do with alerts.
export { type AlertEntries, sealAlerts } from './alert-entries.ts'
export {
  type AlertFilter,
  type AlertGroup,
  type GroupBy,
  noAlerts,
  type PerSeverity,
  severityRank,
} from './alert-filter.ts'
export type { AlertSummary, Entities, EntityKind } from './alert-summary.ts'
export { entitiesOf } from './alert-summary.ts'
export { type AlertChange, type AlertEvent, type Alerts, type FoundAlert, openAlerts } from './alerts.ts'
export type { House } from './breach/breach-desk.ts'
export { csvCell } from './bundle/csv.ts'
export type { Signing } from './bundle/signing.ts'
export { type CaseDesk, type CaseDeskOptions, openCaseDesk } from './case-desk.ts'
export { onlyAdds, seesCase, unknownCase } from './cases/cases.ts'
export { alertRows, byTime, entryRows, eventTimelineRow, timelineContext } from './cases/timeline.ts'
export { type Comparison, compareRanges, type Difference } from './hunt/compare.ts'
export { createLookUps, type LookUp, type LookUps } from './hunt/look-ups.ts'
export { findPatterns, type Pattern, type Patterns } from './hunt/patterns.ts'
export { createSavedSearches, type SavedSearch, type SavedSearches } from './hunt/saved-searches.ts'
export { type EntityRisk, riskOf } from './risk.ts'
export { noRecord, type RuleRecord, ruleRecords } from './rule-record.ts'
