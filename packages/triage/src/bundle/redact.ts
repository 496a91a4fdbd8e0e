// What a recipient may see: one customer's events only, and no names of Varde's own users where that was asked.
import type { Case, CustodyEntry, Json, JsonObject, StoredEvent } from '@varde/schema'
import type { CaseCompleteness } from '../cases/completeness.ts'
import type { PinnedAlert } from '../cases/pinned-alert.ts'

export interface Recipient {
  /** Only this customer's events; absent for the whole case. */
  tenant?: string
  pseudonymise: boolean
}

/** Words that stand in other customers' events and in none of this one's. Text that holds one stays out whole. */
export interface ForeignWords {
  note(event: StoredEvent): void
  /** Customers whose events are not in the case are named by nobody either. */
  noteNames(names: readonly string[]): void
  /** Of anything that people or rules wrote. */
  allows(text: string): boolean
}

/** Above this, all text by people stays out: too much to compare with. */
const wordsMax = 2_000_000
const wordPattern = /[\p{L}\p{N}_.@$:\\/-]{3,}/gu

function* wordsOf(text: string): Generator<string> {
  for (const [word] of text.toLowerCase().matchAll(wordPattern)) {
    yield word
    // An address or name within a longer word: mail addresses, paths, DOMAIN\user.
    if (/[.@:\\/-]/.test(word)) for (const part of word.split(/[.@:\\/-]+/)) if (part.length >= 3) yield part
  }
}

function* textsOf(value: Json): Generator<string> {
  if (typeof value === 'string') yield value
  else if (typeof value === 'number') yield String(value)
  else if (Array.isArray(value)) for (const one of value) yield* textsOf(one)
  else if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) yield* textsOf(one)
}

export function createForeignWords(tenant: string | undefined): ForeignWords {
  const own = new Set<string>()
  const foreign = new Set<string>()
  return {
    note(event) {
      if (tenant === undefined) return
      const set = event.tenant === tenant ? own : foreign
      if (set.size > wordsMax) return
      for (const text of [event.tenant, event.source, ...textsOf(event.event), Buffer.from(event.raw).toString('utf8')])
        for (const word of wordsOf(text)) set.add(word)
    },
    noteNames(names) {
      for (const name of names) if (name !== tenant) for (const word of wordsOf(name)) foreign.add(word)
    },
    allows(text) {
      if (tenant === undefined) return true
      if (foreign.size > wordsMax || own.size > wordsMax) return false
      for (const word of wordsOf(text)) if (foreign.has(word) && !own.has(word)) return false
      return true
    },
  }
}

/** Varde's own users, as far as the case names them: each becomes `person-1` and so on, in the order of the alphabet. */
export function pseudonyms(of: Case, custody: readonly CustodyEntry[], alerts: readonly PinnedAlert[]) {
  const names = new Set<string>()
  const add = (name: string | undefined) => {
    if (name !== undefined && name !== '') names.add(name)
  }
  add(of.createdBy)
  add(of.updatedBy)
  add(of.assignee)
  add(of.hold?.by)
  for (const { by } of [...of.pins, ...of.notes, ...of.marks, ...of.entries, ...custody]) add(by)
  for (const { createdBy, closedBy, assignee } of of.tasks)
    for (const name of [createdBy, closedBy, assignee]) add(name)
  for (const { name, role } of of.people) if (role === 'owner' || role === 'investigator') add(name)
  for (const { by } of [...(of.breach?.anchors ?? []), ...(of.breach?.filings ?? [])]) add(by)
  add(of.breach?.decision?.by)
  for (const { alert } of alerts) {
    add(alert.assignee)
    for (const { by } of alert.history) add(by)
  }
  const sorted = [...names].sort()
  const map = new Map(sorted.map((name, n) => [name.toLowerCase(), `person-${n + 1}`]))
  const longestFirst = [...sorted].sort((a, b) => b.length - a.length)
  const pattern =
    sorted.length === 0
      ? undefined
      : new RegExp(`(?<![\\p{L}\\p{N}])(${longestFirst.map(escaped).join('|')})(?![\\p{L}\\p{N}])`, 'giu')
  return (text: string): string =>
    pattern === undefined ? text : text.replace(pattern, (name) => map.get(name.toLowerCase()) ?? 'person')
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}

/** Every text of a JSON value through `change`; keys stay. */
export function mapTexts<T>(value: T, change: (text: string) => string): T {
  const walk = (one: Json): Json => {
    if (typeof one === 'string') return change(one)
    if (Array.isArray(one)) return one.map(walk)
    if (typeof one === 'object' && one !== null)
      return Object.fromEntries(Object.entries(one).map(([name, inner]) => [name, walk(inner)]))
    return one
  }
  // The same shape comes out, with other texts.
  return JSON.parse(JSON.stringify(walk(JSON.parse(JSON.stringify(value)))))
}

