// A sentence with holes, such as `Deny {transport} src {src} dst {dst}`. Each hole runs to the first place where the next literal stands,
// so a match walks the text once, left to right, and cannot backtrack.

export interface SentencePattern {
  readonly pattern: string
  /** One name a hole, in order. */
  readonly names: readonly string[]
  /**
   * The text of each hole, or undefined where a literal is missing. The pattern needs only be the beginning of the text; a hole at
   * the very end takes all that is left.
   */
  match(text: string, from?: number): string[] | undefined
}

export function sentence(pattern: string): SentencePattern {
  const literals: string[] = []
  const names: string[] = []
  let at = 0
  for (;;) {
    const open = pattern.indexOf('{', at)
    if (open < 0) break
    const close = pattern.indexOf('}', open)
    if (close < 0) throw new TypeError(`sentence pattern without a closing brace: ${pattern}`)
    literals.push(pattern.slice(at, open))
    names.push(pattern.slice(open + 1, close))
    at = close + 1
  }
  const tail = pattern.slice(at)
  const head = literals[0] ?? tail

  function match(text: string, from = 0): string[] | undefined {
    if (!text.startsWith(head, from)) return undefined
    const values: string[] = []
    let position = from + head.length
    for (let hole = 0; hole < names.length; hole++) {
      const next = hole + 1 < literals.length ? (literals[hole + 1] ?? '') : tail
      const end = next === '' ? text.length : text.indexOf(next, position)
      if (end < 0) return undefined
      values.push(text.slice(position, end))
      position = end + next.length
    }
    return values
  }
  return { pattern, names, match }
}
