// What an edit of the rules took away: rules gone or off, severities lowered, exceptions that came new.
import type { CompiledRule } from '@varde/detection'
import { severities } from '@varde/schema'
import type { HouseEvent } from './house-event.ts'

type Rules = ReadonlyMap<string, CompiledRule>

export const rulesById = (rules: readonly CompiledRule[]): Rules => new Map(rules.map((rule) => [rule.id, rule]))

/** One event a rule that differs. `at`: when it was read. */
export function ruleChanges(before: Rules, after: Rules, at: number): HouseEvent[] {
  const found: HouseEvent[] = []
  for (const id of new Set([...before.keys(), ...after.keys()])) {
    const [old, now] = [before.get(id), after.get(id)]
    if (old?.fileDigest === now?.fileDigest && old?.digest === now?.digest) continue
    const changes = changesOf(old, now, at)
    if (changes.length > 0) found.push(changeEvent(id, old, now, changes, at))
  }
  return found
}

/** An exception that holds for longer than this is a rule that was cut, not an exception. */
const longMs = 366 * 24 * 60 * 60_000

function changesOf(old: CompiledRule | undefined, now: CompiledRule | undefined, at: number): string[] {
  if (old === undefined) return ['added']
  if (now === undefined) return ['removed']
  const known = new Set(old.exceptions.map(exceptionText))
  const fresh = now.exceptions.filter((one) => !known.has(exceptionText(one)))
  return [
    ...(old.enabled && !now.enabled ? ['disabled'] : []),
    ...(!old.enabled && now.enabled ? ['enabled'] : []),
    ...(rank(now) < rank(old) ? ['severity-lowered'] : []),
    ...(fresh.length > 0 ? ['exception-added'] : []),
    ...(fresh.some(({ endsAt }) => endsAt - at > longMs) ? ['exception-long'] : []),
    ...(old.digest === now.digest ? [] : ['decides-otherwise']),
  ]
}

const rank = ({ severity }: CompiledRule): number => severities.indexOf(severity)
const exceptionText = ({ when, until }: CompiledRule['exceptions'][number]) => `${until} ${when.source}`

function changeEvent(
  id: string,
  old: CompiledRule | undefined,
  now: CompiledRule | undefined,
  changes: string[],
  at: number,
): HouseEvent {
  const name = (now ?? old)?.name ?? id
  return {
    key: `rule-changed/${id}/${old?.fileDigest ?? ''}/${now?.fileDigest ?? ''}/${at}`,
    at,
    action: 'rule-changed',
    category: ['configuration'],
    message: `rule ${id} (${name}): ${changes.join(', ')}`,
    fields: {
      rule: { id, name },
      varde: {
        rule: {
          changes,
          ...(old && { severity_before: old.severity }),
          ...(now && { severity_after: now.severity }),
        },
      },
    },
  }
}