export interface Shown {
  case: Case
  alerts: PinnedAlert[]
  custody: CustodyEntry[]
  completeness: CaseCompleteness
  /** What stays out of the case's own words, by kind. */
  withheld: JsonObject
}

/** The case as its recipient sees it. `events`: ids of the recipient's own pinned events. */
export function shownTo(
  recipient: Recipient,
  all: Omit<Shown, 'withheld'>,
  words: ForeignWords,
  own: ReadonlySet<string>,
): Shown {
  const { tenant } = recipient
  const narrowed: Shown = tenant === undefined ? { ...all, withheld: {} } : narrow(tenant, all, words, own)
  if (!recipient.pseudonymise) return narrowed
  const change = pseudonyms(all.case, all.custody, all.alerts)
  const { withheld, completeness, ...rest } = narrowed
  const { alerts, ...named } = rest
  const renamed = alerts.map((pinned) => ({
    ...pinned,
    by: change(pinned.by),
    alert: {
      ...pinned.alert,
      history: mapTexts(pinned.alert.history, change),
      ...(pinned.alert.assignee === undefined ? {} : { assignee: change(pinned.alert.assignee) }),
    },
  }))
  return { ...mapTexts(named, change), alerts: renamed, completeness, withheld }
}

function narrow(tenant: string, all: Omit<Shown, 'withheld'>, words: ForeignWords, own: ReadonlySet<string>): Shown {
  const of = all.case
  const mine = (pin: Case['pins'][number]) => pin.tenants.every((one) => one === tenant)
  const pins = of.pins.filter(mine).map((pin) => withoutForeignWords(pin, words))
  const marks = of.marks.filter(({ eventId, words: said = '' }) => own.has(eventId) && words.allows(said))
  const alerts = all.alerts.filter(
    ({ alert }) =>
      alert.tenant === tenant &&
      alert.members.every(({ eventId }) => own.has(eventId)) &&
      words.allows(JSON.stringify([alert.title, alert.group, alert.collected, alert.history, alert.rule.name])),
  )
  const items = new Set([
    'case',
    ...pins.map(({ id }) => `pin:${id}`),
    ...alerts.map(({ alert }) => `alert:${alert.id}`),
  ])
  const custody = all.custody.filter(
    ({ item, why, to = '' }) =>
      (items.has(item) || own.has(item.replace(/^event:/, ''))) && words.allows(why) && words.allows(to),
  )
  const { breach: _, hold: __, assignee: ___, closedAt, ...plain } = of
  const findings = all.completeness.findings.filter((one) => one.tenant === undefined || one.tenant === tenant)
  return {
    case: {
      ...plain,
      ...(closedAt === undefined ? {} : { closedAt }),
      title: words.allows(of.title) ? of.title : of.id,
      summary: '',
      tags: [],
      tenants: [tenant],
      people: [],
      tasks: [],
      notes: [],
      entries: [],
      pins,
      marks,
      eventCount: own.size,
    },
    alerts: alerts.map((pinned) => withoutForeignRule(pinned, words)),
    custody,
    completeness: {
      ...all.completeness,
      sources: all.completeness.sources.filter((one) => one.tenant === tenant),
      findings,
      received: 0,
      events: 0,
    },
    withheld: {
      notes: of.notes.length,
      tasks: of.tasks.length,
      entries: of.entries.length,
      marks: of.marks.length - marks.length,
      alerts: all.alerts.length - alerts.length,
      custody: all.custody.length - custody.length,
    },
  }
}

/** A query that found this customer's events alone may still name another's people. */
function withoutForeignWords(pin: Case['pins'][number], words: ForeignWords): Case['pins'][number] {
  const { query, alert, reason, ...rest } = pin
  return {
    ...rest,
    reason: words.allows(reason) ? reason : '',
    ...(query === undefined || !words.allows(query.text) ? {} : { query }),
    ...(alert === undefined || !words.allows(`${alert.title} ${alert.rule}`) ? {} : { alert }),
  }
}

/** Rules are the house's own; one that names another customer's people or machines stays out. */
function withoutForeignRule(pinned: PinnedAlert, words: ForeignWords): PinnedAlert {
  if (pinned.rule === undefined || words.allows(pinned.rule.text)) return pinned
  const { rule: _, ...rest } = pinned
  return rest
}
