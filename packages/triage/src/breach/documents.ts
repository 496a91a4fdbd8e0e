// The notices as HTML that a word processor opens: filled from the case, in Danish or English. Every number says where it is from.
import { attackEntry, type BreachAnchor, type Case, type Language } from '@varde/schema'
import { html } from '../bundle/csv.ts'
import { listedWord, wordsIn } from '../bundle/words.ts'
import type { PinnedAlert } from '../cases/pinned-alert.ts'
import { dayAndTime, dayOf } from '../cases/zone.ts'
import type { House } from './breach-desk.ts'
import type { Estimate, Estimates } from './estimates.ts'

export type DocumentKind =
  | 'authority'
  | 'controller'
  | 'person'
  | 'nis2-early-warning'
  | 'nis2-notification'
  | 'nis2-final'
  | 'register'

export interface DocumentInput {
  kind: DocumentKind
  language: Language
  case: Case
  alerts: readonly PinnedAlert[]
  estimates: Estimates
  house: House
  tenant?: string | undefined
  phase: number
  /** UTC milliseconds. */
  now: number
}

type Say = ReturnType<typeof wordsIn>
type Line = [string, string]

const style = `body{font:11pt/1.5 Calibri,Arial,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}
h1{font-size:16pt;margin:.2rem 0}h2{font-size:12pt;margin:1.2rem 0 .2rem}table{border-collapse:collapse;width:100%}
td,th{vertical-align:top;text-align:left;padding:.2rem .6rem .2rem 0}th{width:15rem;font-weight:600}
.draft{border:1px solid #b58900;background:#fff8e1;padding:.4rem .8rem}.open{background:#fff3bf}small{color:#555}
@media print{.draft{display:none}body{margin:0}}`

export function noticePage(input: DocumentInput): string {
  const { kind, language, phase } = input
  const say = wordsIn('breach', language)
  const title = say(kind)
  const body = kind === 'person' ? letter(input, say) : sections(input, say)
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${html(title)}</title><style>${style}</style></head><body>
<p class="draft">${html(say('draft'))}</p>
<p><small>${html(say(`${kind}Law`))}</small></p><h1>${html(title)}</h1>
${phase > 1 && isPhased(kind) ? `<p>${html(say('phase', { phase: String(phase) }))}</p>` : ''}
${lines([
  [say('from'), [input.house.name, input.house.address ?? ''].filter((text) => text !== '').join(', ')],
  // The register stays in the house.
  ...(kind === 'register' ? [] : [[say('to'), recipientOf(input, say)] satisfies Line]),
  [say('reference'), `${input.case.id}, revision ${input.case.revision}`],
  [say('date'), dayOf(input.now, input.case.zone, language)],
])}
${body}
</body></html>
`
}

/** Art. 33(4) is of the notices under Art. 33; NIS2 has its own steps, and a letter to persons or the register none. */
function isPhased(kind: DocumentKind): boolean {
  return kind === 'authority' || kind === 'controller'
}

function recipientOf({ kind, tenant, case: of }: DocumentInput, say: Say): string {
  if (kind === 'controller') {
    const found = of.breach?.controllers.find((one) => one.tenant === tenant)
    return [found?.name ?? tenant ?? '', found?.contact ?? ''].filter((text) => text !== '').join(', ')
  }
  if (kind.startsWith('nis2')) return say('toCsirt')
  return kind === 'person' ? say('toPerson') : say('toAuthority')
}

/** HTML: text as it is, or a mark that it is still to be written. */
function text(value: string | undefined, say: Say): string {
  return value === undefined || value.trim() === ''
    ? `<span class="open">${html(say('open'))}</span>`
    : html(value).replaceAll('\n', '<br>')
}

function lines(rows: Line[]): string {
  return `<table>${rows.map(([name, value]) => `<tr><th>${html(name)}</th><td>${html(value)}</td></tr>`).join('')}</table>`
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`
}

function section(title: string, body: string): string {
  return `<h2>${html(title)}</h2>${body.startsWith('<') ? body : `<p>${body}</p>`}`
}

