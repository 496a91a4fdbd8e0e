// CSV lines (RFC 4180): quotes doubled or backslashed, a missing closing quote read to the end.

/** The columns of one line. */
export function readCsv(text: string, from = 0, separator: ',' | ';' | '\t' | '|' | ' ' = ','): string[] {
  const columns: string[] = []
  const split = separator.charCodeAt(0)
  const length = text.length
  let at = from
  while (at <= length) {
    if (text.charCodeAt(at) === 0x22) {
      const quoted = readColumn(text, at + 1)
      columns.push(quoted.value)
      at = quoted.end
      // What stands between the closing quote and the separator belongs to nobody; skipped.
      while (at < length && text.charCodeAt(at) !== split) at++
      at++
      if (at > length) break
      continue
    }
    const end = text.indexOf(separator, at)
    if (end < 0) {
      columns.push(text.slice(at))
      break
    }
    columns.push(text.slice(at, end))
    at = end + 1
  }
  return columns
}

function readColumn(text: string, from: number): { value: string; end: number } {
  let value = ''
  let chunk = from
  for (let at = from; at < text.length; at++) {
    if (text.charCodeAt(at) !== 0x22) continue
    if (text.charCodeAt(at + 1) === 0x22) {
      value += text.slice(chunk, at + 1)
      at++
      chunk = at + 1
      continue
    }
    return { value: value + text.slice(chunk, at), end: at + 1 }
  }
  return { value: value + text.slice(chunk), end: text.length }
}
