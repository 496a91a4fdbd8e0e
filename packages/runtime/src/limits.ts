// Every limit has a name and stands here, with its reason; reaching one is a counted fact.

export const limits = {
  /** One raw record. Windows events and mail headers stay below; longer lines are cut off into the dead letters, counted. */
  recordBytesMax: 1024 * 1024,
  /** One HTTP body of `_bulk` or NDJSON, after decompression: as Elasticsearch's own default. */
  httpBodyBytesMax: 100 * 1024 * 1024,
  /** Compressed bodies may grow by no more than this: a zip bomb stops here. */
  inflateRatioMax: 200,
  jsonDepthMax: 50,
  /** Leaf fields of one event; what is beyond makes it a dead letter, with its bytes. */
  eventFieldsMax: 2_000,
  connectionsPerListenerMax: 4_096,
  /** A connection that sends nothing or never ends its frame is closed. */
  connectionIdleMs: 15 * 60_000,
  frameStallMs: 60_000,
  /** Records a collector holds before it stops reading its sockets. */
  collectorQueueRecordsMax: 50_000,
  collectorQueueBytesMax: 64 * 1024 * 1024,
  /** One batch of a raw partition: what a seal covers at most. */
  sealRecordsMax: 10_000,
  sealBytesMax: 32 * 1024 * 1024,
  /** An event can be found by search no later than this after its create. */
  visibleMs: 1_000,
  searchPageMax: 10_000,
  histogramBucketsMax: 2_000,
  valuesPageMax: 1_000,
  queryLengthMax: 16_384,
  queryDepthMax: 64,
  alertMembersMax: 500,
  alertCollectedMax: 200,
  ruleEvaluationMs: 50,
  ruleStepsMax: 1_000_000,
} as const
