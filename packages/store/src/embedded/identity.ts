// Is an event new? By its home first, then by what its sender calls it. Answers before anything is written.
import { type EventId, eventId, homeOf } from '@varde/schema'
import { type Batch, lineOf, type Partition, type SenderOf } from './batch.ts'
import { type Chapter, partitionKey } from './chapter.ts'
import type { Engine } from './duckdb.ts'
import { keyHash, type Senders } from './senders.ts'
import { type Snapshot, type Source, selectFrom } from './sources.ts'
import { literal } from './sql.ts'
import { readRow, rowOfLine, rowSql } from './stored-row.ts'

/** What becomes of a row; `existing` carries the stored row's text. */
export type RowOutcome =
  | { outcome: 'created'; sameKeyAs?: EventId }
  | { outcome: 'existing'; text: string }
  | { outcome: 'duplicate'; of: EventId }
  | { outcome: 'erased' }

/** Batches that are not in any table yet: being written, or durable and waiting to be loaded. */
export interface Unloaded {
  batch: Batch
  retention: string
  chapter: Chapter
  /** Settles when the write has ended, well or not; absent once durable. */
  writing?: Promise<void>
}

export interface IdentityDeps {
  engine: Engine
  senders: Senders
  /** Highest stored offset by partition key. */
  highest: Map<string, number>
  erased: ReadonlySet<EventId>
  unloaded(): Iterable<Unloaded>
  snapshot(): Snapshot
}

export interface Identity {
  /** One outcome a row. The rows that are `created` count as stored from now on: the caller must write them, or take them back. */
  decide(batch: Batch, retention: string): Promise<RowOutcome[]>
  /** The stored row's text, wherever it lies; waits for a write under way. */
  find(id: EventId): Promise<string | undefined>
}

export function createIdentity(deps: IdentityDeps): Identity {
  const { engine, senders, highest } = deps

  const find = async (id: EventId): Promise<string | undefined> => {
    const home = homeOf(id)
    if (home === undefined || deps.erased.has(id)) return undefined
    const unloaded = await findUnloaded(deps, (known) => known.ids.get(id))
    if (unloaded !== undefined) return unloaded
    const found = await storedRows(engine, deps.snapshot(), home, [home.offset])
    return found.get(home.offset)
  }

  const decide = async (batch: Batch, retention: string): Promise<RowOutcome[]> => {
    const outcomes: RowOutcome[] = new Array(batch.rows)
    const stored = await storedHomes(deps, batch)
    const mine = new Map<EventId, number>()
    for (let row = 0; row < batch.rows; row += 1) {
      const known = stored.get(row)
      if (known !== undefined) outcomes[row] = known
      else if (stored.size > 0 || !isAscending(batch)) {
        const id = idOf(batch, row)
        const first = mine.get(id)
        if (first === undefined) mine.set(id, row)
        outcomes[row] =
          first === undefined
            ? { outcome: 'created' }
            : { outcome: 'existing', text: rowOfLine(lineOf(batch, first), retention) }
      } else outcomes[row] = { outcome: 'created' }
    }
    if (batch.senders.length > 0) await decideSenders(deps, batch, retention, outcomes, find)
    for (let row = 0; row < batch.rows; row += 1) {
      const partition = batch.partitions[batch.partition[row] ?? 0]
      if (partition === undefined || outcomes[row]?.outcome !== 'created') continue
      const key = partitionKey(partition)
      const offset = batch.offset[row] ?? 0
      if (offset > (highest.get(key) ?? -1)) highest.set(key, offset)
    }
    senders.commit()
    return outcomes
  }

  return { decide, find }
}

export function idOf(batch: Batch, row: number): EventId {
  const partition = batch.partitions[batch.partition[row] ?? 0] ?? { stream: '', generation: 0, partition: 0 }
  return eventId({ ...partition, offset: batch.offset[row] ?? 0 })
}

const ascending = new WeakMap<Batch, boolean>()

/** Offsets that go up within each partition: then no id can be in the batch twice. */
function isAscending(batch: Batch): boolean {
  const known = ascending.get(batch)
  if (known !== undefined) return known
  let result = true
  const last = new Float64Array(batch.partitions.length).fill(-1)
  for (let row = 0; result && row < batch.rows; row += 1) {
    const partition = batch.partition[row] ?? 0
    const offset = batch.offset[row] ?? 0
    result = offset > (last[partition] ?? -1)
    last[partition] = offset
  }
  ascending.set(batch, result)
  return result
}

