// The search language as a tree: what the parser makes, the printer prints and both stores compile.

export type Query =
  | { kind: 'all' }
  | { kind: 'and'; of: Query[] }
  | { kind: 'or'; of: Query[] }
  | { kind: 'not'; of: Query }
  /** Free text: every word of it, case-insensitive, in the raw line. `*` inside a bare word is a wildcard. */
  | { kind: 'text'; value: TextValue }
  /** `field: value`; on arrays: any element. An IP field takes CIDR. */
  | { kind: 'field'; field: string; value: FieldValue }
  /** `field >= value`. */
  | { kind: 'range'; field: string; op: '<' | '<=' | '>' | '>='; value: string }
  /** `field: *` */
  | { kind: 'exists'; field: string }

/** A phrase was quoted: wildcards in it are plain characters. */
export type TextValue =
  | { kind: 'word'; text: string }
  | { kind: 'phrase'; text: string }
  | { kind: 'wildcard'; pattern: string }
/**
 * Keywords match whole and case-sensitively, as in Kibana; `wildcard` patterns too: `*` is any run of characters, `\\*` a
 * plain star and `\\\\` a plain backslash.
 */
export type FieldValue = TextValue | { kind: 'cidr'; network: string }

export interface QueryError {
  /** For a person, without the position. */
  message: string
  /** UTF-16 positions in the text: the first wrong character, and one past the last. */
  from: number
  to: number
  /** A text that would parse, where we can guess one. */
  suggestion?: string
}
