// The report: one HTML file without anything from outside, for a reader and for a printer.
import type { JsonObject, Language } from '@varde/schema'
import type { CaseCompleteness } from '../cases/completeness.ts'
import type { TimelineRow } from '../cases/timeline.ts'
import { inZone } from '../cases/zone.ts'
import { html } from './csv.ts'
import type { Shown } from './redact.ts'
import { wordsIn } from './words.ts'

export interface ReportInput {
  shown: Shown
  language: Language
  /** The customer whose bundle it is. */
  tenant: string | undefined
  house: string
  rows: readonly TimelineRow[]
  /** Rows that are not among them. */
  left: number
  records: number
  withheldRecords: number
  pending: number
}

type Words = ReturnType<typeof wordsIn>

const style = `body{font:14px/1.5 system-ui,sans-serif;color:#1b1f24;background:#fff;max-width:72rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem;border-bottom:1px solid #c9d1d9;padding-bottom:.2rem}
table{border-collapse:collapse;width:100%;font-size:12px}th,td{text-align:left;vertical-align:top;padding:.25rem .5rem;border-bottom:1px solid #e3e7eb;overflow-wrap:anywhere}
th{color:#57606a;font-weight:600}td.t{white-space:nowrap;font-variant-numeric:tabular-nums}tr.i td{background:#fff8e5}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dt{color:#57606a}dd{margin:0}pre{white-space:pre-wrap;font:inherit;margin:0}
.box{border:1px solid #c9d1d9;border-radius:6px;padding:.75rem 1rem;margin:1rem 0}small{color:#57606a}
@media print{body{margin:0;max-width:none;font-size:10pt}h2{break-after:avoid}tr{break-inside:avoid}thead{display:table-header-group}}
@page{size:A4 landscape;margin:14mm}`

