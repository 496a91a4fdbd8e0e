// Ordered, replayable, partitioned topics on a port; adapters live behind `@varde/bus/embedded`.
export {
  type Batch,
  type Bus,
  type BusRecord,
  type PartitionInfo,
  partitionOf,
  type ReadOptions,
  type Share,
  type ShareOptions,
  type StoredRecord,
  sharePartitions,
  type TopicInfo,
  type TopicSettings,
  type Turn,
} from './port.ts'
