// File paths of Windows and Unix, taken apart as ECS wants them.
import { type EventDocument, put } from './document.ts'

/** What follows the last separator; undefined where there is none or nothing follows. */
export function fileName(path: string): string | undefined {
  const at = Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/'))
  return at < 0 || at === path.length - 1 ? undefined : path.slice(at + 1)
}

/** `file.path` and its parts under a prefix such as `file`. */
export function putFile(document: EventDocument, prefix: string, path: string | undefined): void {
  if (path === undefined || path === '' || path === '-') return
  put(document, `${prefix}.path`, path)
  const name = fileName(path)
  if (name === undefined) return
  put(document, `${prefix}.name`, name)
  put(document, `${prefix}.directory`, path.slice(0, path.length - name.length - 1))
  const dot = name.lastIndexOf('.')
  if (dot > 0 && dot < name.length - 1) put(document, `${prefix}.extension`, name.slice(dot + 1))
}

/** `process.executable` and `process.name` under a prefix such as `process.parent`. */
export function putProcess(document: EventDocument, prefix: string, path: string | undefined): void {
  if (path === undefined || path === '' || path === '-') return
  put(document, `${prefix}.executable`, path)
  put(document, `${prefix}.name`, fileName(path))
}

/** Arguments of a Windows command line: split at spaces outside double quotes, quotes kept (as Winlogbeat shows them). */
export function splitCommandLine(line: string): string[] {
  const parts: string[] = []
  let from = -1
  let quoted = false
  for (let at = 0; at <= line.length; at++) {
    const code = at === line.length ? 0x20 : line.charCodeAt(at)
    if (code === 0x22) quoted = !quoted
    if ((code === 0x20 || code === 0x09) && (!quoted || at === line.length)) {
      if (from >= 0) parts.push(line.slice(from, at))
      from = -1
    } else if (from < 0) from = at
  }
  if (from >= 0) parts.push(line.slice(from))
  return parts
}
