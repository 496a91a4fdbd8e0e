// From the wire to a sealed, stored event without losing or doubling a record.
export type { AppenderHealth } from './collect/appender.ts'
export type { ByteStream } from './collect/body.ts'
export {
  type CollectorConfig,
  type CollectorDeps,
  type Collectors,
  type CollectorsHealth,
  createCollectors,
} from './collect/collectors.ts'
export { shipperHandshake, shipperRoutes } from './collect/handshake.ts'
export { hecReply } from './collect/hec.ts'
export type { HttpContext, HttpCounters, HttpReply } from './collect/http.ts'
export type { ListenerConfig, ListenerCounters } from './collect/listener.ts'
export { otlpRefusal } from './collect/otlp.ts'
export type { ApiKeySource, SourceRule } from './collect/sources.ts'
export {
  createTopicInputs,
  type TopicInput,
  type TopicInputs,
  type TopicInputsHealth,
} from './collect/topic-input.ts'
export { deadLetterDocument, deadLetterOf } from './dead-letter-document.ts'
export type { EnrichConfig, NamedList } from './enrich/enrich.ts'
export { type Geo, openGeo } from './enrich/geo.ts'
export type { Zone } from './enrich/networks.ts'
export { type ImportedFile, type ImportOptions, type ImportProgress, importFiles } from './import/import-files.ts'
export { createIngest, type Ingest, type IngestConfig, type IngestDeps, type IngestHealth } from './ingest.ts'
export { type Matcher, noRules } from './matcher.ts'
export { type IngestCounters, noIngestCounters } from './pipeline/commit.ts'
export type { PartitionHealth, PartitionSettings } from './pipeline/partition-settings.ts'
export {
  decodeEntry,
  encodeRecord,
  encodeTick,
  type Incoming,
  type Origin,
  type RawEntry,
  rawTopic,
} from './raw-topic.ts'
export { type Redriven, redriveDeadLetters } from './redrive.ts'
