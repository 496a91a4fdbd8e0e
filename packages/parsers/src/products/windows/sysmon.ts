// Sysmon (learn.microsoft.com/sysinternals/downloads/sysmon, schema 4.90): processes, files, registry, network, DNS, pipes, WMI.
import { ipOf, portOf } from '../../normalise/address.ts'
import { add, type EventDocument, put } from '../../normalise/document.ts'
import { domainParts } from '../../normalise/domain-name.ts'
import { communityId, protocolNumber } from '../../normalise/network.ts'
import { fileName, putFile, putProcess, splitCommandLine } from '../../normalise/path.ts'
import { isoTime, timeOf } from '../../normalise/time.ts'
import type { WindowsEvent } from './event.ts'
import { said } from './security.ts'

/** id → name of the event as Sysmon's task has it, categories, types. */
const meanings: Record<string, readonly [action: string, category: string, type: string] | undefined> = {
  '1': ['Process creation', 'process', 'start'],
  '2': ['A process changed a file creation time', 'file', 'change'],
  '3': ['Network connection', 'network', 'start,connection,protocol'],
  '4': ['Sysmon service state changed', 'process', 'change'],
  '5': ['Process terminated', 'process', 'end'],
  '6': ['Driver loaded', 'driver', 'start'],
  '7': ['Image loaded', 'process', 'change'],
  '8': ['CreateRemoteThread', 'process', 'change'],
  '9': ['RawAccessRead', 'process', 'access'],
  '10': ['ProcessAccess', 'process', 'access'],
  '11': ['FileCreate', 'file', 'creation'],
  '12': ['RegistryEvent (Object create and delete)', 'configuration,registry', 'change'],
  '13': ['RegistryEvent (Value Set)', 'configuration,registry', 'change'],
  '14': ['RegistryEvent (Key and Value Rename)', 'configuration,registry', 'change'],
  '15': ['FileCreateStreamHash', 'file', 'access'],
  '16': ['ServiceConfigurationChange', 'configuration', 'change'],
  '17': ['PipeEvent (Pipe Created)', 'file', 'creation'],
  '18': ['PipeEvent (Pipe Connected)', 'file', 'access'],
  '19': ['WmiEvent (WmiEventFilter activity detected)', 'process', 'info'],
  '20': ['WmiEvent (WmiEventConsumer activity detected)', 'process', 'info'],
  '21': ['WmiEvent (WmiEventConsumerToFilter activity detected)', 'process', 'info'],
  '22': ['DNSEvent (DNS query)', 'network', 'connection,protocol,info'],
  '23': ['FileDelete (File Delete archived)', 'file', 'deletion'],
  '24': ['ClipboardChange (New content in the clipboard)', '', 'change'],
  '25': ['ProcessTampering (Process image change)', 'process', 'change'],
  '26': ['FileDeleteDetected (File Delete logged)', 'file', 'deletion'],
  '27': ['FileBlockExecutable', 'file', 'creation'],
  '28': ['FileBlockShredding', 'file', 'deletion'],
  '29': ['FileExecutableDetected', 'file', 'creation'],
  '255': ['Error', '', 'error'],
}

/** Whose hashes the event lists: those of the process, or of the file that it names. */
const hashesOfFile = new Set(['6', '7', '11', '15', '26', '27', '28', '29'])

export function parseSysmon(event: WindowsEvent, document: EventDocument): void {
  const { id, data } = event
  const meaning = meanings[id]
  if (meaning !== undefined) {
    const [action, category, type] = meaning
    put(document, 'event.action', action)
    if (category !== '') put(document, 'event.category', category.split(','))
    put(document, 'event.type', type.split(','))
  }
  const time = isoTime(timeOf(data['UtcTime'], event.time ?? 0))
  if (time !== undefined) {
    put(document, 'event.created', isoTime(event.time))
    put(document, '@timestamp', time)
  }
  if (id === '27' || id === '28') put(document, 'event.outcome', 'failure')
  put(document, 'rule.name', said(data['RuleName']))
  putUser(event, document)
  putSysmonProcess(event, document)
  putSysmonFile(event, document)
  putHashes(id, data['Hashes'] ?? data['Hash'], document)
  if (id === '3') putConnection(data, document)
  else if (id === '22') putDns(data, document)
  else if (id === '12' || id === '13' || id === '14') putRegistry(data, document)
  else if (id === '25') put(document, 'message', event.message ?? said(data['Type']))
}

