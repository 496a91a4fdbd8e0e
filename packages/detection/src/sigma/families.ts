// Products and categories beside Windows: which of our events they mean, and where those have what Sigma's fields name.
import { all, type Clause, path, quote, test } from './jsonata-text.ts'
import { byCategory, ecs, equals, type Logsource, number, type SigmaField, text } from './sigma-field.ts'

export interface Family {
  source: (logsource: Logsource) => Clause | undefined
  fields: Record<string, SigmaField>
  /** For names that `fields` lacks. */
  other?: (name: string, logsource: Logsource) => SigmaField | undefined
  keywordFields?: string[]
  dataset?: (logsource: Logsource) => string
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
  'cs-username': ecs('user.name'),
  'cs-content-type': ecs('http.request.mime_type'),
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

/** The Linux audit system by its own names: `a0` of an EXECVE record is the first word of the command. */
const audit: Record<string, SigmaField> = {
  type: text('auditd.log.record_type'),
  exe: ecs('process.executable'),
  comm: ecs('process.name'),
  cwd: ecs('process.working_directory'),
  pid: number('process.pid'),
  ppid: number('process.parent.pid'),
  uid: ecs('user.id'),
  auid: ecs('user.audit.id'),
  euid: ecs('user.effective.id'),
  SYSCALL: text('auditd.log.syscall'),
}

function auditField(name: string): SigmaField {
  const word = /^a(\d+)$/.exec(name)?.[1]
  return word === undefined
    ? text(`auditd.log.${name}`)
    : { subject: `process.args[${word}]`, type: 'text', dropsEmpty: false }
}

/** What Sysmon for Linux tells beside processes. */
const linuxSysmon: Record<string, Record<string, SigmaField>> = {
  file_event: byCategory['file_event'] ?? {},
  network_connection: {
    ...byCategory['network_connection'],
    SourceIp: ecs('source.ip'),
    SourcePort: number('source.port'),
    DestinationIp: ecs('destination.ip'),
    DestinationPort: number('destination.port'),
  },
}

/** Records of JSON that no product of ours reads: their names stand below the dataset that their source is configured to be. */
function belowDataset(dataset: (logsource: Logsource) => string, lists: readonly string[] = []): Family {
  return {
    source: (logsource) => equals('event.dataset', [dataset(logsource)]),
    dataset,
    fields: {},
    other(name, logsource) {
      const own = path(`${dataset(logsource)}.${name}`)
      // A number or a truth is compared as the text that Sigma has; a list holds what one of its values does.
      const subject = lists.includes(name) ? `$join(${own}, "\\n")` : `$string(${own})`
      return { subject, type: 'text', dropsEmpty: false }
    },
    keywordFields: ['$string($)'],
  }
}

const zeekNames: Record<string, string> = { 'c-uri': 'uri', 'c-useragent': 'user_agent' }
const zeekLists = ['answers', 'resp_mime_types', 'client_header_names']

function zeek(): Family {
  const family = belowDataset(({ service }) => `zeek.${service ?? 'conn'}`, zeekLists)
  return { ...family, other: (name, logsource) => family.other?.(zeekNames[name] ?? name, logsource) }
}

const linuxOf = (category: string): Clause =>
  all([equals('host.os.type', ['linux']), test(`${quote(category)} in event.category`)])

/** Products and categories beside Windows whose events we parse, by `product/category/service` with `*` for any. */
export const families: [pattern: RegExp, family: Family][] = [
  [
    /^[^/]*\/(webserver|proxy)\//,
    { source: () => test('$exists(url.original) or $exists(http.request.method)'), fields: web },
  ],
  [/^\/\/(apache|nginx)$/, { source: ({ service }) => equals('event.module', [service ?? '']), fields: web }],
  [/^[^/]*\/firewall\//, { source: () => test('"network" in event.category'), fields: network }],
  [
    /^[^/]*\/dns\//,
    {
      source: () => test('$exists(dns.question.name)'),
      fields: { ...network, answer: { subject: '$join(dns.answers.data, "\\n")', type: 'text', dropsEmpty: true } },
    },
  ],
  [
    /^[^/]*\/antivirus\//,
    {
      source: () => test('"malware" in event.category'),
      fields: { Signature: ecs('rule.name'), Filename: ecs('file.path') },
    },
  ],
  [/^cisco\/\/duo$/, belowDataset(() => 'cisco_duo.auth')],
  [/^cisco\//, { source: () => equals('observer.vendor', ['Cisco']), fields: network }],
  [/^juniper\//, { source: () => equals('observer.vendor', ['Juniper']), fields: network }],
  [
    /^(fortigate|fortios)\//,
    {
      source: () => equals('observer.vendor', ['Fortinet']),
      fields: {
        ...network,
        action: {
          subject: '(fortinet.firewall.action ?? event.action)',
          type: 'text',
          dropsEmpty: true,
        },
      },
      // FortiOS's own names, as the device writes them.
      other: (name) => text(`fortinet.firewall.${name}`),
    },
  ],
  [/^paloalto\/appliance\//, { source: () => equals('observer.vendor', ['Palo Alto Networks']), fields: network }],
  [
    /^linux\/process_creation\//,
    {
      source: () => linuxOf('process'),
      fields: {
        ...(byCategory['process_creation'] ?? {}),
        User: ecs('user.name'),
        LogonId: text('winlog.event_data.LogonId'),
      },
    },
  ],
  [
    /^linux\/(file_event|network_connection)\//,
    {
      source: ({ category }) => linuxOf(category === 'file_event' ? 'file' : 'network'),
      fields: {},
      other: (name, { category }) => linuxSysmon[category ?? '']?.[name] ?? text(`winlog.event_data.${name}`),
    },
  ],
  [
    /^linux\/\/auditd$/,
    {
      source: () => equals('event.dataset', ['auditd.log']),
      fields: audit,
      other: auditField,
      keywordFields: ['message', 'process.command_line', 'process.executable', 'auditd.log.*'],
    },
  ],
  [
    /^linux\/\/(auth|sshd|sudo|syslog|cron|clamav|vsftpd|guacamole)?$/,
    { source: () => equals('host.os.type', ['linux']), fields: { USER: ecs('user.effective.name') } },
  ],
  [/^zeek\/\//, zeek()],
  [
    /^m365\/\/audit$/,
    {
      source: () => equals('event.dataset', ['o365.audit']),
      fields: { Operation: ecs('event.action') },
      other: (name) => ({ subject: `$string(${path(`o365.audit.${name}`)})`, type: 'text', dropsEmpty: false }),
    },
  ],
  [/^okta\//, belowDataset(() => 'okta.system')],
  [/^onelogin\//, belowDataset(() => 'onelogin.events')],
  [/^azure\/\/signinlogs$/, belowDataset(() => 'azure.signinlogs')],
  [/^github\//, belowDataset(() => 'github.audit')],
  [/^bitbucket\//, belowDataset(() => 'bitbucket.audit')],
  [/^kubernetes\//, belowDataset(() => 'kubernetes.audit', ['hostPath', 'capabilities'])],
  [/^opencanary\//, belowDataset(() => 'opencanary.log')],
  // Words in the messages of an application, whichever it is: of any event that has a message.
  [
    /^((django|jvm|nodejs|python|ruby_on_rails|spring|sql|velocity)\/application|\/database|huawei\/)\/?/,
    { source: () => undefined, fields: {} },
  ],
]
