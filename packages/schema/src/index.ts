// Everything Varde keeps or sends has its shape here.

export { Alert, AlertMember } from './alert.ts'
export { type AlertStatus, alertStatuses, type Severity, severities, type Verdict, verdicts } from './alert-words.ts'
export { attackTactics, attackTechniques } from './attack.gen.ts'
export { type AttackEntry, attackEntry, attackRenumbered } from './attack.ts'
export {
  AffectedController,
  Anchor,
  Breach,
  BreachDecision,
  BreachFacts,
  Filing,
  SupplierReport,
} from './breach.ts'
export {
  Case,
  CaseEntry,
  CaseMark,
  CaseNote,
  CasePerson,
  CaseTask,
  LegalHold,
  PinBatch,
} from './case.ts'
export { AskedChange, type CaseChange, CaseRevision, OwnChange } from './case-change.ts'
export {
  type BreachAnchor,
  type BreachKind,
  breachAnchors,
  breachKinds,
  type CaseRole,
  type CaseStatus,
  type CustodyAction,
  caseRoles,
  caseStatuses,
  custodyActions,
  type FilingKind,
  filingKinds,
  type Language,
  languages,
  type TaskStatus,
  taskStatuses,
} from './case-words.ts'
export { CustodyEntry } from './custody.ts'
export { type DeadLetter, type DeadLetterReason, deadLetterReasons } from './dead-letter.ts'
export { type EcsField, ecsFields, ecsRoots } from './ecs-fields.ts'
export type { EcsEvent, StoredEvent } from './event.ts'
export type { EventShape, TextLeaf } from './event-shape.ts'
export { createTextArena, type EventText, eventText, type TextArena } from './event-text.ts'
export type { Hit, Marker } from './hit.ts'
export { type HitsRecord, hitKey, hitsTopic, readHitsRecord, writeHitsRecord } from './hits-topic.ts'
export { type EventId, eventId, type Home, homeOf, isStreamName } from './home.ts'
export { canonicalJson, type Json, type JsonObject } from './json.ts'
export { addToLedger, emptyLedgerSums, type LedgerEntry, type LedgerSums } from './ledger.ts'
export { Notification, type NotificationKind, notificationKinds, notificationStatuses } from './notification.ts'
export type { FieldValue, Query, QueryError, TextValue } from './query/ast.ts'
export { escapeWord, formatQuery } from './query/format.ts'
export { parseQuery } from './query/parse.ts'
export type { RawRecord, SenderIdentity, Tick, Transport } from './record.ts'
export { type Digest, type OtherLeaf, type Seal, sealId } from './seal.ts'
