// The collections of small documents, and what each can be asked by.
import type { Collection } from './port.ts'

export const collections = {
  alerts: {
    name: 'alerts',
    indexed: [
      'raisedAt',
      'status',
      'severity',
      'rule.id',
      'rule.digest',
      'tenant',
      'assignee',
      'verdict',
      'finality',
      'anchor.time',
    ],
  },
  seals: { name: 'seals', indexed: ['stream', 'generation', 'partition', 'seq', 'sealedAt', 'from', 'attempt'] },
  deadLetters: {
    name: 'dead-letters',
    indexed: [
      'failedAt',
      'reason',
      'record.source',
      'record.tenant',
      'record.retention',
      'record.arrival',
      'redrivenAs',
    ],
  },
  ledger: { name: 'ledger', indexed: ['minute', 'source', 'tenant'] },
  sources: { name: 'sources', indexed: ['tenant', 'lastSeen'] },
  users: { name: 'users', indexed: ['name', 'role'] },
  sessions: { name: 'sessions', indexed: ['userId', 'expiresAt'] },
  apiKeys: { name: 'api-keys', indexed: ['source', 'createdAt'] },
  /** Sealed streams (custody, audit, alerts, keys …): written through `openEntryStreams` of evidence alone. */
  entries: { name: 'entries', indexed: ['link.stream', 'link.seq', 'link.at', 'body.subject', 'body.action'] },
  /** What retention let go, unit by unit: the sealed entry says the same, with every offset. */
  expired: { name: 'expired', indexed: ['at', 'retention', 'arrived.to'] },
  /** Leaves of expired records whose seal still has others, by seal. */
  keptLeaves: { name: 'kept-leaves', indexed: [] },
  stamps: { name: 'stamps', indexed: ['head', 'name', 'time'] },
  heads: { name: 'heads', indexed: ['head.number', 'head.at', 'head.key'] },
  /** Texts of rules as they ran. */
  ruleVersions: { name: 'rule-versions', indexed: ['rule', 'fileDigest', 'digest', 'at'] },
  /** Each the fold of its revisions. */
  cases: { name: 'cases', indexed: ['status', 'severity', 'updatedAt', 'createdAt'] },
  caseRevisions: { name: 'case-revisions', indexed: ['case', 'revision'] },
  /** What is pinned, in chunks by seal; the copies themselves lie in a collection of their own, under the same ids. */
  casePins: { name: 'case-pins', indexed: ['case', 'batch', 'order', 'state'] },
  casePinCopies: { name: 'case-pin-copies', indexed: [] },
  caseAlerts: { name: 'case-alerts', indexed: ['case', 'alert.id'] },
  /** What a bundle of a revision quotes, fixed at its first export. */
  casePlans: { name: 'case-plans', indexed: ['case'] },
  exports: { name: 'exports', indexed: ['case', 'at', 'state'] },
  savedSearches: { name: 'saved-searches', indexed: ['owner'] },
  /** Processes of a cluster, each saying every few seconds how it is. */
  nodes: { name: 'nodes', indexed: ['at'] },
  notifications: {
    name: 'notifications',
    indexed: ['channel', 'kind', 'status', 'dueAt', 'createdAt', 'sentAt', 'alert'],
  },
  state: { name: 'state', indexed: [] },
} as const satisfies Record<string, Collection>
