// From Sigma's log sources and field names to the events that our parsers write: ECS, and winlog.* for what ECS has no name for.
import { all, any, type Clause, path, quote, test } from './jsonata-text.ts'
import { Untranslatable } from './untranslatable.ts'
import { categories, channels, sysmon } from './windows-logs.ts'

export interface SigmaField {
  /** JSONata that gives the value. */
  subject: string
  type: 'text' | 'number'
  /** Our parser leaves out values that say nothing (`-`, empty): tests for them are tests for absence. */
  dropsEmpty: boolean
}

export interface Taxonomy {
  /** Which events the rule speaks of; undefined where any could be meant. */
  source: Clause | undefined
  field(name: string): SigmaField
  /** The texts that keywords are looked for in. */
  keywordFields: string[]
  /** For the report: the log source was not narrowed. */
  open: boolean
}

interface Logsource {
  product: string | undefined
  category: string | undefined
  service: string | undefined
}

const anyWindows: Record<string, SigmaField> = {
  EventID: text('event.code'),
  Channel: text('winlog.channel'),
  Provider_Name: text('winlog.provider_name'),
  ProviderName: text('winlog.provider_name'),
  Source: text('winlog.provider_name'),
  Computer: text('winlog.computer_name'),
  ComputerName: text('winlog.computer_name'),
  EventRecordID: text('winlog.record_id'),
}

/** Per category: what Sysmon's data become in ECS. Everything else keeps its name below winlog.event_data. */
const byCategory: Record<string, Record<string, SigmaField> | undefined> = {
  process_creation: {
    Image: ecs('process.executable'),
    CommandLine: ecs('process.command_line'),
    ParentImage: ecs('process.parent.executable'),
    ParentCommandLine: ecs('process.parent.command_line'),
    CurrentDirectory: ecs('process.working_directory'),
    OriginalFileName: ecs('process.pe.original_file_name'),
  },
  image_load: { Image: ecs('process.executable'), ImageLoaded: ecs('file.path') },
  driver_load: { ImageLoaded: ecs('file.path') },
  network_connection: {
    Image: ecs('process.executable'),
    DestinationHostname: ecs('destination.domain'),
    SourceHostname: ecs('source.domain'),
  },
  dns_query: { Image: ecs('process.executable'), QueryName: ecs('dns.question.name') },
  process_access: { SourceImage: ecs('process.executable') },
  create_remote_thread: { SourceImage: ecs('process.executable') },
  pipe_created: { Image: ecs('process.executable') },
}
for (const category of [
  'file_event',
  'file_creation',
  'file_change',
  'file_delete',
  'create_stream_hash',
  'file_executable_detected',
  'file_block_executable',
]) {
  byCategory[category] = { Image: ecs('process.executable'), TargetFilename: ecs('file.path') }
}
for (const category of ['registry_event', 'registry_set', 'registry_add', 'registry_delete', 'registry_rename']) {
  byCategory[category] = { Image: ecs('process.executable'), TargetObject: ecs('registry.path') }
}

function text(field: string): SigmaField {
  return { subject: path(field), type: 'text', dropsEmpty: false }
}

function ecs(field: string): SigmaField {
  return { subject: path(field), type: 'text', dropsEmpty: true }
}

function number(field: string): SigmaField {
  return { subject: path(field), type: 'number', dropsEmpty: true }
}

function equals(field: string, values: readonly string[]): Clause {
  const [first] = values
  return test(
    values.length === 1 && first !== undefined
      ? `${path(field)} = ${quote(first)}`
      : `${path(field)} in [${values.map(quote).join(', ')}]`,
  )
}

const windowsKeywords = ['message', 'winlog.event_data.*', 'winlog.user_data.**[$type($) = "string"]']

function windows({ category, service }: Logsource): Taxonomy {
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
  const ofService = service === undefined ? undefined : channels[service]
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

interface Family {
  source: (logsource: Logsource) => Clause | undefined
  fields: Record<string, SigmaField>
}

const web: Record<string, SigmaField> = {
  'cs-method': ecs('http.request.method'),
  'cs-uri': ecs('url.original'),
  'c-uri': ecs('url.original'),
  'cs-uri-query': ecs('url.query'),
  'c-uri-query': ecs('url.query'),
  'cs-uri-stem': ecs('url.path'),
  'c-uri-stem': ecs('url.path'),
  'c-uri-extension': ecs('url.extension'),
  'c-uripath': ecs('url.path'),
  'cs-host': ecs('url.domain'),
  'r-dns': ecs('url.domain'),
  'cs-user-agent': ecs('user_agent.original'),
  'c-useragent': ecs('user_agent.original'),
  'cs-referer': ecs('http.request.referrer'),
  'cs-referrer': ecs('http.request.referrer'),
  'cs-cookie': ecs('http.request.headers.cookie'),
  'sc-status': number('http.response.status_code'),
  'sc-bytes': number('http.response.bytes'),
  'c-ip': ecs('source.ip'),
  src_ip: ecs('source.ip'),
  dst_ip: ecs('destination.ip'),
  dst_port: number('destination.port'),
}

const network: Record<string, SigmaField> = {
  src_ip: ecs('source.ip'),
  src_port: number('source.port'),
  dst_ip: ecs('destination.ip'),
  dst_port: number('destination.port'),
  'id.orig_h': ecs('source.ip'),
  'id.resp_h': ecs('destination.ip'),
  'id.resp_p': number('destination.port'),
  protocol: ecs('network.transport'),
  action: ecs('event.action'),
  username: ecs('user.name'),
  query: ecs('dns.question.name'),
  record_type: ecs('dns.question.type'),
  qtype_name: ecs('dns.question.type'),
}

/** Products and categories beside Windows whose events we parse, by `product/category/service` with `*` for any. */
const families: [pattern: RegExp, family: Family][] = [
  [
    /^[^/]*\/(webserver|proxy)\//,
    { source: () => test('$exists(url.original) or $exists(http.request.method)'), fields: web },
  ],
  [/^[^/]*\/firewall\//, { source: () => test('"network" in event.category'), fields: network }],
  [/^[^/]*\/dns\//, { source: () => test('$exists(dns.question.name)'), fields: network }],
  [
    /^[^/]*\/antivirus\//,
    {
      source: () => test('"malware" in event.category'),
      fields: { Signature: ecs('rule.name'), Filename: ecs('file.path') },
    },
  ],
  [/^cisco\//, { source: () => equals('observer.vendor', ['Cisco']), fields: network }],
  [/^(fortigate|fortios)\//, { source: () => equals('observer.vendor', ['Fortinet']), fields: network }],
  [/^paloalto\//, { source: () => equals('observer.vendor', ['Palo Alto Networks']), fields: network }],
  [
    /^linux\/process_creation\//,
    {
      source: () => all([equals('host.os.type', ['linux']), test('"process" in event.category')]),
      fields: { ...(byCategory['process_creation'] ?? {}), User: ecs('user.name') },
    },
  ],
  [
    /^linux\/\/(auth|sshd|sudo|syslog|cron|clamav|vsftpd|guacamole)?$/,
    { source: () => equals('host.os.type', ['linux']), fields: {} },
  ],
]

function family(logsource: Logsource, found: Family): Taxonomy {
  return {
    source: found.source(logsource),
    field(name) {
      const known = found.fields[name]
      if (known === undefined) throw new Untranslatable('field without an ECS name', name)
      return known
    },
    keywordFields: ['message'],
    open: false,
  }
}

export function taxonomyOf(logsource: Logsource): Taxonomy {
  const { product, category, service } = logsource
  const isWindows =
    product === 'windows' ||
    product === 'mssql' ||
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
