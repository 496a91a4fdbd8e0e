// Provisional alerts that a correlator raised, died before its snapshot, and after the restart met their hits in other batches: nobody tells them any more.
import { partitionOf } from '@varde/bus'
import { Alert, type Digest, hitKey } from '@varde/schema'
import { collections, type Store } from '@varde/store'
import { groupOf } from '../rules/hit.ts'
import type { CompiledRule } from '../rules/rule.ts'
import { type AlertWrite, groupText, orphanWrites } from './alert.ts'

export interface OrphansDeps {
  store: Store
  hitsPartitions: number
  ruleOf(digest: Digest): CompiledRule | undefined
  write(found: AlertWrite): Promise<void>
}

const pageMax = 1_000

/** Undoes those whose windows meet in the partition of `hits` and began before its watermark: what stands was made final. */
export async function undoOrphans(
  deps: OrphansDeps,
  { partition, watermark }: { partition: number; watermark: number },
): Promise<void> {
  const where = { finality: 'provisional', 'anchor.time': { lt: watermark } }
  for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
    const page = await deps.store.documents.list(collections.alerts.name, {
      where,
      limit: pageMax,
      ...(cursor === undefined ? {} : { cursor }),
    })
    const provisional = page.docs.flatMap(({ doc }) => Alert.safeParse(doc).data ?? [])
    const mine = provisional.filter((alert) => partitionOfAlert(deps, alert) === partition)
    for (const write of orphanWrites(mine, watermark)) await deps.write(write)
    cursor = page.next
  }
}

/** Where its hits went; alerts of rules that are gone are the first partition's. */
function partitionOfAlert({ ruleOf, hitsPartitions }: OrphansDeps, alert: Alert): number {
  const rule = ruleOf(alert.rule.digest)
  if (rule === undefined) return 0
  return partitionOf(hitKey({ rule: rule.digest, ...groupOf(rule, groupText(alert, rule)) }), hitsPartitions)
}
