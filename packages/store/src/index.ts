// The store's port; adapters live behind `@varde/store/embedded`.
export { collections } from './collections.ts'
export { type Expired, expiredBySource, expiredUnits, noteExpired } from './expired.ts'
export type {
  Bucket,
  Collection,
  Condition,
  CreateOutcome,
  DocumentQuery,
  DocumentStore,
  EventErasure,
  EventExpiry,
  EventFilter,
  EventStore,
  ExpiryContents,
  ExpiryUnit,
  FieldInfo,
  Scope,
  SearchOptions,
  SearchPage,
  Store,
  StoreFinding,
  Tombstone,
  ValueCount,
  ValuesPage,
  Versioned,
  WriteOutcome,
} from './port.ts'