/** `user.id` is the account that runs Sysmon unless the event names another. */
function putUser(event: WindowsEvent, document: EventDocument): void {
  put(document, 'user.id', event.user?.sid)
  const user = said(event.data['User'] ?? event.data['SourceUser'])
  if (user === undefined) return
  const back = user.indexOf('\\')
  put(document, 'user.domain', back > 0 ? user.slice(0, back) : undefined)
  put(document, 'user.name', user.slice(back + 1))
  add(document, 'related.user', user.slice(back + 1))
}

function putSysmonProcess({ id, data }: WindowsEvent, document: EventDocument): void {
  const from = id === '8' || id === '10' ? 'Source' : ''
  put(document, 'process.entity_id', said(data[`${from}ProcessGuid`] ?? data[`${from}ProcessGUID`]))
  put(document, 'process.pid', pid(data[`${from}ProcessId`]))
  const image = said(data[`${from}Image`] ?? data['Image'])
  putProcess(document, 'process', image)
  put(document, 'process.thread.id', pid(data['SourceThreadId']))
  putCommandLine(document, 'process', data['CommandLine'])
  put(document, 'process.working_directory', said(data['CurrentDirectory']))
  putProcess(document, 'process.parent', said(data['ParentImage']))
  put(document, 'process.parent.pid', pid(data['ParentProcessId']))
  put(document, 'process.parent.entity_id', said(data['ParentProcessGuid']))
  putCommandLine(document, 'process.parent', data['ParentCommandLine'])
  const pe = id === '1' ? 'process.pe' : 'file.pe'
  if (id === '1' || id === '7') {
    put(document, `${pe}.company`, said(data['Company']))
    put(document, `${pe}.description`, said(data['Description']))
    put(document, `${pe}.file_version`, said(data['FileVersion']))
    put(document, `${pe}.product`, said(data['Product']))
    put(document, `${pe}.original_file_name`, said(data['OriginalFileName']))
  }
  if (id === '6' || id === '7') {
    put(document, 'file.code_signature.signed', bool(data['Signed']))
    put(document, 'file.code_signature.subject_name', said(data['Signature']))
    put(document, 'file.code_signature.status', said(data['SignatureStatus']))
    const status = said(data['SignatureStatus'])
    if (status !== undefined) put(document, 'file.code_signature.valid', status === 'Valid')
  }
}

function pid(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined
}

function bool(text: string | undefined): boolean | undefined {
  const lower = text?.toLowerCase()
  return lower === 'true' ? true : lower === 'false' ? false : undefined
}

function putCommandLine(document: EventDocument, prefix: string, line: string | undefined): void {
  if (said(line) === undefined || line === undefined) return
  put(document, `${prefix}.command_line`, line)
  const parts = splitCommandLine(line)
  put(document, `${prefix}.args`, parts)
  put(document, `${prefix}.args_count`, parts.length)
}

function putSysmonFile({ id, data }: WindowsEvent, document: EventDocument): void {
  const path = said(data['TargetFilename'] ?? data['ImageLoaded'] ?? (id === '9' ? data['Device'] : undefined))
  putFile(document, 'file', path)
  const pipe = said(data['PipeName'])
  if (pipe !== undefined) put(document, 'file.name', pipe)
  put(document, 'sysmon.file.archived', bool(data['Archived']))
  put(document, 'sysmon.file.is_executable', bool(data['IsExecutable']))
}