export function reportPage(input: ReportInput): string {
  const { shown, language, tenant } = input
  const of = shown.case
  const say = wordsIn('bundle', language)
  const time = (at: number) => timeCell(at, of.zone)
  const sections = [
    head(input, say),
    tenant === undefined ? '' : `<p class="box">${html(say('redacted'))}</p>`,
    of.summary === '' ? '' : `<h2>${say('summary')}</h2><pre>${html(of.summary)}</pre>`,
    timeline(input, say),
    completeness(shown.completeness, say, time),
    alerts(shown, say, time),
    table(
      say('tasks'),
      of.tasks.map(({ title, text = '', status, assignee = '', closedAt }) => [
        html(status),
        `${html(title)}<br><small>${html(text)}</small>`,
        html(assignee),
        closedAt === undefined ? '' : time(closedAt),
      ]),
    ),
    table(
      say('people'),
      of.people.map(({ name, role, organisation = '', contact = '' }) => [name, role, organisation, contact].map(html)),
    ),
    of.notes.length === 0
      ? ''
      : `<h2>${say('notes')}</h2>${of.notes.map(({ text, at, by }) => `<div class="box"><small>${time(at)}, ${html(by)}</small><pre>${html(text)}</pre></div>`).join('')}`,
    table(
      say('custody'),
      shown.custody.map(({ at, by, action, item, why, to = '', outcome = '' }) => [
        time(at),
        html(by),
        html(action),
        html(item),
        html([why, outcome].filter((text) => text !== '').join('; ')),
        html(to),
      ]),
      [say('time'), say('who'), say('action'), say('item'), say('why'), say('to')],
    ),
    withheld(shown.withheld, say),
    `<h2>${say('check')}</h2><p>${html(say('checkShort'))}</p>`,
  ]
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${html(of.id)}: ${html(of.title)}</title><style>${style}</style></head><body>
${sections.filter((part) => part !== '').join('\n')}
</body></html>
`
}

function timeCell(at: number, zone: string): string {
  return `${html(new Date(at).toISOString())}<br><small>${html(inZone(at, zone))}</small>`
}

function head({ shown, house, tenant, records, withheldRecords, pending }: ReportInput, say: Words): string {
  const of = shown.case
  const facts: [string, string][] = [
    [say('caseOf'), `${of.id}, ${say('revision')} ${of.revision}`],
    [say('status'), of.status],
    [say('severity'), of.severity],
    [say('created'), `${new Date(of.createdAt).toISOString()}, ${of.createdBy}`],
    [say('updated'), `${new Date(of.updatedAt).toISOString()}, ${of.updatedBy}`],
    [say('customers'), of.tenants.join(', ')],
    ...(tenant === undefined ? [] : [[say('recipient'), tenant] satisfies [string, string]]),
  ]
  const counts = [
    `${records - withheldRecords} ${say('proven')}`,
    withheldRecords === 0 ? '' : `${say('withheld')}: ${withheldRecords}`,
    pending === 0 ? '' : `${pending} ${say('pending')}`,
  ].filter((text) => text !== '')
  return `<p><small>${html(house)} · ${html(say('report'))}</small></p><h1>${html(of.title)}</h1>
<dl>${facts.map(([name, value]) => `<dt>${html(name)}</dt><dd>${html(value)}</dd>`).join('')}</dl>
<p>${html(counts.join(' · '))}<br><small>${html(say('zone'))} ${html(of.zone)}.</small></p>`
}

function timeline({ rows, left, shown }: ReportInput, say: Words): string {
  const lines = rows.map((row) => {
    const cells = [row.source, row.entity, row.phase ?? '', row.fact, row.words ?? ''].map(
      (text) => `<td>${html(text)}</td>`,
    )
    return `<tr${row.important ? ' class="i"' : ''}><td class="t">${timeCell(row.time, shown.case.zone)}</td><td class="t"><small>${html(new Date(row.discoveredAt).toISOString())}</small></td>${cells.join('')}</tr>`
  })
  const names = [say('time'), say('found'), say('source'), say('entity'), say('phase'), say('fact'), say('words')]
  const more = left === 0 ? '' : `<p>${html(say('timelineMore', { count: String(left) }))}</p>`
  return `<h2>${say('timeline')}</h2><table><thead><tr>${names.map((name) => `<th>${html(name)}</th>`).join('')}</tr></thead><tbody>${lines.join('\n')}</tbody></table>${more}`
}

function completeness(of: CaseCompleteness, say: Words, time: (at: number) => string): string {
  const findings =
    of.findings.length === 0
      ? `<p>${html(say('completenessNone'))}</p>`
      : `<ul>${of.findings.map(({ words }) => `<li>${html(words)}</li>`).join('')}</ul>`
  const rows = of.sources.map(({ source, tenant, pinned, first, last, received }) => [
    html(source),
    html(tenant),
    html(`${pinned} ${say('pinned')}`),
    html(`${received} ${say('received')}`),
    first === undefined ? '' : time(first),
    last === undefined ? '' : time(last),
  ])
  return `<h2>${say('completeness')}</h2>${findings}<p><small>${html(say('range'))}: ${html(new Date(of.from).toISOString())} – ${html(new Date(of.to).toISOString())}</small></p>${rowsOf(rows)}`
}

function alerts(shown: Shown, say: Words, time: (at: number) => string): string {
  return table(
    say('alerts'),
    shown.alerts.map(({ alert, rule }) => [
      time(alert.anchor.time),
      `${html(alert.title)}<br><small>${html(alert.severity)}, ${alert.memberCount} ${html(say('events'))}</small>`,
      `${html(alert.rule.name)}<br><small>${html(alert.rule.attack.join(', '))}${rule === undefined ? '' : ` · ${html(rule.file)}`}</small>`,
    ]),
    [say('time'), say('alerts'), say('rule')],
  )
}

/** Cells are HTML already. */
function table(title: string, rows: string[][], names: string[] = []): string {
  return rows.length === 0 ? '' : `<h2>${html(title)}</h2>${rowsOf(rows, names)}`
}

function rowsOf(rows: string[][], names: string[] = []): string {
  const heads =
    names.length === 0 ? '' : `<thead><tr>${names.map((name) => `<th>${html(name)}</th>`).join('')}</tr></thead>`
  return `<table>${heads}<tbody>${rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('\n')}</tbody></table>`
}

function withheld(counts: JsonObject, say: Words): string {
  const lines = Object.entries(counts).filter(([, count]) => Number(count) > 0)
  if (lines.length === 0) return ''
  return `<h2>${say('withheld')}</h2><ul>${lines.map(([what, count]) => `<li>${html(what)}: ${html(String(count))}</li>`).join('')}</ul>`
}
