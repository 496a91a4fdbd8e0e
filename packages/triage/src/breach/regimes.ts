// Regimes: whose clocks run after a breach. Each is a file in `regimes/`, and a house can have its own folder of them.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { VardeError } from '@varde/runtime'
import { breachAnchors, filingKinds } from '@varde/schema'
import { parse } from 'yaml'
import { z } from 'zod'

const Words = z.strictObject({ da: z.string(), en: z.string() })
/** Hours and days, or calendar months: what the laws count in. */
const Duration = z.string().regex(/^(PT\d+H|P\d+D|P\d+M)$/, 'a duration such as PT72H, P30D or P1M')

const Regime = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,64}$/),
  title: Words,
  source: z.string(),
  applies: Words,
  clocks: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[a-z0-9-]{1,64}$/),
        title: Words,
        source: z.string(),
        anchor: z.enum(breachAnchors),
        /** Runs from the filing of this other clock of the regime, or from its due time while there is none. */
        after: z.string().optional(),
        within: Duration.optional(),
        warnAtHours: z.array(z.number().positive()),
        to: z.enum(filingKinds),
        each: z.enum(['case', 'controller']),
      }),
    )
    .min(1),
})
export type Regime = z.infer<typeof Regime>

const shipped = join(import.meta.dirname, '..', '..', 'regimes')

/** Those of `folder` replace shipped ones of the same id. Throws REGIME_INVALID naming the file and what is wrong. */
export function loadRegimes(folder?: string): Regime[] {
  const found = new Map<string, Regime>()
  for (const from of folder === undefined ? [shipped] : [shipped, folder]) {
    for (const name of readdirSync(from)
      .filter((file) => /\.ya?ml$/.test(file))
      .sort()) {
      const path = join(from, name)
      const read = Regime.safeParse(parse(readFileSync(path, 'utf8')))
      if (!read.success)
        throw new VardeError('REGIME_INVALID', `${path}: ${z.prettifyError(read.error)}`, {
          hint: 'See packages/triage/regimes for how one looks.',
        })
      found.set(read.data.id, read.data)
    }
  }
  return [...found.values()]
}

/** UTC milliseconds. A month ends on the same day of the next month, or on its last day. */
export function addDuration(start: number, duration: string): number {
  const count = Number(/\d+/.exec(duration)?.[0])
  if (duration.startsWith('PT')) return start + count * 3_600_000
  if (duration.endsWith('D')) return start + count * 86_400_000
  const from = new Date(start)
  const last = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + count + 1, 0)).getUTCDate()
  const day = Math.min(from.getUTCDate(), last)
  return Date.UTC(
    from.getUTCFullYear(),
    from.getUTCMonth() + count,
    day,
    from.getUTCHours(),
    from.getUTCMinutes(),
    from.getUTCSeconds(),
    from.getUTCMilliseconds(),
  )
}