/** `MD5=…,SHA256=…,IMPHASH=…` */
function putHashes(id: string, hashes: string | undefined, document: EventDocument): void {
  const list = said(hashes)
  if (list === undefined) return
  const owner = hashesOfFile.has(id) ? 'file' : 'process'
  for (const pair of list.split(',')) {
    const equals = pair.indexOf('=')
    if (equals < 0) continue
    const name = pair.slice(0, equals).trim().toLowerCase()
    const value = pair
      .slice(equals + 1)
      .trim()
      .toLowerCase()
    // All zeros stand for "no import table".
    if (!/^[0-9a-f]{8,128}$/.test(value) || /^0+$/.test(value)) continue
    if (name === 'imphash') put(document, `${owner}.pe.imphash`, value)
    else if (name === 'md5' || name === 'sha1' || name === 'sha256' || name === 'sha512')
      put(document, `${owner}.hash.${name}`, value)
    add(document, 'related.hash', value)
  }
}

function putConnection(data: Record<string, string>, document: EventDocument): void {
  put(document, 'network.transport', said(data['Protocol'])?.toLowerCase())
  put(document, 'network.protocol', said(data['DestinationPortName']) ?? said(data['SourcePortName']))
  put(
    document,
    'network.direction',
    bool(data['Initiated']) === true ? 'egress' : bool(data['Initiated']) === false ? 'ingress' : undefined,
  )
  put(document, 'network.type', bool(data['SourceIsIpv6']) === true ? 'ipv6' : 'ipv4')
  for (const [prefix, name] of [
    ['source', 'Source'],
    ['destination', 'Destination'],
  ] as const) {
    put(document, `${prefix}.ip`, ipOf(said(data[`${name}Ip`])))
    put(document, `${prefix}.port`, portOf(said(data[`${name}Port`])))
    put(document, `${prefix}.domain`, said(data[`${name}Hostname`]))
  }
  const [from, to] = [ipOf(said(data['SourceIp'])), ipOf(said(data['DestinationIp']))]
  const [fromPort, toPort] = [portOf(said(data['SourcePort'])), portOf(said(data['DestinationPort']))]
  const protocol = protocolNumber(said(data['Protocol'])?.toLowerCase() ?? '')
  if (
    from === undefined ||
    to === undefined ||
    fromPort === undefined ||
    toPort === undefined ||
    protocol === undefined
  )
    return
  put(document, 'network.community_id', communityId(from, to, protocol, fromPort, toPort))
}

/** DNS record types by number (IANA). */
export const recordTypes: Record<string, string | undefined> = {
  '1': 'A',
  '2': 'NS',
  '5': 'CNAME',
  '6': 'SOA',
  '12': 'PTR',
  '15': 'MX',
  '16': 'TXT',
  '28': 'AAAA',
  '33': 'SRV',
  '35': 'NAPTR',
  '41': 'OPT',
  '43': 'DS',
  '46': 'RRSIG',
  '48': 'DNSKEY',
  '52': 'TLSA',
  '64': 'SVCB',
  '65': 'HTTPS',
  '255': 'ANY',
  '257': 'CAA',
}

/** Win32 DNS error codes (winerror.h, 9001 …). */
const dnsStatuses: Record<string, string | undefined> = {
  '0': 'SUCCESS',
  '5': 'ERROR_ACCESS_DENIED',
  '8': 'ERROR_NOT_ENOUGH_MEMORY',
  '13': 'ERROR_INVALID_DATA',
  '14': 'ERROR_OUTOFMEMORY',
  '123': 'ERROR_INVALID_NAME',
  '1214': 'ERROR_INVALID_NETNAME',
  '1223': 'ERROR_CANCELLED',
  '1460': 'ERROR_TIMEOUT',
  '9001': 'DNS_ERROR_RCODE_FORMAT_ERROR',
  '9002': 'DNS_ERROR_RCODE_SERVER_FAILURE',
  '9003': 'DNS_ERROR_RCODE_NAME_ERROR',
  '9004': 'DNS_ERROR_RCODE_NOT_IMPLEMENTED',
  '9005': 'DNS_ERROR_RCODE_REFUSED',
  '9501': 'DNS_INFO_NO_RECORDS',
  '9502': 'DNS_ERROR_BAD_PACKET',
  '9503': 'DNS_ERROR_NO_PACKET',
  '9560': 'DNS_ERROR_INVALID_NAME',
  '9561': 'DNS_ERROR_INVALID_DATA',
  '9701': 'DNS_ERROR_RECORD_DOES_NOT_EXIST',
  '9852': 'DNS_ERROR_NO_DNS_SERVERS',
  '10054': 'WSAECONNRESET',
  '10055': 'WSAENOBUFS',
  '10060': 'WSAETIMEDOUT',
}

