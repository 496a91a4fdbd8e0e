// The store's port; adapters live behind `@varde/store/embedded`.
export { collections } from './collections.ts'
export type {
  Bucket,
  Collection,
  Condition,
  CreateOutcome,
  DocumentQuery,
  DocumentStore,
  EventErasure,
  EventFilter,
  EventStore,
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
