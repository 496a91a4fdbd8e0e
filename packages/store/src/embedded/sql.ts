// Spelling values in DuckDB's SQL.

/** A string literal. NUL can't stand in the text of a statement, so it is built. */
export function literal(value: string): string {
  const quoted = `'${value.replaceAll("'", "''")}'`
  return quoted.includes('\0') ? `(${quoted.split('\0').join(`' || chr(0) || '`)})` : quoted
}

export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A column that is NULL in every row. */
export function nothingAs(name: string, type: string): string {
  return `CAST(NULL AS ${type}) AS ${identifier(name)}`
}

/** A JSON path to one member whose name holds dots; `"` and `\` can't be escaped in DuckDB's paths, so a pointer is used. */
export function pointer(key: string): string {
  return literal(`/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`)
}

export function list(values: readonly string[]): string {
  return values.map(literal).join(', ')
}
