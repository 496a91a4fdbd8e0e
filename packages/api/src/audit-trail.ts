// The product's own audit as people read it: newest first, by person and action, and whether its chain is whole.
import { type EntriesCheck, type EntryStreams, type SealedEntry, verifyEntries } from '@varde/evidence'
import type { AuditEntry, AuditPage } from './contract/audit.ts'

export interface AuditFilter {
  /** Name of the person. */
  by?: string | undefined
  /** Such as `key.create`; with a dot at the end all actions that begin so. */
  action?: string | undefined
}

const stream = '@audit'
/** Entries that are looked at in one go. */
const blockEntries = 500

/** The newest entries below `before`, at most `limit` of them; `next` is where the page after it begins. */
export async function auditPage(
  entries: Pick<EntryStreams, 'read' | 'last'>,
  filter: AuditFilter,
  { before, limit }: { before?: number | undefined; limit: number },
): Promise<AuditPage> {
  const found: AuditEntry[] = []
  for (let to = before ?? ((await entries.last(stream))?.link.seq ?? -1) + 1; to > 0; ) {
    const from = Math.max(0, to - blockEntries)
    const block = await Array.fromAsync(entries.read(stream, { from, to }))
    for (const entry of block.reverse()) {
      if (!isWanted(entry, filter)) continue
      found.push(entryOf(entry))
      if (found.length === limit) return { entries: found, ...(entry.link.seq === 0 ? {} : { next: entry.link.seq }) }
    }
    to = from
  }
  return { entries: found }
}

/** Walks the whole chain. */
export async function checkAudit(entries: Pick<EntryStreams, 'read'>): Promise<EntriesCheck> {
  let after: SealedEntry['link'] | undefined
  let count = 0
  let block: SealedEntry[] = []
  const check = (): EntriesCheck => {
    const checked = verifyEntries(block, after)
    if (!checked.ok) return checked
    after = checked.last
    count += checked.count
    block = []
    return { ...checked, count }
  }
  for await (const entry of entries.read(stream)) {
    block.push(entry)
    if (block.length < blockEntries) continue
    const checked = check()
    if (!checked.ok) return checked
  }
  return check()
}

function isWanted({ body }: SealedEntry, { by, action }: AuditFilter): boolean {
  const did = String(body?.['action'] ?? '')
  const isAction = action === undefined || (action.endsWith('.') ? did.startsWith(action) : did === action)
  return isAction && (by === undefined || body?.['by'] === by)
}

function entryOf({ link, body }: SealedEntry): AuditEntry {
  const { by, action, subject, detail } = body ?? {}
  return {
    seq: link.seq,
    at: link.at,
    by: String(by ?? ''),
    action: String(action ?? ''),
    subject: String(subject ?? ''),
    detail: typeof detail === 'object' && detail !== null && !Array.isArray(detail) ? detail : {},
  }
}
