// MITRE ATT&CK ids: what they are called, and what version 19 (April 2026) re-numbered.
import { attackTactics, attackTechniques } from './attack.gen.ts'

export interface AttackEntry {
  id: string
  name: string
  /** Short names, such as `credential-access`; empty for a tactic itself. */
  tactics: readonly string[]
  /** The id that version 18 used, where version 19 has another. */
  formerly?: string
}

/** Version 18 → version 19: impairing defences became techniques of their own. */
export const attackRenumbered: Readonly<Record<string, string>> = {
  'T1562.001': 'T1685',
  'T1562.002': 'T1685.001',
  'T1070.001': 'T1685.005',
  'T1562.004': 'T1686',
  'T1562.010': 'T1689',
}

const former = new Map(Object.entries(attackRenumbered).map(([v18, v19]) => [v19, v18]))
const entries = new Map<string, AttackEntry>()
for (const [id, name, tactics] of attackTechniques) entries.set(id, { id, name, tactics: tactics.split(' ') })
for (const [id, name] of attackTactics) entries.set(id, { id, name, tactics: [] })

/** The technique or tactic of an id of version 18 or 19; undefined where there is none. */
export function attackEntry(id: string): AttackEntry | undefined {
  const formerly = former.get(id)
  if (formerly === undefined) return entries.get(id)
  const before = entries.get(formerly)
  return before === undefined ? undefined : { ...before, id, formerly }
}
