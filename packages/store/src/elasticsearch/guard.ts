// How near the cluster is to its bounds: shards it may have, and room on its disks. Said before it hurts.
import type { Connection } from './connection.ts'

export interface Guard {
  shards: { used: number; max: number }
  disks: { node: string; usedShare: number; freeBytes: number }[]
  /** In words, what is above four fifths of its bound; empty where all is well. */
  alarms: string[]
}

/** Elasticsearch itself stops placing shards at 85 %, moves them away at 90 % and stops writes at 95 % (disk watermarks). */
export const alarmShare = 0.8

interface Settings {
  persistent?: Record<string, string>
  transient?: Record<string, string>
  defaults?: Record<string, string>
}

const perNode = 'cluster.max_shards_per_node'

export async function guardOf(connection: Connection): Promise<Guard> {
  const [health, settings, stats] = await Promise.all([
    connection.ask<{
      number_of_data_nodes: number
      active_shards: number
      unassigned_shards: number
      initializing_shards: number
    }>('GET', '/_cluster/health'),
    connection.ask<Settings>('GET', '/_cluster/settings', {
      query: { include_defaults: true, flat_settings: true, filter_path: `*.${perNode}` },
    }),
    connection.ask<{
      nodes: Record<string, { name: string; fs?: { total?: { total_in_bytes: number; available_in_bytes: number } } }>
    }>('GET', '/_nodes/stats/fs', { query: { filter_path: 'nodes.*.name,nodes.*.fs.total' } }),
  ])
  const { persistent, transient, defaults } = settings.body
  const limit = Number(transient?.[perNode] ?? persistent?.[perNode] ?? defaults?.[perNode] ?? 1_000)
  const {
    number_of_data_nodes: nodes,
    active_shards: active,
    unassigned_shards: unassigned,
    initializing_shards: starting,
  } = health.body
  const shards = { used: active + unassigned + starting, max: limit * nodes }
  const disks = Object.values(stats.body.nodes).flatMap(({ name, fs }) => {
    const total = fs?.total
    if (total === undefined || total.total_in_bytes === 0) return []
    return [
      {
        node: name,
        usedShare: 1 - total.available_in_bytes / total.total_in_bytes,
        freeBytes: total.available_in_bytes,
      },
    ]
  })
  return { shards, disks, alarms: alarmsOf(shards, disks) }
}

export function alarmsOf(shards: Guard['shards'], disks: Guard['disks']): string[] {
  const alarms: string[] = []
  const percent = (share: number) => `${Math.floor(share * 100)} %`
  if (shards.used >= shards.max * alarmShare) {
    alarms.push(`${shards.used} of ${shards.max} shards are used: soon no day can begin`)
  }
  for (const { node, usedShare } of disks) {
    if (usedShare >= alarmShare)
      alarms.push(`the disk of ${node} is ${percent(usedShare)} full: at 95 % nothing more is stored`)
  }
  return alarms
}
