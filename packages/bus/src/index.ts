// Ordered, replayable, partitioned topics on a port; adapters live behind `@varde/bus/embedded`.
export {
  type Batch,
  type Bus,
  type BusRecord,
  type PartitionInfo,
  partitionOf,
  type ReadOptions,
  type StoredRecord,
  type TopicInfo,
  type TopicSettings,
} from './port.ts'