/** `type:  5 name;::ffff:192.0.2.1;2001:db8::1;` */
function putDns(data: Record<string, string>, document: EventDocument): void {
  put(document, 'network.protocol', 'dns')
  const status = said(data['QueryStatus'])
  put(document, 'sysmon.dns.status', status === undefined ? undefined : (dnsStatuses[status] ?? status))
  const answers: { type: string; data: string }[] = []
  const addresses: string[] = []
  const names: string[] = []
  for (const part of (said(data['QueryResults']) ?? '').split(';')) {
    const result = part.trim()
    if (result === '') continue
    if (result.startsWith('type:')) {
      const words = result.slice(5).trim()
      const space = words.indexOf(' ')
      const target = space < 0 ? '' : words.slice(space + 1).trim()
      const type = recordTypes[space < 0 ? words : words.slice(0, space)] ?? words.slice(0, Math.max(space, 0))
      if (target === '') continue
      answers.push({ type, data: target })
      names.push(target)
      continue
    }
    const ip = ipOf(result)
    if (ip === undefined) continue
    answers.push({ type: ip.includes(':') ? 'AAAA' : 'A', data: ip })
    if (!addresses.includes(ip)) addresses.push(ip)
  }
  put(document, 'dns.answers', answers)
  put(document, 'dns.resolved_ip', addresses)
  add(document, 'related.ip', ...addresses)
  add(document, 'related.hosts', ...names)
  const name = said(data['QueryName'])
  put(document, 'dns.question.name', name)
  add(document, 'related.hosts', name)
  const parts = name === undefined ? undefined : domainParts(name)
  put(document, 'dns.question.registered_domain', parts?.registered)
  put(document, 'dns.question.top_level_domain', parts?.topLevel)
  put(document, 'dns.question.subdomain', parts?.subdomain)
}

const hives: Record<string, string | undefined> = {
  HKEY_CLASSES_ROOT: 'HKCR',
  HKEY_CURRENT_CONFIG: 'HKCC',
  HKEY_CURRENT_USER: 'HKCU',
  HKEY_LOCAL_MACHINE: 'HKLM',
  HKEY_USERS: 'HKU',
}

/** `HKLM\Software\…\Name`, with the value as `DWORD (0x00000004)`, `QWORD (0x…-0x…)`, `Binary Data` or text. */
function putRegistry(data: Record<string, string>, document: EventDocument): void {
  const path = said(data['TargetObject'])
  if (path === undefined) return
  const slash = path.indexOf('\\')
  const hive = slash < 0 ? path : path.slice(0, slash)
  put(document, 'registry.path', path)
  put(document, 'registry.hive', hives[hive] ?? hive)
  put(document, 'registry.key', slash < 0 ? undefined : path.slice(slash + 1))
  put(document, 'registry.value', fileName(path))
  const details = said(data['Details'])
  if (details === undefined) return
  const number = /^(DWORD|QWORD) \(0x([0-9a-fA-F]{1,16})(?:-0x([0-9a-fA-F]{1,16}))?\)$/.exec(details)
  if (number !== null) {
    const high = number[3] === undefined ? '' : (number[2] ?? '')
    const low = number[3] ?? number[2] ?? ''
    put(document, 'registry.data.type', number[1] === 'QWORD' ? 'SZ_QWORD' : 'SZ_DWORD')
    put(document, 'registry.data.strings', [BigInt(`0x${high}${low}`).toString()])
  } else {
    put(document, 'registry.data.type', details === 'Binary Data' ? 'REG_BINARY' : 'REG_SZ')
    put(document, 'registry.data.strings', [details])
  }
}