/** Only what concerns this controller, where the notice is to one: nothing that was written about the case as a whole. */
function sections(input: DocumentInput, say: Say): string {
  const { kind, case: of } = input
  const facts = of.breach?.facts ?? {}
  const parts = [section(say('times'), times(input, say)), section(say('nature'), nature(input, say))]
  if (kind.startsWith('nis2')) parts.push(...nis2(input, say))
  else parts.push(section(say('persons'), numbers(input, say)))
  parts.push(section(say('consequences'), consequences(input, say)))
  parts.push(section(say('measures'), measures(input, say)))
  parts.push(section(say('contact'), contact(input, say)))
  if (kind === 'authority' && isLate(input))
    parts.push(section(say('delay'), say('delayNeeded', { reason: text(facts.delayReason, say) })))
  if (kind === 'authority' || kind === 'register') {
    const risk = facts.highRisk === undefined ? say('undecided') : say(facts.highRisk ? 'yes' : 'no')
    parts.push(section(say('risk'), `<p>${html(sentence(risk))} ${text(facts.riskReason, say)}</p>`))
  }
  if (kind === 'register') parts.push(section(say('decision'), decision(input, say)))
  const events = kind === 'controller' ? (ownOf(input)?.events ?? 0) : of.eventCount
  if (events === 0) return parts.join('\n')
  parts.push(
    section(
      say('evidence'),
      html(say('evidenceText', { events: String(events), case: of.id, revision: String(of.revision) })),
    ),
  )
  return parts.join('\n')
}

function ownOf({ estimates, tenant }: DocumentInput): Estimates['controllers'][number] | undefined {
  return estimates.controllers.find((one) => one.tenant === tenant)
}

function anchorAt(of: Case, name: BreachAnchor) {
  return of.breach?.anchors.find((anchor) => anchor.name === name)
}

function isLate({ case: of, now }: DocumentInput): boolean {
  const aware = anchorAt(of, 'aware') ?? anchorAt(of, 'informed')
  return aware !== undefined && now - aware.at > 72 * 3_600_000
}

function times({ case: of, kind, language }: DocumentInput, say: Say): string {
  const names: BreachAnchor[] = ['occurred', 'detected', 'aware', 'informed']
  const rows = names.flatMap((name): Line[] => {
    const anchor = anchorAt(of, name)
    if (anchor === undefined) return name === 'informed' ? [] : [[say(name), say('unknown')]]
    const reason = kind === 'controller' ? '' : ` (${anchor.reason})`
    return [[say(name), `${dayAndTime(anchor.at, of.zone, language)}${reason}`]]
  })
  return lines(rows)
}

function nature({ case: of, kind, tenant }: DocumentInput, say: Say): string {
  const facts = of.breach?.facts ?? {}
  const own = kind === 'controller' ? of.breach?.controllers.find((one) => one.tenant === tenant)?.words : undefined
  const kinds = (facts.kinds ?? []).map((one) => say(one)).join('; ')
  // What was written for all may name others: a controller's notice takes only what was written for it.
  const words = kind === 'controller' ? own : facts.nature
  return `<p>${text(words, say)}</p><p><b>${html(say('kinds'))}:</b> ${text(kinds, say)}</p>`
}

function numbers(input: DocumentInput, say: Say): string {
  const { case: of, kind, tenant, estimates, language } = input
  const facts = of.breach?.facts ?? {}
  const own = kind === 'controller' ? of.breach?.controllers.find((one) => one.tenant === tenant) : facts
  const counted = kind === 'controller' ? ownOf(input) : estimates
  const number = (given: number | undefined, estimate: Estimate | undefined): string =>
    given !== undefined
      ? String(given)
      : estimate === undefined
        ? say('unknown')
        : estimate.count === 0
          ? say('noneSeen')
          : `${estimate.count} (${say('estimated')}: ${estimate.how[language]})`
  return lines([
    [say('personCategories'), facts.personCategories?.join(', ') ?? say('open')],
    [say('personCount'), number(own?.persons, counted?.persons)],
    [say('recordCategories'), facts.recordCategories?.join(', ') ?? say('open')],
    [say('recordCount'), number(own?.records, counted?.records)],
  ])
}

function consequences({ case: of, kind }: DocumentInput, say: Say): string {
  const facts = of.breach?.facts ?? {}
  if (facts.consequences !== undefined && kind !== 'controller') return `<p>${text(facts.consequences, say)}</p>`
  const likely = (facts.kinds ?? []).map((one) => say(`consequences-${one}`)).join(' ')
  return `<p>${text(likely, say)}</p>`
}

