// Cells of CSV files that are safe to open, and text that is safe inside HTML.

/** RFC 4180; what a spreadsheet would run as a formula gets an apostrophe (OWASP, CSV Injection). */
export function csvCell(value: string | number | boolean | undefined): string {
  if (typeof value !== 'string') return value === undefined ? '' : String(value)
  const safe = isFormula(value) ? `'${value}` : value
  return /[",;\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

function isFormula(text: string): boolean {
  // Most cells begin with a letter or digit, and need no more than that look.
  const first = text.charCodeAt(0) | 0x20
  if ((first >= 0x61 && first <= 0x7a) || (first >= 0x30 && first <= 0x39)) return false
  return /^\s*[=+\-@＝＋－＠]|^[\t\r]/.test(text)
}

export function csvRow(cells: (string | number | boolean | undefined)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** For text and for attributes in quotes. Control characters that would reorder or hide text are shown by their number. */
export function html(text: string | number): string {
  return String(text)
    .replace(/[&<>"']/g, (char) => entities[char] ?? char)
    .replace(
      // Everything of category C (control, format, unassigned) but tab and line ends.
      /[^\P{C}\t\n\r]/gu,
      (char) => `[U+${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}]`,
    )
}
