// From Sigma's log sources and field names to the events that our parsers write: ECS, and winlog.* for what ECS has no name for.
import { type Family, families } from './families.ts'
import { all, any, type Clause, path, test } from './jsonata-text.ts'
import { byCategory, equals, type Logsource, type SigmaField, text } from './sigma-field.ts'
import { Untranslatable } from './untranslatable.ts'
import { categories, channels, sysmon } from './windows-logs.ts'

export interface Taxonomy {
  /** Which events the rule speaks of; undefined where any could be meant. */
  source: Clause | undefined
  field(name: string): SigmaField
  /** The texts that keywords are looked for in. */
  keywordFields: string[]
  /** For the report: the log source was not narrowed. */
  open: boolean
  /** What the source must be configured to be, where no product of ours says so of a record by itself. */
  dataset?: string
}

const anyWindows: Record<string, SigmaField> = {
  EventID: text('event.code'),
  Channel: text('winlog.channel'),
  EventLog: text('winlog.channel'),
  Provider_Name: text('winlog.provider_name'),
  ProviderName: text('winlog.provider_name'),
  Source: text('winlog.provider_name'),
  Computer: text('winlog.computer_name'),
  ComputerName: text('winlog.computer_name'),
  EventRecordID: text('winlog.record_id'),
}

const windowsKeywords = ['message', 'winlog.event_data.*', 'winlog.user_data.**[$type($) = "string"]']

function windows({ product, category, service }: Logsource): Taxonomy {
  const known = category === undefined ? undefined : categories[category]
  const sources: Clause[] = []
  if (known !== undefined) {
    const sysmonEvents = all([
      equals('winlog.channel', known.channels ?? [sysmon]),
      equals('event.code', known.codes),
      ...(known.extra === undefined ? [] : [test(known.extra)]),
    ])
    // Windows's own audit of processes says less, but every domain has it.
    const audited = all([equals('winlog.channel', ['Security']), equals('event.code', ['4688'])])
    sources.push(category === 'process_creation' ? any([sysmonEvents, audited]) : sysmonEvents)
  }
  // SQL Server writes to the log of applications, or to that of security.
  const ofService =
    service === undefined ? (product === 'mssql' ? ['Application', 'Security'] : undefined) : channels[service]
  if (ofService !== undefined) sources.push(equals('winlog.channel', ofService))
  const own = category === undefined ? undefined : byCategory[category]
  const userData = known === undefined && (ofService === undefined || withUserData.test(service ?? ''))
  return {
    source: sources.length === 0 ? undefined : all(sources),
    field: (name) => own?.[name] ?? anyWindows[name] ?? windowsField(name, service, userData),
    keywordFields: windowsKeywords,
    open: sources.length === 0,
  }
}

/** Services whose events bring their data below UserData, all or some. */
const withUserData =
  /^(printservice|applocker|wmi$|terminalservices|capi2|certificateservicesclient|dns-server-analytic|smb|vhdmp|diagnosis)/

function windowsField(name: string, service: string | undefined, userData: boolean): SigmaField {
  // Data without names: all of them together.
  if (name === 'Data') return { subject: '$join(winlog.event_data.*, "\\n")', type: 'text', dropsEmpty: false }
  const own = `winlog.event_data.${name}`
  const words = name.replace(/([a-z])([A-Z])/g, '$1 $2').split(' ')
  if (service === 'windefend' && words.length > 1) {
    // Defender writes `Threat Name`; Winlogbeat makes it `Threat_Name`.
    const spellings = [words.join(' '), words.join('_'), name].map((spelling) => path(`winlog.event_data.${spelling}`))
    return { subject: `(${spellings.join(' ?? ')})`, type: 'text', dropsEmpty: false }
  }
  // Our parser splits it, one text a privilege.
  if (name === 'PrivilegeList') return { subject: `$join(${own}, "\\n")`, type: 'text', dropsEmpty: false }
  return userData
    ? { subject: `(${path(own)} ?? ${path(`winlog.user_data.${name}`)})`, type: 'text', dropsEmpty: false }
    : text(own)
}

function family(logsource: Logsource, found: Family): Taxonomy {
  const source = found.source(logsource)
  return {
    source,
    field(name) {
      const known = found.fields[name] ?? found.other?.(name, logsource)
      if (known === undefined) throw new Untranslatable('field without an ECS name', name)
      return known
    },
    keywordFields: found.keywordFields ?? ['message'],
    open: source === undefined,
    ...(found.dataset === undefined ? {} : { dataset: found.dataset(logsource) }),
  }
}

function taxonomyOf(logsource: Logsource): Taxonomy {
  const { product, category, service } = logsource
  const isWindows =
    product === 'windows' ||
    product === 'mssql' ||
    // It writes to a log of its own, which the rules name.
    product === 'rpc_firewall' ||
    (product === undefined && category !== undefined && categories[category] !== undefined)
  if (isWindows) return windows(logsource)
  const name = `${product ?? ''}/${category ?? ''}/${service ?? ''}`
  const found = families.find(([pattern]) => pattern.test(name))
  if (found === undefined)
    throw new Untranslatable(
      'log source that no parser writes',
      [product, category, service].filter((part) => part !== undefined).join('/'),
    )
  return family(logsource, found[1])
}

/** Of each log source at once; a field that they keep in different places is looked for in all of them. */
export function taxonomyOfAll(logsources: readonly Logsource[]): Taxonomy {
  const [first, ...rest] = logsources.map(taxonomyOf)
  if (first === undefined) throw new Untranslatable('log source that no parser writes', 'none')
  if (rest.length === 0) return first
  const every = [first, ...rest]
  const sources = every.flatMap(({ source }) => source ?? [])
  return {
    source: sources.length < every.length ? undefined : any(sources),
    field(name) {
      const fields = every.map((one) => one.field(name))
      const subjects = [...new Set(fields.map(({ subject }) => subject))]
      const [only] = fields
      if (only !== undefined && subjects.length === 1) return only
      return { subject: `(${subjects.join(' ?? ')})`, type: 'text', dropsEmpty: fields.every((one) => one.dropsEmpty) }
    },
    keywordFields: [...new Set(every.flatMap(({ keywordFields }) => keywordFields))],
    open: every.some(({ open }) => open),
    ...(first.dataset === undefined ? {} : { dataset: first.dataset }),
  }
}