/** Rows whose id is stored or erased. Above the highest offset of its partition nothing can be. */
async function storedHomes(deps: IdentityDeps, batch: Batch): Promise<Map<number, RowOutcome>> {
  const found = new Map<number, RowOutcome>()
  const doubtful = new Map<number, number[]>()
  const highest = batch.partitions.map((partition) => deps.highest.get(partitionKey(partition)) ?? -1)
  for (let row = 0; row < batch.rows; row += 1) {
    const number = batch.partition[row] ?? 0
    if ((batch.offset[row] ?? 0) > (highest[number] ?? -1)) continue
    const rows = doubtful.get(number)
    if (rows === undefined) doubtful.set(number, [row])
    else rows.push(row)
  }
  for (const [number, rows] of doubtful) {
    const partition = batch.partitions[number]
    if (partition === undefined) continue
    const left: number[] = []
    for (const row of rows) {
      const id = idOf(batch, row)
      const text = await findUnloaded(deps, (known) => known.ids.get(id))
      if (deps.erased.has(id)) found.set(row, { outcome: 'erased' })
      else if (text !== undefined) found.set(row, { outcome: 'existing', text })
      else left.push(row)
    }
    const offsets = left.map((row) => batch.offset[row] ?? 0)
    const stored = await storedRows(deps.engine, deps.snapshot(), partition, offsets)
    for (const row of left) {
      const text = stored.get(batch.offset[row] ?? 0)
      if (text !== undefined) found.set(row, { outcome: 'existing', text })
    }
  }
  return found
}

/** The texts of the rows of one partition at these offsets, from tables and segments. Releases the snapshot. */
export async function storedRows(
  engine: Engine,
  snapshot: Snapshot,
  partition: Partition,
  offsets: number[],
): Promise<Map<number, string>> {
  const found = new Map<number, string>()
  try {
    if (offsets.length === 0) return found
    const from = Math.min(...offsets)
    const to = Math.max(...offsets)
    const some = offsets.length <= 500 ? ` AND _offset IN (${offsets.join(', ')})` : ''
    const wanted = new Set(offsets)
    const condition = `${partitionCondition(partition)} AND _offset BETWEEN ${from} AND ${to}${some}`
    const selects = snapshot.sources
      .filter((source) => holds(source, partition, from, to))
      .map((source) =>
        selectFrom([{ source }], condition, () => `CAST(_offset AS DOUBLE), ${rowSql(source.retention)}`),
      )
    if (selects.length === 0) return found
    for (const [offset, text] of await engine.rows(selects.join(' UNION ALL '))) {
      if (wanted.has(Number(offset))) found.set(Number(offset), String(text))
    }
    return found
  } finally {
    snapshot.release()
  }
}

export function partitionCondition({ stream, generation, partition }: Partition): string {
  return `_stream = ${literal(stream)} AND _generation = ${generation} AND _partition = ${partition}`
}

export function holds(source: Source, partition: Partition, from: number, to: number): boolean {
  const key = partitionKey(partition)
  return source.partitions.some((known) => partitionKey(known) === key && known.from <= to && known.to >= from)
}

interface Known {
  ids: Map<EventId, number>
  senders: Map<string, number>
}

const knownOf = new WeakMap<Batch, Known>()

function known(batch: Batch): Known {
  const made = knownOf.get(batch)
  if (made !== undefined) return made
  const ids = new Map<EventId, number>()
  for (let row = 0; row < batch.rows; row += 1) ids.set(idOf(batch, row), row)
  const senders = new Map(batch.senders.map((sender) => [senderName(sender), sender.row]))
  const fresh = { ids, senders }
  knownOf.set(batch, fresh)
  return fresh
}

function senderName(sender: SenderOf): string {
  const own = 'key' in sender ? [sender.key] : [sender.producer, sender.sequence]
  return JSON.stringify([sender.tenant, sender.source, ...own])
}

async function findUnloaded(
  deps: IdentityDeps,
  rowIn: (known: Known) => number | undefined,
): Promise<string | undefined> {
  for (const unloaded of [...deps.unloaded()]) {
    const row = rowIn(known(unloaded.batch))
    if (row === undefined) continue
    if (unloaded.writing !== undefined) {
      const written = await unloaded.writing.then(
        () => true,
        () => false,
      )
      if (!written) continue
    }
    return rowOfLine(lineOf(unloaded.batch, row), unloaded.retention)
  }
  return undefined
}

