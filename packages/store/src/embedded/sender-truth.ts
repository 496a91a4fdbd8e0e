// What the stored events say about their senders: fills the derived index, and checks it.
import { type EventId, homeOf } from '@varde/schema'
import { type Batch, lineOf } from './batch.ts'
import type { Engine } from './duckdb.ts'
import { idOf, storedRows } from './identity.ts'
import { keyHash, type Senders } from './senders.ts'
import { type Source, selectFrom } from './sources.ts'
import { readRow, rowOfLine } from './stored-row.ts'
import type { Tier } from './tier.ts'

/** Of a batch that was found in the log. */
export function rememberBatch(senders: Senders, batch: Batch, retention: string): void {
  for (const sender of batch.senders) {
    const id = idOf(batch, sender.row)
    if ('producer' in sender) senders.raise(sender, sender.sequence)
    else {
      const hash = keyHash(sender.tenant, sender.source, sender.key)
      const known = senders.find(hash)
      if (known === undefined) senders.remember(hash, id)
      else if (known !== id) {
        // The same key with other content: known by both.
        const { raw } = readRow(rowOfLine(lineOf(batch, sender.row), retention))
        senders.remember(keyHash(sender.tenant, sender.source, sender.key, raw), id)
      }
    }
  }
}

/** Of the segments that the index has not seen: all of them where it was lost. */
export async function coverSegments(engine: Engine, senders: Senders, tier: Tier): Promise<number> {
  const covered = senders.covered()
  let missing = 0
  const snapshot = tier.snapshot()
  try {
    for (const source of snapshot.sources) {
      const name = source.segment?.name
      if (name === undefined || covered.has(name)) continue
      try {
        missing += await rememberSource(engine, senders, tier, source)
      } catch {
        // A damaged segment: check() names it. It stays uncovered, and is tried again at the next start.
        continue
      }
      senders.cover(name)
      senders.commit(true)
    }
  } finally {
    snapshot.release()
  }
  return missing
}

/** How many identities of the source the index did not know, or knew wrongly; it knows them now. */
export async function rememberSource(engine: Engine, senders: Senders, tier: Tier, source: Source): Promise<number> {
  let missing = 0
  const producers = selectFrom(
    [{ source }],
    '_producer IS NOT NULL GROUP BY ALL',
    () => '_tenant, _source, _producer, CAST(max(_sequence) AS DOUBLE)',
  )
  for (const [tenant, from, producer, sequence] of await engine.rows(producers)) {
    const named = { tenant: String(tenant), source: String(from), producer: String(producer) }
    if (senders.highest(named) < Number(sequence)) missing += 1
    senders.raise(named, Number(sequence))
  }
  const keys = selectFrom(
    [{ source }],
    '_key IS NOT NULL',
    (_file, row) =>
      `_tenant, _source, _key, _stream || '.' || _generation || '.' || _partition || '.' || _offset, CAST(${row} AS DOUBLE) AS place`,
  )
  for (const [tenant, from, key, id] of await engine.rows(`${keys} ORDER BY place`)) {
    const hash = keyHash(String(tenant), String(from), String(key))
    const known = senders.find(hash)
    if (known === String(id)) continue
    const other = known === undefined ? undefined : await rowText(engine, tier, known)
    const sender = other === undefined ? undefined : readRow(other).sender
    if (sender === undefined || !('key' in sender) || sender.key !== String(key)) {
      senders.remember(hash, String(id))
      missing += 1
      continue
    }
    const mine = await rowText(engine, tier, String(id))
    if (mine === undefined) continue
    const exact = keyHash(String(tenant), String(from), String(key), readRow(mine).raw)
    if (senders.find(exact) !== String(id)) {
      senders.remember(exact, String(id))
      missing += 1
    }
  }
  senders.commit()
  return missing
}

async function rowText(engine: Engine, tier: Tier, id: EventId): Promise<string | undefined> {
  const home = homeOf(id)
  if (home === undefined) return undefined
  return (await storedRows(engine, tier.snapshot(), home, [home.offset])).get(home.offset)
}
