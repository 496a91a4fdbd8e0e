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
    indexed: ['failedAt', 'reason', 'record.source', 'record.tenant', 'redrivenAs'],
  },
  ledger: { name: 'ledger', indexed: ['minute', 'source', 'tenant'] },
  sources: { name: 'sources', indexed: ['tenant', 'lastSeen'] },
  users: { name: 'users', indexed: ['name', 'role'] },
  sessions: { name: 'sessions', indexed: ['userId', 'expiresAt'] },
  apiKeys: { name: 'api-keys', indexed: ['source', 'createdAt'] },
  /** Sealed streams (custody, audit, alerts, keys …): written through `openEntryStreams` of evidence alone. */
  entries: { name: 'entries', indexed: ['link.stream', 'link.seq', 'link.at', 'body.subject', 'body.action'] },
  heads: { name: 'heads', indexed: ['head.number', 'head.at', 'head.key'] },
  savedSearches: { name: 'saved-searches', indexed: ['owner'] },
  state: { name: 'state', indexed: [] },
} as const satisfies Record<string, Collection>
