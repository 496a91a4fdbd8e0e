// How the report looks, and its tables.
import { html } from './csv.ts'

export const style = `body{font:14px/1.5 system-ui,sans-serif;color:#1b1f24;background:#fff;max-width:76rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem;border-bottom:1px solid #c9d1d9;padding-bottom:.2rem}
table{border-collapse:collapse;width:100%;font-size:12px}th,td{text-align:left;vertical-align:top;padding:.25rem .5rem;border-bottom:1px solid #e3e7eb;overflow-wrap:anywhere}
th{color:#57606a;font-weight:600;overflow-wrap:normal}.t{white-space:nowrap;font-variant-numeric:tabular-nums}.p{display:inline-block;min-width:7rem;overflow-wrap:normal}tr.i td{background:#fff8e5}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dt{color:#57606a}dd{margin:0}p{margin:.3rem 0}ul{margin:.3rem 0}
.box{border:1px solid #c9d1d9;border-radius:6px;padding:.5rem 1rem;margin:1rem 0}small{color:#57606a}code{font-size:.9em}
@media print{body{margin:0;max-width:none;font-size:10pt}h2{break-after:avoid}tr{break-inside:avoid}thead{display:table-header-group}tr.i td{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
@media screen and (max-width:48rem){table,tbody,tr,td{display:block}thead,td:empty{display:none}tr{padding:.5rem 0;border-bottom:1px solid #c9d1d9}td{border:0;padding:.05rem .5rem}.t{white-space:normal}
td::before{color:#57606a;margin-right:.5em}${Array.from({ length: 8 }, (_, n) => `td:nth-child(${n + 1})::before{content:var(--c${n})}`).join('')}dl{display:block}dt{margin-top:.4rem}}
@page{size:A4 landscape;margin:14mm}`

export function heading(title: string): string {
  return `<h2>${html(title)}</h2>`
}

/** Cells are HTML already. */
export function table(title: string, rows: string[][], names: string[]): string {
  return rows.length === 0 ? '' : `${heading(title)}${rowsOf(rows, names)}`
}

/** A column that no row has anything in is left out. */
export function rowsOf(rows: string[][], names: string[]): string {
  return tableOf(
    rows.map((cells) => ({ cells })),
    names,
  )
}

/** The same with a class for rows that have one. */
export function tableOf(rows: { cells: string[]; class?: string }[], names: string[]): string {
  const used = names.map((_, column) => rows.some(({ cells }) => cells[column] !== ''))
  const line = (tag: 'td' | 'th', cells: string[]) =>
    cells.map((cell, column) => (used[column] === true ? `<${tag}>${cell}</${tag}>` : '')).join('')
  const lines = rows.map(
    (row) => `<tr${row.class === undefined ? '' : ` class="${row.class}"`}>${line('td', row.cells)}</tr>`,
  )
  // Where a screen is too narrow for columns each cell says what it is: the names go along as custom properties.
  const shown = names.filter((_, column) => used[column] === true)
  const named = shown.map((name, n) => `--c${n}:${JSON.stringify(`${name}:`)}`).join(';')
  return `<table style="${html(named)}"><thead><tr>${line('th', names.map(html))}</tr></thead><tbody>${lines.join('\n')}</tbody></table>`
}
