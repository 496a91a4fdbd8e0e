// The store as every other thread sees it: makes bytes of events on the way in, and events of rows on the way out.

import { transferring } from '@varde/runtime'
import type { StoredEvent } from '@varde/schema'
import type { CreateOutcome, DocumentStore, Store, StoreFinding, WriteOutcome } from '../port.ts'
import { tableRow } from '../table-row.ts'
import { type WrittenBatch, writeBatch } from './batch.ts'
import type { BatchOutcome, Core } from './core.ts'
import { createLineWriter } from './event-line.ts'
import { readRow, readTableRow } from './stored-row.ts'

const scanBatch = 2_000

export function createClient(core: Core, close: () => Promise<void>): Store {
  const writer = createLineWriter()

  const create = async (events: StoredEvent[]): Promise<CreateOutcome[]> => {
    const outcomes: CreateOutcome[] = new Array(events.length)
    const classes = new Map<string, number[]>()
    for (const [position, { retention }] of events.entries()) {
      const positions = classes.get(retention)
      if (positions === undefined) classes.set(retention, [position])
      else positions.push(position)
    }
    const written: (WrittenBatch & { retention: string })[] = []
    for (const [retention, positions] of classes) {
      const batch = writeBatch(events, positions, writer)
      for (const { position, reason } of batch.refused) outcomes[position] = { outcome: 'refused', reason }
      if (batch.positions.length > 0) written.push({ ...batch, retention })
    }
    if (written.length === 0) return outcomes
    const message = written.map(({ retention, bytes }) => ({ retention, bytes }))
    const answers = await core.create(
      transferring(
        message,
        message.map(({ bytes }) => bytes.buffer),
      ),
    )
    for (const [index, batch] of written.entries()) putOutcomes(outcomes, batch.positions, answers[index])
    return outcomes
  }

  return {
    events: {
      create,
      async get(id, scope) {
        const text = await core.get(id, scope)
        return text === undefined ? undefined : readRow(text)
      },
      async *range(home, from, to) {
        for await (const rows of core.range(home, from, to)) yield rows.map(readRow)
      },
      async search(filter, options) {
        const { rows, ...page } = await core.search(filter, options)
        return { events: rows.map(readRow), ...page }
      },
      async table(filter, options) {
        const { rows, short, ...page } = await core.table(filter, options)
        const { fields } = options
        return {
          rows: rows.map((text) => (short ? readTableRow(text, fields) : tableRow(readRow(text), fields))),
          ...page,
        }
      },
      async *scan(filter, options = {}) {
        const { signal, batch = scanBatch } = options
        for await (const rows of core.scan(filter, { batch, ...(signal === undefined ? {} : { signal }) })) {
          yield rows.map(readRow)
        }
      },
      count: (filter, signal) => (signal === undefined ? core.count(filter) : core.count(filter, signal)),
      histogram: (filter, options) => core.histogram(filter, options),
      values: (filter, options) => core.values(filter, options),
      fields: () => core.fields(),
      stats: () => core.stats(),
    },
    documents: typedDocuments(core),
    erasure: {
      erase: (tombstones) => core.erase(tombstones),
      tombstones: (home, from, to) => core.tombstones(home, from, to),
      purged: () => core.purged(),
    },
    expiry: {
      due: (retention, at) => core.expiry.due(retention, at),
      contents: (unit) => core.expiry.contents(unit),
      expire: (unit, keep) => core.expiry.expire(unit, keep),
    },
    async check(progress) {
      let findings: StoreFinding[] = []
      for await (const step of core.check()) {
        if ('findings' in step) findings = step.findings
        else progress?.(step.done, step.total)
      }
      return findings
    },
    settle: () => core.settle(),
    close,
  }
}

function putOutcomes(outcomes: CreateOutcome[], positions: number[], answer: BatchOutcome | undefined): void {
  for (const [row, position] of positions.entries()) {
    const outcome = answer === undefined || answer === 'created' ? undefined : answer[row]
    if (outcome === undefined) outcomes[position] = { outcome: 'created' }
    else if (outcome.outcome === 'existing') outcomes[position] = { outcome: 'existing', stored: readRow(outcome.text) }
    else outcomes[position] = outcome
  }
}

/**
 * What a collection holds is what its owner wrote into it: the port trusts the caller's type (its casts stand here,
 * and owners parse with zod where a document may come from an older version).
 */
function typedDocuments(core: Core): DocumentStore {
  const { documents } = core
  return {
    get: (collection, id) => documents.get(collection, id) as Promise<never>,
    create: (collection, id, doc) => documents.create(collection, id, doc) as Promise<WriteOutcome<never>>,
    update: (collection, id, doc, ifVersion) =>
      documents.update(collection, id, doc, ifVersion) as Promise<WriteOutcome<never>>,
    delete: (collection, id, ifVersion) => documents.delete(collection, id, ifVersion),
    async list(collection, query) {
      const { docs, ...rest } = await documents.list(collection, query)
      return { docs: docs.map(({ id, version, text }) => ({ id, version, doc: JSON.parse(text) })), ...rest }
    },
    countBy: (collection, path, where) => documents.countBy(collection, path, where),
    count: (collection, where) => documents.count(collection, where),
  }
}
