// Imported history: into the stream, sealed, and then detected by the clock of its events.
import { type ReplayProgress, replay } from '@varde/detection'
import { type ImportProgress, importFiles } from '@varde/ingest'
import type { Node } from './wiring.ts'
import { stream } from './wiring.ts'

export interface HistoryOptions {
  source: string
  tenant?: string
  dataset?: string
  timeZone?: string
  signal?: AbortSignal
}

export type HistoryStep =
  | ({ step: 'import' } & ImportProgress)
  | { step: 'seal' }
  | ({ step: 'detect' } & ReplayProgress)
  | { step: 'done'; records: number; skippedBytes: number; alerts: number }

/** Runs all rules over the imported events of the whole store: ids of alerts are deterministic, so doing it again adds nothing. */
export async function detectHistory(
  node: Node,
  tell: (step: HistoryStep) => void,
  signal?: AbortSignal,
): Promise<number> {
  await node.store.settle()
  const { oldest, newest } = await node.store.events.stats()
  if (oldest === undefined || newest === undefined) return 0
  const found = await replay(
    { store: node.store },
    {
      ruleSet: node.rules.current(),
      from: oldest,
      to: newest + 1,
      imported: true,
      progress: (progress) => tell({ step: 'detect', ...progress }),
      ...(signal === undefined ? {} : { signal }),
    },
  )
  for (const alert of found.alerts) await node.alerts.raise(alert)
  return found.alerts.length
}

export async function importHistory(
  node: Node,
  files: string[],
  options: HistoryOptions,
  tell: (step: HistoryStep) => void,
): Promise<void> {
  const { signal, ...rest } = options
  const imported = await importFiles(files, {
    bus: node.bus,
    documents: node.store.documents,
    stream,
    ...rest,
    lagRecords: () => node.ingest.lastHealth()?.lagRecords ?? 0,
    onProgress: (progress) => tell({ step: 'import', ...progress }),
    ...(signal === undefined ? {} : { signal }),
  })
  tell({ step: 'seal' })
  await node.ingest.drained()
  const alerts = await detectHistory(node, tell, signal)
  const records = imported.reduce((sum, file) => sum + file.records, 0)
  const skippedBytes = imported.reduce((sum, file) => sum + file.skippedBytes, 0)
  tell({ step: 'done', records, skippedBytes, alerts })
}
