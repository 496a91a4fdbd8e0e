// From Sigma's log sources and field names to the events that our parsers write: ECS, and winlog.* for what ECS has no name for.
import { all, any, type Clause, path, quote, test } from './jsonata-text.ts'
import { Untranslatable } from './untranslatable.ts'

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

const sysmon = 'Microsoft-Windows-Sysmon/Operational'
const powershell = ['Microsoft-Windows-PowerShell/Operational', 'PowerShellCore/Operational'] as const

/** Channels of Sigma's Windows services (sigma-specification, taxonomy appendix). */
const channels: Record<string, readonly string[] | undefined> = {
  security: ['Security'],
  system: ['System'],
  application: ['Application'],
  setup: ['Setup'],
  sysmon: [sysmon],
  powershell,
  'powershell-classic': ['Windows PowerShell'],
  taskscheduler: ['Microsoft-Windows-TaskScheduler/Operational'],
  wmi: ['Microsoft-Windows-WMI-Activity/Operational'],
  'dns-server': ['DNS Server'],
  'dns-server-audit': ['Microsoft-Windows-DNS-Server/Audit'],
  'dns-server-analytic': ['Microsoft-Windows-DNS-Server/Analytical'],
  'dns-client': ['Microsoft-Windows-DNS Client Events/Operational', 'Microsoft-Windows-DNS-Client/Operational'],
  'driver-framework': ['Microsoft-Windows-DriverFrameworks-UserMode/Operational'],
  ntlm: ['Microsoft-Windows-NTLM/Operational'],
  dhcp: ['Microsoft-Windows-DHCP-Server/Operational'],
  'msexchange-management': ['MSExchange Management'],
  'printservice-admin': ['Microsoft-Windows-PrintService/Admin'],
  'printservice-operational': ['Microsoft-Windows-PrintService/Operational'],
  'codeintegrity-operational': ['Microsoft-Windows-CodeIntegrity/Operational'],
  'smbclient-security': ['Microsoft-Windows-SmbClient/Security'],
  'smbclient-connectivity': ['Microsoft-Windows-SmbClient/Connectivity'],
  'smbserver-connectivity': ['Microsoft-Windows-SMBServer/Connectivity'],
  applocker: [
    'Microsoft-Windows-AppLocker/EXE and DLL',
    'Microsoft-Windows-AppLocker/MSI and Script',
    'Microsoft-Windows-AppLocker/Packaged app-Deployment',
    'Microsoft-Windows-AppLocker/Packaged app-Execution',
  ],
  'bits-client': ['Microsoft-Windows-Bits-Client/Operational'],
  windefend: ['Microsoft-Windows-Windows Defender/Operational'],
  'terminalservices-localsessionmanager': ['Microsoft-Windows-TerminalServices-LocalSessionManager/Operational'],
  'firewall-as': ['Microsoft-Windows-Windows Firewall With Advanced Security/Firewall'],
  openssh: ['OpenSSH/Operational'],
  ldap: ['Microsoft-Windows-LDAP-Client/Debug'],
  'security-mitigations': [
    'Microsoft-Windows-Security-Mitigations/KernelMode',
    'Microsoft-Windows-Security-Mitigations/UserMode',
    'Microsoft-Windows-Security-Mitigations/Kernel Mode',
    'Microsoft-Windows-Security-Mitigations/User Mode',
  ],
  'diagnosis-scripted': ['Microsoft-Windows-Diagnosis-Scripted/Operational'],
  'shell-core': ['Microsoft-Windows-Shell-Core/Operational'],
  vhdmp: ['Microsoft-Windows-VHDMP/Operational'],
  'lsa-server': ['Microsoft-Windows-LSA/Operational'],
  capi2: ['Microsoft-Windows-CAPI2/Operational'],
  'certificateservicesclient-lifecycle-system': [
    'Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational',
  ],
  'appxdeployment-server': ['Microsoft-Windows-AppXDeploymentServer/Operational'],
  'appxpackaging-om': ['Microsoft-Windows-AppxPackaging/Operational'],
  'appmodel-runtime': ['Microsoft-Windows-AppModel-Runtime/Admin'],
  'iis-configuration': ['Microsoft-IIS-Configuration/Operational'],
  'microsoft-servicebus-client': ['Microsoft-ServiceBus-Client/Admin', 'Microsoft-ServiceBus-Client/Operational'],
}

/** Events of Sigma's Windows categories; Sysmon's ids unless a channel stands before them. */
const categories: Record<string, { codes: string[]; channels?: readonly string[]; extra?: string } | undefined> = {
  process_creation: { codes: ['1'] },
  file_change: { codes: ['2'] },
  network_connection: { codes: ['3'] },
  sysmon_status: { codes: ['4', '16'] },
  process_termination: { codes: ['5'] },
  driver_load: { codes: ['6'] },
  driver_loaded: { codes: ['6'] },
  image_load: { codes: ['7'] },
  create_remote_thread: { codes: ['8'] },
  raw_access_thread: { codes: ['9'] },
  process_access: { codes: ['10'] },
  file_event: { codes: ['11'] },
  file_creation: { codes: ['11'] },
  registry_add: { codes: ['12'], extra: '$lowercase(winlog.event_data.EventType) = "createkey"' },
  registry_delete: { codes: ['12'], extra: '$lowercase(winlog.event_data.EventType) in ["deletekey", "deletevalue"]' },
  registry_set: { codes: ['13'] },
  registry_rename: { codes: ['14'] },
  registry_event: { codes: ['12', '13', '14'] },
  create_stream_hash: { codes: ['15'] },
  pipe_created: { codes: ['17', '18'] },
  wmi_event: { codes: ['19', '20', '21'] },
  dns_query: { codes: ['22'] },
  file_delete: { codes: ['23', '26'] },
  clipboard_capture: { codes: ['24'] },
  clipboard_change: { codes: ['24'] },
  process_tampering: { codes: ['25'] },
  file_block: { codes: ['27'] },
  file_block_executable: { codes: ['27'] },
  file_block_shredding: { codes: ['28'] },
  file_executable_detected: { codes: ['29'] },
  sysmon_error: { codes: ['255'] },
  ps_module: { codes: ['4103'], channels: powershell },
  ps_script: { codes: ['4104'], channels: powershell },
  ps_classic_start: { codes: ['400'], channels: ['Windows PowerShell'] },
  ps_classic_provider_start: { codes: ['600'], channels: ['Windows PowerShell'] },
  ps_classic_script: { codes: ['800'], channels: ['Windows PowerShell'] },
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
