// The report: one HTML file without anything from outside, for a reader and for a printer.
import type { Breach, Language } from '@varde/schema'
import type { TimelineRow } from '../cases/timeline.ts'
import { inZone } from '../cases/zone.ts'
import { html } from './csv.ts'
import { prose } from './prose.ts'
import type { Shown } from './redact.ts'
import { completenessSection, custodySection, customerName, withheldSection } from './report-sections.ts'
import { heading, rowsOf, style, table, tableOf } from './report-style.ts'
import { listedWord, wordsIn } from './words.ts'

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
  imported: number
  pending: number
}

type Words = ReturnType<typeof wordsIn>

/** Below so many rows the whole timeline is short enough to stand alone. */
const shortRows = 25

export function reportPage(input: ReportInput): string {
  const { shown, language, tenant, rows } = input
  const of = shown.case
  const say = wordsIn('bundle', language)
  const time = (at: number) => timeCell(at, of.zone)
  const important = rows.filter((row) => row.important)
  const isLong = rows.length > shortRows && important.length > 0
  const sections = [
    head(input, say),
    tenant === undefined ? '' : `<p class="box">${html(say('redacted'))}</p>`,
    proofBox(input, say),
    of.summary === '' ? '' : `${heading(say('summary'))}${prose(of.summary)}`,
    of.breach === undefined ? '' : breach(of.breach, language, say, time),
    isLong
      ? `${heading(say('keyRows'))}<p><small>${html(say('keyRowsNote'))}</small></p>${timelineTable(important, input, say)}`
      : '',
    completenessSection(shown.completeness, input.house, say, time),
    alerts(shown, language, say, time),
    table(
      say('tasks'),
      of.tasks.map(({ title, text = '', status, measure, assignee = '', closedAt }) => [
        html(listedWord(language, 'task', status)),
        `${html(title)}${measure ? ` <small>(${html(say('measure'))})</small>` : ''}${text === '' ? '' : prose(text)}`,
        html(assignee),
        closedAt === undefined ? '' : time(closedAt),
      ]),
      [say('status'), say('task'), say('assignee'), say('finished')],
    ),
    table(
      say('people'),
      of.people.map(({ name, role, organisation = '', contact = '' }) =>
        [name, listedWord(language, 'role', role), organisation, contact].map(html),
      ),
      [say('name'), say('role'), say('organisation'), say('contact')],
    ),
    of.notes.length === 0
      ? ''
      : `${heading(say('notes'))}${of.notes.map(({ text, at, by }) => `<div class="box"><small>${time(at)}, ${html(by)}</small>${prose(text)}</div>`).join('')}`,
    custodySection(shown, language, say, time),
    `${heading(isLong ? say('timelineWhole') : say('timeline'))}${timelineTable(rows, input, say)}${input.left === 0 ? '' : `<p>${html(say('timelineMore', { count: String(input.left) }))}</p>`}`,
    withheldSection(shown.withheld, say),
    `${heading(say('check'))}<p>${html(say('checkShort'))}</p>`,
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
  return `<span class="t">${html(new Date(at).toISOString())}<br><small>${html(inZone(at, zone))}</small></span>`
}

function head({ shown, house, tenant, language }: ReportInput, say: Words): string {
  const of = shown.case
  const facts: [string, string][] = [
    [say('caseOf'), `${of.id}, ${say('revision')} ${of.revision}`],
    [say('status'), listedWord(language, 'status', of.status)],
    [say('severity'), listedWord(language, 'severity', of.severity)],
    [say('created'), `${new Date(of.createdAt).toISOString()}, ${of.createdBy}`],
    [say('updated'), `${new Date(of.updatedAt).toISOString()}, ${of.updatedBy}`],
    [say('customers'), of.tenants.map((one) => customerName(one, house, say)).join(', ')],
    ...(tenant === undefined ? [] : [[say('recipient'), tenant] satisfies [string, string]]),
    ...(of.hold === undefined
      ? []
      : [
          [
            say('hold'),
            `${new Date(of.hold.at).toISOString()}: ${[of.hold.reason, of.hold.authority ?? ''].filter((text) => text !== '').join(', ')}`,
          ] satisfies [string, string],
        ]),
  ]
  return `<p><small>${html(house)} · ${html(say('report'))}</small></p><h1>${html(of.title)}</h1>
<dl>${facts.map(([name, value]) => `<dt>${html(name)}</dt><dd>${html(value)}</dd>`).join('')}</dl>
<p><small>${html(say('zone'))} ${html(of.zone)}.</small></p>`
}

/** What the numbers of this bundle mean, before anything is read into them. */
function proofBox({ records, withheldRecords, imported, pending }: ReportInput, say: Words): string {
  const said = [
    say('proven', { count: String(records - withheldRecords) }),
    imported === 0 ? '' : say('importedRecords', { count: String(imported) }),
    withheldRecords === 0 ? '' : say('withheldRecords', { count: String(withheldRecords) }),
    pending === 0 ? '' : say('pending', { count: String(pending) }),
    say('provenOnly'),
  ]
  return `<div class="box">${said
    .filter((text) => text !== '')
    .map((text) => `<p>${html(text)}</p>`)
    .join('')}</div>`
}

function breach(of: Breach, language: Language, say: Words, time: (at: number) => string): string {
  const anchors = of.anchors.map(({ name, at, reason }) => [
    html(listedWord(language, 'anchor', name)),
    time(at),
    html(reason),
  ])
  const decision =
    of.decision === undefined
      ? []
      : [
          [
            html(say('decision')),
            time(of.decision.at),
            html(`${say(of.decision.notify ? 'notify' : 'notNotify')}: ${of.decision.reason}`),
          ],
        ]
  const filings = of.filings.map(({ kind, recipient, sentAt, reference = '' }) => [
    html(listedWord(language, 'filing', kind)),
    time(sentAt),
    html([recipient, reference].filter((text) => text !== '').join(', ')),
  ])
  const rows = [...anchors, ...decision, ...filings]
  return rows.length === 0 ? '' : `${heading(say('breach'))}${rowsOf(rows, [say('what'), say('time'), say('why')])}`
}

function timelineTable(rows: readonly TimelineRow[], { shown, language }: ReportInput, say: Words): string {
  const raised = new Map(shown.alerts.map(({ alert }) => [alert.id, alert]))
  const lines = rows.map((row) => {
    const phase = row.phase === undefined ? '' : listedWord(language, 'phase', row.phase)
    const alert = row.kind === 'alert' ? raised.get(row.id) : undefined
    const cells = [
      timeCell(row.time, shown.case.zone),
      `<small class="t">${html(new Date(row.discoveredAt).toISOString())}</small>`,
      html(row.source),
      html(row.entity),
      phase === '' ? '' : `<span class="p">${html(phase)}</span>`,
      html(alert === undefined ? row.fact : alertFact(alert, language, say)),
      html(row.words ?? ''),
    ]
    return { cells, ...(row.important ? { class: 'i' } : {}) }
  })
  const names = [say('time'), say('found'), say('source'), say('entity'), say('phase'), say('fact'), say('words')]
  return tableOf(lines, names)
}

/** In the language of the report. */
function alertFact(alert: Shown['alerts'][number]['alert'], language: Language, say: Words): string {
  return `${alert.title} (${alertSize(alert, language, say)})`
}

function alertSize(
  { severity, memberCount }: Shown['alerts'][number]['alert'],
  language: Language,
  say: Words,
): string {
  return `${listedWord(language, 'severity', severity)}, ${say(memberCount === 1 ? 'oneEvent' : 'someEvents', { count: String(memberCount) })}`
}

function alerts(shown: Shown, language: Language, say: Words, time: (at: number) => string): string {
  return table(
    say('alerts'),
    shown.alerts.map(({ alert, rule }) => [
      time(alert.anchor.time),
      `${html(alert.title)}<br><small>${html(alertSize(alert, language, say))}</small>`,
      `${html(alert.rule.name)}<br><small>${html(alert.rule.attack.join(', '))}${rule === undefined ? '' : ` · ${html(rule.file)}${rule.same ? '' : ` (${html(say('newerRule'))})`}`}</small>`,
    ]),
    [say('time'), say('alert'), say('rule')],
  )
}
