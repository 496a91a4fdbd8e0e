// Copies of all that is ours into a snapshot repository that the cluster knows.
import { VardeError } from '@varde/runtime'
import type { ReadDeps } from './event-search.ts'

export interface SnapshotResult {
  name: string
  indices: number
  /** Of the copy; what an earlier one holds already is not copied again. */
  shards: number
}

const snapshotTimeoutMs = 30 * 60_000

/** The repository is the administrator's: made once with `PUT /_snapshot/NAME`. Resolves when the copy is whole. */
export async function takeSnapshot(
  { connection, names }: ReadDeps,
  repository: string,
  now: number,
): Promise<SnapshotResult> {
  const name = `${names.prefix}-${new Date(now).toISOString().slice(0, 19).replaceAll(/[:T]/g, '-')}`
  const { status, body } = await connection.ask<{
    error?: { reason?: string }
    snapshot?: { state: string; indices: string[]; shards: { total: number; failed: number } }
  }>('PUT', `/_snapshot/${encodeURIComponent(repository)}/${name}`, {
    body: { indices: `${names.prefix}-*`, include_global_state: false },
    query: { wait_for_completion: true },
    timeoutMs: snapshotTimeoutMs,
    accept: [404],
  })
  const { snapshot } = body
  if (status === 404 || snapshot === undefined) {
    throw new VardeError('STORE_REQUEST', `the cluster has no snapshot repository "${repository}"`, {
      hint: 'Make one with PUT /_snapshot/NAME, and name it in store settings.',
      facts: { repository },
    })
  }
  if (snapshot.state !== 'SUCCESS') {
    throw new VardeError(
      'STORE_UNAVAILABLE',
      `the snapshot ${name} is ${snapshot.state}: ${snapshot.shards.failed} shards are missing`,
      {
        hint: 'Look at the cluster, then take another.',
        facts: { repository, name },
      },
    )
  }
  return { name, indices: snapshot.indices.length, shards: snapshot.shards.total }
}
