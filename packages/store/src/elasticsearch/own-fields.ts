// The names of what stands beside an event, as queries write them, and where each lies in an index.
import type { Clause } from './clause.ts'

export interface OwnField {
  field: string
  kind: 'text' | 'number' | 'time' | 'chain' | 'id'
  /** Every event has it. */
  always: boolean
}

const own: ReadonlyMap<string, OwnField> = new Map(
  Object.entries({
    _tenant: { field: '_varde.tenant', kind: 'text', always: true },
    _source: { field: '_varde.source', kind: 'text', always: true },
    _retention: { field: '_varde.retention', kind: 'text', always: true },
    _lateness: { field: '_varde.lateness', kind: 'text', always: false },
    _producer: { field: '_varde.producer', kind: 'text', always: false },
    _offset: { field: '_varde.offset', kind: 'number', always: true },
    _arrival: { field: '_varde.arrival', kind: 'time', always: true },
    _ingested: { field: '_varde.ingested', kind: 'time', always: true },
    _stream: { field: '_varde.chain', kind: 'chain', always: true },
    _generation: { field: '_varde.chain', kind: 'chain', always: true },
    _partition: { field: '_varde.chain', kind: 'chain', always: true },
    _id: { field: '_id', kind: 'id', always: true },
  } satisfies Record<string, OwnField>),
)

export function ownField(name: string): OwnField | undefined {
  return own.get(name)
}

/** Stream, generation or partition out of the text that all three share: see `chainText`. */
export function chainPattern(name: string, text: string): Clause {
  if (name === '_stream') return { prefix: { '_varde.chain': `${text} ` } }
  if (!/^\d{1,8}$/.test(text)) return { match_none: {} }
  const padded = text.padStart(8, '0')
  const value = name === '_generation' ? `* ${padded} *` : `* ${padded}`
  return { wildcard: { '_varde.chain': { value } } }
}
