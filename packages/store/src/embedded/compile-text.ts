// Free text over the raw line, as a regular expression that DuckDB's RE2 runs in linear time.
import type { TextValue } from '@varde/schema'
import { patternParts } from '../query-values.ts'
import { literal } from './sql.ts'

/**
 * The text stands in the line, whatever its case, and no letter, digit or `_` touches an end of it that is one itself:
 * `10.0.0.5` is not in `10.0.0.50`, `anna` is in `DOM\anna`. A wildcard's `*` is any run without white space; at an end
 * it lifts the rule for that end.
 */
export function textCondition(value: TextValue): string {
  const parts = value.kind === 'wildcard' ? patternParts(value.pattern) : [value.text]
  if (parts.every((part) => part === '')) return 'TRUE'
  const [first = ''] = parts
  const last = parts[parts.length - 1] ?? ''
  const before = isWordCharacter([...first][0]) ? '(?:^|[^\\pL\\pN_])' : ''
  const after = isWordCharacter([...last].at(-1)) ? '(?:[^\\pL\\pN_]|$)' : ''
  // At an end the run may be empty, so there is nothing to ask there.
  const inner = parts.map(escapeExpression)
  if (value.kind === 'wildcard') {
    while (inner[0] === '') inner.shift()
    while (inner.at(-1) === '') inner.pop()
  }
  const run = inner.join('[^\\t\\n\\v\\f\\r ]*')
  // Four times as fast, and the same where no character has another case.
  const isCaseless = parts.length === 1 && caseless.test(first)
  const anywhere = isCaseless ? `contains(_raw, ${literal(first)})` : `regexp_matches(_raw, ${literal(`(?i)${run}`)})`
  if (before === '' && after === '') return anywhere
  // The classes at the ends make it four times as slow: only lines that hold the text at all are looked at so closely.
  return `(${anywhere} AND regexp_matches(_raw, ${literal(`(?i)${before}${run}${after}`)}))`
}

/** An address, a number, a time of day. */
const caseless = /^[ -@[-`{-~]+$/

export function isWordCharacter(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}_]/u.test(character)
}

/** The text itself, for RE2. */
export function escapeExpression(text: string): string {
  // NUL can't stand in a pattern as it is.
  return text.replace(/[\\^$.|?*+()[\]{}\-/#&~]/g, '\\$&').replaceAll('\0', '\\x00')
}
