// How commands answer: NDJSON with --json, text for people otherwise; errors say what to do next.
import { isVardeError } from '@varde/runtime'
import type { Json, JsonObject } from '@varde/schema'

/** Waits while the reader of a pipe is slower; ends quietly when it has gone. */
export async function print(text: string): Promise<void> {
  if (process.stdout.write(text)) return
  await new Promise<void>((resolve) => process.stdout.once('drain', resolve))
}

export function printLine(text = ''): Promise<void> {
  return print(`${text}\n`)
}

export function printJson(value: unknown): Promise<void> {
  return print(`${JSON.stringify(value)}\n`)
}

/** What a node answers, line by line: NDJSON, or each as a row for people, who are told `none` where there is no line. */
export async function printAll(
  lines: AsyncIterable<JsonObject>,
  json: boolean | undefined,
  row: (line: JsonObject) => string,
  none?: string,
): Promise<void> {
  let isEmpty = true
  for await (const line of lines) {
    isEmpty = false
    await (json === true ? printJson(line) : printLine(row(line)))
  }
  if (isEmpty && none !== undefined && json !== true) remark(none)
}

/** The value at a dotted path as text; empty where there is none. */
export function textAt(value: Json | undefined, path: string): string {
  let found: Json | undefined = value
  for (const key of path.split('.'))
    found = typeof found === 'object' && found !== null && !Array.isArray(found) ? found[key] : undefined
  return found === undefined || found === null ? '' : typeof found === 'object' ? JSON.stringify(found) : String(found)
}

/** Progress and remarks go to stderr: stdout holds results only. */
export function remark(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** A line that is written over, on a terminal; nothing elsewhere. */
export function progressLine(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`)
}

/** What the system refuses most often, in words: a stack tells nobody which path to mend. */
const refusals: Record<string, { what: string; hint: string }> = {
  ENOENT: { what: 'there is no', hint: `Check the path; it is looked for from ${process.cwd()}.` },
  EACCES: { what: 'no permission for', hint: 'Run it as the user who owns the folder, or name another path.' },
  EPERM: { what: 'no permission for', hint: 'Run it as the user who owns the folder, or name another path.' },
  EROFS: { what: 'a read-only file system holds', hint: 'Name a folder that can be written.' },
  EISDIR: { what: 'a folder, where a file is wanted:', hint: 'Name a file.' },
  ENOTDIR: { what: 'a file, where a folder is wanted:', hint: 'Name a folder.' },
  EEXIST: { what: 'there is already', hint: 'Name another path, or move that one away.' },
  ENOSPC: { what: 'the disk is full:', hint: 'Make room on it and try again; what was acknowledged is kept.' },
}

export function explain(error: unknown): string {
  if (isVardeError(error))
    return `${error.message}${error.hint === undefined ? '' : `\n  → ${error.hint}`}\n  (${error.code})`
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const refusal = refusals[code]
  if (refusal === undefined || !('path' in error) || typeof error.path !== 'string') return error.stack ?? error.message
  return `${refusal.what} ${error.path}\n  → ${refusal.hint}\n  (${code})`
}

/** Rows with aligned columns. */
export function table(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) =>
      row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  '),
    )
    .join('\n')
}