async function decideSenders(
  deps: IdentityDeps,
  batch: Batch,
  retention: string,
  outcomes: RowOutcome[],
  find: (id: EventId) => Promise<string | undefined>,
): Promise<void> {
  const mine = new Map<string, number>()
  const sequences = await storedSequences(deps, batch, outcomes)
  const textOf = (row: number) => rowOfLine(lineOf(batch, row), retention)
  for (const sender of batch.senders) {
    if (outcomes[sender.row]?.outcome !== 'created') continue
    const id = idOf(batch, sender.row)
    if ('producer' in sender) {
      const name = senderName(sender)
      const first = mine.get(name)
      const of = first === undefined ? sequences.get(name) : idOf(batch, first)
      if (of !== undefined && of !== id) outcomes[sender.row] = { outcome: 'duplicate', of }
      else {
        mine.set(name, sender.row)
        deps.senders.raise(sender, sender.sequence)
      }
      continue
    }
    const hash = keyHash(sender.tenant, sender.source, sender.key)
    const lookUp = async (candidate: EventId | undefined) => {
      if (candidate === undefined || candidate === id) return undefined
      const row = mine.get(candidate)
      const text = row === undefined ? await find(candidate) : textOf(row)
      if (text === undefined) return undefined
      const stored = readRow(text)
      const same = stored.sender !== undefined && 'key' in stored.sender && stored.sender.key === sender.key
      return same && stored.tenant === sender.tenant && stored.source === sender.source ? stored : undefined
    }
    const first = await lookUp(deps.senders.find(hash))
    if (first === undefined) deps.senders.remember(hash, id)
    else {
      const { raw } = readRow(textOf(sender.row))
      if (Buffer.from(first.raw).equals(raw)) {
        outcomes[sender.row] = { outcome: 'duplicate', of: first.id }
        continue
      }
      const exactHash = keyHash(sender.tenant, sender.source, sender.key, raw)
      const again = await lookUp(deps.senders.find(exactHash))
      if (again !== undefined && Buffer.from(again.raw).equals(raw)) {
        outcomes[sender.row] = { outcome: 'duplicate', of: again.id }
        continue
      }
      deps.senders.remember(exactHash, id)
      outcomes[sender.row] = { outcome: 'created', sameKeyAs: first.id }
    }
    mine.set(id, sender.row)
  }
}

/** Of the producers' sequences that are not above the highest stored: which are there, and as which event. */
async function storedSequences(
  deps: IdentityDeps,
  batch: Batch,
  outcomes: RowOutcome[],
): Promise<Map<string, EventId>> {
  const found = new Map<string, EventId>()
  const doubtful = new Map<string, (SenderOf & { producer: string; sequence: number })[]>()
  for (const sender of batch.senders) {
    if (!('producer' in sender) || outcomes[sender.row]?.outcome !== 'created') continue
    if (sender.sequence > deps.senders.highest(sender)) continue
    const key = JSON.stringify([sender.tenant, sender.source, sender.producer])
    const group = doubtful.get(key)
    if (group === undefined) doubtful.set(key, [sender])
    else group.push(sender)
  }
  for (const senders of doubtful.values()) {
    for (const unloaded of [...deps.unloaded()]) {
      const { senders: names } = known(unloaded.batch)
      if (!senders.some((sender) => names.has(senderName(sender)))) continue
      const written = await (unloaded.writing ?? Promise.resolve()).then(
        () => true,
        () => false,
      )
      if (!written) continue
      for (const sender of senders) {
        const row = names.get(senderName(sender))
        if (row !== undefined) found.set(senderName(sender), idOf(unloaded.batch, row))
      }
    }
    const [any] = senders
    if (any === undefined) continue
    const sequences = senders.map((sender) => sender.sequence)
    const snapshot = deps.snapshot()
    try {
      const condition =
        `_producer = ${literal(any.producer)} AND _tenant = ${literal(any.tenant)} AND _source = ${literal(any.source)} ` +
        `AND _sequence BETWEEN ${Math.min(...sequences)} AND ${Math.max(...sequences)}`
      const what = () =>
        `CAST(_sequence AS DOUBLE), _stream || '.' || _generation || '.' || _partition || '.' || _offset`
      const select = selectFrom(
        snapshot.sources.map((source) => ({ source })),
        condition,
        what,
      )
      if (select === '') continue
      for (const [sequence, id] of await deps.engine.rows(select)) {
        found.set(senderName({ ...any, sequence: Number(sequence) }), String(id))
      }
    } finally {
      snapshot.release()
    }
  }
  return found
}
