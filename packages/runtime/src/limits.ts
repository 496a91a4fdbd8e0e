// Every limit has a name and stands here, with its reason; reaching one is a counted fact.

export const limits = {
  /** One raw record. Windows events and mail headers stay below; longer lines are cut off into the dead letters, counted. */
  recordBytesMax: 1024 * 1024,
  /** One HTTP body of `_bulk` or NDJSON, after decompression: as Elasticsearch's own default. */
  httpBodyBytesMax: 100 * 1024 * 1024,
  /** The head of a request, and all of it: 100 MB over a slow line takes minutes, a slow-loris sender would take for ever. */
  httpHeadersMs: 60_000,
  httpRequestMs: 5 * 60_000,
  httpCheckMs: 10_000,
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
  /** Lateness that a source is allowed without a setting of its own: shippers buffer, clocks drift, relays queue. */
  latenessMs: 5 * 60_000,
  /** An event time further ahead of its arrival than this is a wrong clock: the event is windowed at arrival. */
  futureSkewMs: 5 * 60_000,
  /** A collector that says nothing while others go on for this long is out of the watermark: it died without a leave. */
  collectorSilentMs: 60_000,
  collectorTickMs: 1_000,
  /** Unknown peers that become sources of their own; UDP senders are forgeable, so the rest share one. */
  sourcesDiscoveredMax: 10_000,
  /** A seal waits this long for more records; with nothing but ticks, longer: 4 idle partitions give 35k seals a day. */
  sealMs: 2_000,
  sealTicksMs: 10_000,
  /** One batch of a raw partition: what a seal covers at most. */
  sealRecordsMax: 10_000,
  sealBytesMax: 32 * 1024 * 1024,
  /** One record of a topic: the longest raw record eight times over, for its headers and for hits that collect much. */
  busRecordBytesMax: 8 * 1024 * 1024,
  /** Bytes that appends may have waiting for the disk; whoever comes after that waits before its records are taken. */
  busInFlightBytesMax: 64 * 1024 * 1024,
  /** Records of one frame before compression: what a checksum covers, and what a reader unpacks at a time. */
  busFrameBytesMax: 1024 * 1024,
  /** A full segment file is closed and a new one begun: retention drops whole ones. */
  busSegmentBytesMax: 64 * 1024 * 1024,
  /** So is one that is older, when records below an offset are let go: a copy of a record stays no longer than this after its seal. */
  busSegmentAgeMs: 86_400_000,
  /** How often a shared partition's position is told to its group, for displays of lag alone. */
  groupCommitMs: 5_000,
  busBatchRecordsMax: 10_000,
  busBatchBytesMax: 4 * 1024 * 1024,
  /** An event can be found by search no later than this after its create. */
  visibleMs: 1_000,
  /** Every read of such a person names them all. */
  tenantsOfUserMax: 1_000,
  searchPageMax: 10_000,
  histogramBucketsMax: 2_000,
  valuesPageMax: 1_000,
  queryLengthMax: 16_384,
  queryDepthMax: 64,
  alertMembersMax: 500,
  alertCollectedMax: 200,
  ruleEvaluationMs: 50,
  ruleStepsMax: 1_000_000,
  /** Levels of a rule's expression tree under evaluation, recursion included: well inside V8's own stack. */
  ruleDepthMax: 500,
  ruleSequenceMax: 100_000,
  /** Characters of one text that a rule builds: no more than the longest record. */
  ruleTextMax: 1_048_576,
  /** Wall clock of one evaluation: a net below the steps, so wide that a slow machine still decides like a fast one. */
  ruleTimeNetMs: 2_000,
  /** Events of one window of a rule (one group); above it the oldest go and its alerts say "incomplete". */
  windowEntriesMax: 20_000,
  /** Events in all windows of one correlator, some 370 bytes each in windows at rest and 700 in busy ones: above it the oldest windows go, counted. */
  correlatorEntriesMax: 1_100_000,
  /** Hits of the past that the windows of a new rule begin with; the newest are taken. */
  pastHitsMax: 500_000,
  /** Alerts that one partition of hits writes at a time: each waits for the disk or the cluster, none for another. */
  alertWritesMax: 16,
  /** Late events are judged again so long after the first of them: they seldom come alone. */
  revisionDelayMs: 5_000,
  /** Replays since the start that can still be looked at, and those that may wait: one reads the store at a time. */
  replaysKeptMax: 100,
  replaysWaitingMax: 20,
  /** Alerts of a replay that are shown one by one, of each kind; its counts tell them all. */
  replayAlertsShownMax: 200,
  /** Events pinned to one case: a bundle of more would not fit into a ZIP without ZIP64 (4 GiB at some 3 kB an event). */
  caseEventsMax: 1_000_000,
  /** Events that STIX and the report of a bundle show one by one; all of them stand in the timeline files. */
  reportRowsMax: 5_000,
  /** Live streams of one person: a tab has one, and each costs a look at the counters every two seconds. */
  streamsPerPersonMax: 30,
  /** A Sigma archive unpacked; the whole of SigmaHQ's is some 20 MB. */
  sigmaArchiveBytesMax: 128 * 1024 * 1024,
} as const
