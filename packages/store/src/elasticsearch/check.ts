// What is not whole in the cluster, of what is ours.
import type { StoreFinding } from '../port.ts'
import type { ReadDeps } from './event-search.ts'

interface Health {
  indices?: Record<string, { status: 'green' | 'yellow' | 'red'; unassigned_shards: number }>
}

export async function checkCluster(
  { connection, names }: ReadDeps,
  progress?: (done: number, total: number) => void,
): Promise<StoreFinding[]> {
  progress?.(0, 1)
  const { body } = await connection.ask<Health>('GET', `/_cluster/health/${encodeURIComponent(`${names.prefix}-*`)}`, {
    query: { level: 'indices', timeout: '5s' },
    accept: [408],
  })
  const findings: StoreFinding[] = []
  for (const [index, { status, unassigned_shards: missing }] of Object.entries(body.indices ?? {})) {
    if (status !== 'red') continue
    findings.push({
      file: index,
      problem: `${missing} shards of it are on no node: part of its events cannot be read`,
      rebuilt: false,
    })
  }
  progress?.(1, 1)
  return findings
}