function measures(input: DocumentInput, say: Say): string {
  const { case: of, kind, language } = input
  const facts = of.breach?.facts ?? {}
  // Tasks are written for colleagues and may name people: who is told from outside the house and its authority gets the words alone.
  const tasks =
    kind === 'controller' || kind === 'person'
      ? []
      : of.tasks.filter(({ measure, status }) => measure && status !== 'dropped')
  const list = (done: boolean, more: string | undefined) => {
    const said = tasks
      .filter(({ status }) => (status === 'done') === done)
      .map(
        ({ title, closedAt }) =>
          `<li>${html(title)}${closedAt === undefined ? '' : ` (${html(dayAndTime(closedAt, of.zone, language))})`}</li>`,
      )
    if (more !== undefined && more.trim() !== '') said.push(`<li>${text(more, say)}</li>`)
    return said.length === 0 ? `<p>${text(undefined, say)}</p>` : `<ul>${said.join('')}</ul>`
  }
  const [taken, proposed] = kind === 'person' ? ['letterTaken', 'letterProposed'] : ['taken', 'proposed']
  return `<p><b>${html(say(taken ?? ''))}</b></p>${list(true, unlessForeign(facts.measuresTaken, input))}<p><b>${html(say(proposed ?? ''))}</b></p>${list(false, unlessForeign(facts.measuresProposed, input))}`
}

/** Words for all that name another customer stay out of a controller's notice: somebody has to write them anew. */
function unlessForeign(words: string | undefined, { kind, tenant, case: of }: DocumentInput): string | undefined {
  if (kind !== 'controller' || words === undefined) return words
  const others = (of.breach?.controllers ?? []).filter((one) => one.tenant !== tenant)
  const names = [
    ...others.flatMap((one) => [one.tenant, one.name]),
    ...of.tenants.filter((one) => one !== tenant && one !== 'house'),
  ]
  return names.some((name) => words.toLowerCase().includes(name.toLowerCase())) ? undefined : words
}

function contact({ case: of, house }: DocumentInput, say: Say): string {
  const given = of.breach?.facts.contact
  const officer = of.people.find(({ role }) => role === 'data-protection-officer')
  const own = house.contact
  const said =
    given !== undefined
      ? [given.name, given.mail, given.telephone]
      : officer !== undefined
        ? [officer.name, officer.contact]
        : [own?.name, own?.mail, own?.telephone]
  return `<p>${text(said.filter((one) => one !== undefined && one !== '').join(', '), say)}</p>`
}

function decision({ case: of, language }: DocumentInput, say: Say): string {
  const found = of.breach?.decision
  const rows: Line[] = [
    [
      say('notified'),
      found === undefined ? say('undecided') : `${sentence(say(found.notify ? 'yes' : 'no'))} ${found.reason}`,
    ],
    ...(of.breach?.filings ?? []).map(
      (filing): Line => [
        say('filings'),
        `${dayAndTime(filing.sentAt, of.zone, language)}: ${say(`filed-${filing.kind}`)}, ${filing.recipient}, ${say('phaseNumber', { phase: String(filing.phase) })}${filing.reference === undefined ? '' : `, ${filing.reference}`}`,
      ],
    ),
  ]
  return lines(rows)
}

function nis2({ kind, case: of, alerts, estimates, language }: DocumentInput, say: Say): string[] {
  const facts = of.breach?.facts ?? {}
  const yesNo = (value: boolean | undefined) => (value === undefined ? say('undecided') : say(value ? 'yes' : 'no'))
  const parts = [
    section(say('malicious'), html(sentence(yesNo(facts.malicious)))),
    section(say('crossBorder'), `<p>${text(facts.crossBorder, say)}</p>`),
  ]
  if (kind === 'nis2-early-warning') return parts
  const techniques = [...new Set(alerts.flatMap(({ alert }) => alert.rule.attack))].sort()
  const attack = techniques
    .map((id) => [id, attackEntry(id)?.name ?? ''].filter((part) => part !== '').join(' '))
    .join(', ')
  parts.push(
    section(
      say('severity'),
      lines([
        [say('severityLevel'), listedWord(language, 'severity', of.severity)],
        [say('personCount'), String(facts.persons ?? estimates.persons.count)],
      ]),
    ),
  )
  parts.push(section(say('indicators'), `<p>${text(attack, say)}</p>`))
  if (kind === 'nis2-final') parts.push(section(say('rootCause'), `<p>${text(facts.rootCause, say)}</p>`))
  return parts
}

/** Art. 34(2): in clear and plain language. */
function letter(input: DocumentInput, say: Say): string {
  const facts = input.case.breach?.facts ?? {}
  return [
    `<p>${html(say('dear'))}</p><p>${html(say('personIntro'))}</p>`,
    section(say('letterWhat'), `<p>${text(facts.nature, say)}</p>`),
    section(say('letterData'), `<p>${text(facts.recordCategories?.join(', '), say)}</p>`),
    section(say('letterConsequences'), consequences(input, say)),
    section(say('letterMeasures'), measures(input, say)),
    section(say('advice'), html(say('adviceText'))),
    section(say('letterContact'), contact(input, say)),
    `<p>${html(say('greeting'))}<br>${html(input.house.name)}</p>`,
  ].join('\n')
}
