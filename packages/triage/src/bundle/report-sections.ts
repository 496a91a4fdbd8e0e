// Parts of the report that explain the evidence itself: what it could not see, who had it, what is not shown.
import type { CustodyEntry, JsonObject, Language } from '@varde/schema'
import type { CaseCompleteness, CompletenessFinding } from '../cases/completeness.ts'
import { html } from './csv.ts'
import type { Shown } from './redact.ts'
import { heading, rowsOf, table } from './report-style.ts'
import { listedWord, type wordsIn } from './words.ts'

type Words = ReturnType<typeof wordsIn>

export function completenessSection(
  of: CaseCompleteness,
  house: string,
  say: Words,
  time: (at: number) => string,
): string {
  const findings =
    of.findings.length === 0
      ? `<p>${html(say('completenessNone'))}</p>`
      : `<ul>${of.findings.map((one) => `<li>${html(findingWords(one, say))}</li>`).join('')}</ul>`
  const rows = of.sources.map(({ source, tenant, pinned, first, last, received }) => [
    html(source),
    html(customerName(tenant, house, say)),
    html(pinned),
    first === undefined ? '' : time(first),
    last === undefined ? '' : time(last),
    html(received),
  ])
  const names = [say('source'), say('customer'), say('pinned'), say('first'), say('last'), say('received')]
  const range = say('range', { from: new Date(of.from).toISOString(), to: new Date(of.to).toISOString() })
  return `${heading(say('completeness'))}<p>${html(range)}</p>${findings}${rowsOf(rows, names)}`
}

/** The house's own records have a customer of that name. */
export function customerName(tenant: string, house: string, say: Words): string {
  return tenant === 'house' ? say('ownHouse', { house }) : tenant
}

/** In the language of the report; completeness.json has it in English beside the numbers. */
export function findingWords(
  { kind, source = '', count, from, to, about = '' }: CompletenessFinding,
  say: Words,
): string {
  return say(`finding-${kind}`, {
    source,
    about,
    count: String(count),
    minutes: String(Math.round(count / 60_000)),
    days: String(Math.round(count / 86_400_000)),
    from: from === undefined ? '' : new Date(from).toISOString(),
    to: to === undefined ? '' : new Date(to).toISOString(),
  })
}

export function custodySection(shown: Shown, language: Language, say: Words, time: (at: number) => string): string {
  const rows = shown.custody.map((entry) => {
    const { at, by, action, item, why, to = '', outcome = '', digest } = entry
    const name = itemName(entry, shown, say)
    const sum = digest === undefined ? '' : `<br><small>SHA-256 ${html(digest)}</small>`
    return [
      time(at),
      html(by),
      html(listedWord(language, 'action', action)),
      `${html(name)}${name === item ? '' : `<br><small>${html(item)}</small>`}${sum}`,
      html([why, outcome].filter((text) => text !== '').join('; ')),
      html(to),
    ]
  })
  const names = [say('time'), say('who'), say('action'), say('item'), say('why'), say('to')]
  return table(say('custody'), rows, names)
}

/** What the item is, for somebody who knows no ids. */
function itemName({ item, count }: CustodyEntry, { case: of, alerts }: Shown, say: Words): string {
  if (item === 'case') return say('itemCase')
  const [kind, id] = [item.slice(0, item.indexOf(':')), item.slice(item.indexOf(':') + 1)]
  if (kind === 'pin') {
    const pin = of.pins.find((one) => one.id === id)
    const about = pin?.query?.text ?? pin?.alert?.title
    return `${say('itemEvents', { count: String(pin?.count ?? count ?? 0) })}${about === undefined ? '' : `: ${about}`}`
  }
  if (kind === 'alert')
    return say('itemAlert', { title: alerts.find(({ alert }) => alert.id === id)?.alert.title ?? id })
  if (kind === 'event') return say('itemEvent', { id })
  return kind === 'bundle' ? say('itemBundle') : item
}

export function withheldSection(counts: JsonObject, say: Words): string {
  const lines = Object.entries(counts).filter(([, count]) => Number(count) > 0)
  if (lines.length === 0) return ''
  return `${heading(say('withheld'))}<ul>${lines.map(([what, count]) => `<li>${html(say(`withheld-${what}`))}: ${html(String(count))}</li>`).join('')}</ul>`
}
