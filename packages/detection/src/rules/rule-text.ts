// The text of a rule file as a tree that knows where everything stands, so that errors name line and column.
import { isScalar, LineCounter, type Node, parseDocument, Scalar } from 'yaml'
import type { RuleError } from './rule.ts'

export type Path = readonly PropertyKey[]

export interface RuleText {
  value: unknown
  /** Where the value at the path begins, or the nearest parent that is there. */
  error(path: Path, message: string): RuleError
  /** The place of a character of a text value, as far as the YAML style lets us tell. */
  errorInside(path: Path, line: number, column: number, message: string): RuleError
}

export type RuleTextResult = { ok: true; text: RuleText } | { ok: false; errors: RuleError[] }

export function parseRuleText(text: string, file: string): RuleTextResult {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  const at = (offset: number): { line: number; column: number } => {
    const place = lines.linePos(offset)
    return { line: Math.max(1, place.line), column: Math.max(1, place.col) }
  }
  if (document.errors.length > 0) {
    return {
      ok: false,
      errors: document.errors.map((error) => ({ file, ...at(error.pos[0]), path: '', message: error.message })),
    }
  }
  const node = (path: Path): Node | undefined => {
    for (let length = path.length; length >= 0; length--) {
      const found = document.getIn(path.slice(0, length), true)
      if (hasRange(found)) return found
    }
    return undefined
  }
  const error = (path: Path, message: string): RuleError => ({
    file,
    ...at(node(path)?.range?.[0] ?? 0),
    path: path.join('.'),
    message,
  })
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: 50 })
  } catch (cause) {
    return { ok: false, errors: [{ file, line: 1, column: 1, path: '', message: String(cause) }] }
  }
  return {
    ok: true,
    text: {
      value,
      error,
      errorInside(path, line, column, message) {
        const outer = error(path, message)
        const scalar = node(path)
        if (!isScalar(scalar)) return outer
        return { ...outer, ...inside(scalar, text, at, line, column) }
      },
    },
  }
}

function hasRange(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'range' in value && Array.isArray(value.range)
}

/** Literal blocks keep their lines, one-line scalars their columns; of folded text only the beginning is told. */
function inside(
  scalar: Scalar,
  text: string,
  at: (offset: number) => { line: number; column: number },
  line: number,
  column: number,
): { line: number; column: number } {
  const start = scalar.range?.[0] ?? 0
  if (scalar.type === Scalar.BLOCK_LITERAL) {
    const header = text.indexOf('\n', start)
    const first = at(header + 1)
    const indent = /^[ ]*/.exec(text.slice(header + 1))?.[0].length ?? 0
    return { line: first.line + line - 1, column: indent + column }
  }
  const place = at(start)
  if (line > 1 || scalar.type === Scalar.BLOCK_FOLDED) return place
  const quote = scalar.type === Scalar.QUOTE_DOUBLE || scalar.type === Scalar.QUOTE_SINGLE ? 1 : 0
  return { line: place.line, column: place.column + quote + column - 1 }
}
