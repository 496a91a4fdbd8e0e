// Text messages by their fixed words: `Teardown <proto> connection <id> for <from> to <to>`. Linear: no backtracking.

export type Dissected = Record<string, string>

/** Gives the named parts, or undefined where the fixed words are not there in this order. */
export type Dissect = (text: string, from?: number) => Dissected | undefined

interface Step {
  name: string
  /** What follows the named part; '' for the end of the text. */
  literal: string
}

const cache = new Map<string, Dissect>()

/**
 * Compiles a pattern. `<name>` takes the text up to the next fixed word (the first place where it stands), `<_>` skips;
 * the last one takes the rest. A pattern must begin at the given place; without a trailing `<…>` it may end before the text.
 */
export function dissect(pattern: string): Dissect {
  const known = cache.get(pattern)
  if (known !== undefined) return known
  const { head, steps } = compile(pattern)
  const run: Dissect = (text, from = 0) => {
    if (!text.startsWith(head, from)) return undefined
    const parts: Dissected = {}
    let at = from + head.length
    for (const step of steps) {
      const end = step.literal === '' ? text.length : text.indexOf(step.literal, at)
      if (end < 0) return undefined
      if (step.name !== '_') parts[step.name] = text.slice(at, end)
      at = end + step.literal.length
    }
    return parts
  }
  cache.set(pattern, run)
  return run
}

function compile(pattern: string): { head: string; steps: Step[] } {
  const steps: Step[] = []
  let at = pattern.indexOf('<')
  const head = at < 0 ? pattern : pattern.slice(0, at)
  while (at >= 0 && at < pattern.length) {
    const close = pattern.indexOf('>', at)
    if (close < 0) break
    const next = pattern.indexOf('<', close)
    steps.push({
      name: pattern.slice(at + 1, close),
      literal: pattern.slice(close + 1, next < 0 ? pattern.length : next),
    })
    at = next
  }
  return { head, steps }
}
