// The same event through each agent gives the same ECS: what a rule sees does not depend on the shipper.
import { describe, expect, test } from 'vitest'
import { parseRecord } from '../../parse-record.ts'

const data = {
  SubjectUserSid: 'S-1-0-0',
  SubjectUserName: '-',
  SubjectDomainName: '-',
  SubjectLogonId: '0x0',
  TargetUserSid: 'S-1-0-0',
  TargetUserName: 'anna',
  TargetDomainName: 'NORDHOST',
  Status: '0xc000006d',
  FailureReason: '%%2313',
  SubStatus: '0xc000006a',
  LogonType: '3',
  LogonProcessName: 'NtLmSsp ',
  AuthenticationPackageName: 'NTLM',
  WorkstationName: 'DESK4',
  TransmittedServices: '-',
  LmPackageName: '-',
  KeyLength: '0',
  ProcessId: '0x0',
  ProcessName: '-',
  IpAddress: '192.0.2.44',
  IpPort: '50122',
}
const provider = 'Microsoft-Windows-Security-Auditing'
const guid = '{54849625-5478-4994-a5ba-3e3b0328c30d}'
const time = '2026-11-18T09:12:44.123Z'

const shapes: Record<string, unknown> = {
  xml: `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='${provider}' Guid='${guid}'/><EventID>4625</EventID><Version>0</Version><Level>0</Level><Task>12544</Task><Opcode>0</Opcode><Keywords>0x8010000000000000</Keywords><TimeCreated SystemTime='2026-11-18T09:12:44.123456700Z'/><EventRecordID>991</EventRecordID><Correlation/><Execution ProcessID='632' ThreadID='700'/><Channel>Security</Channel><Computer>dc1.nordhost.example</Computer><Security/></System><EventData>${Object.entries(
    data,
  )
    .map(([name, value]) => `<Data Name='${name}'>${value}</Data>`)
    .join('')}</EventData></Event>`,
  winlogbeat: {
    '@timestamp': time,
    event: { code: '4625', provider, outcome: 'failure', kind: 'event' },
    host: { name: 'dc1.nordhost.example' },
    log: { level: 'information' },
    winlog: {
      event_id: '4625',
      provider_name: provider,
      provider_guid: guid,
      channel: 'Security',
      computer_name: 'dc1.nordhost.example',
      record_id: 991,
      keywords: ['Audit Failure'],
      opcode: 'Info',
      process: { pid: 632, thread: { id: 700 } },
      event_data: data,
    },
  },
  nxlog: {
    EventTime: '2026-11-18 09:12:44.123',
    Hostname: 'dc1.nordhost.example',
    Keywords: -0x7ff0000000000000,
    EventType: 'AUDIT_FAILURE',
    SeverityValue: 4,
    EventID: 4625,
    SourceName: provider,
    ProviderGuid: guid,
    Version: 0,
    Task: 12544,
    OpcodeValue: 0,
    RecordNumber: 991,
    ExecutionProcessID: 632,
    ThreadID: 700,
    Channel: 'Security',
    Opcode: 'Info',
    EventReceivedTime: '2026-11-18 09:12:46',
    SourceModuleName: 'in',
    SourceModuleType: 'im_msvistalog',
    ...data,
  },
  'fluent bit': {
    ProviderName: provider,
    ProviderGuid: guid,
    Qualifiers: '',
    EventID: 4625,
    Version: 0,
    Level: 0,
    Task: 12544,
    Opcode: 0,
    Keywords: '0x8010000000000000',
    TimeCreated: '2026-11-18 09:12:44.123 +0000',
    EventRecordID: 991,
    ActivityID: '',
    RelatedActivityID: '',
    ProcessID: 632,
    ThreadID: 700,
    Channel: 'Security',
    Computer: 'dc1.nordhost.example',
    UserID: '',
    StringInserts: Object.values(data),
  },
  opentelemetry: {
    channel: 'Security',
    computer: 'dc1.nordhost.example',
    event_id: { id: 4625, qualifiers: 0 },
    keywords: ['Audit Failure'],
    level: 'Information',
    opcode: 'Info',
    provider: { name: provider, guid, event_source: '' },
    record_id: 991,
    system_time: '2026-11-18T09:12:44.1234567Z',
    execution: { process_id: 632, thread_id: 700 },
    event_data: { data: Object.entries(data).map(([name, value]) => ({ [name]: value })) },
  },
  'dump of the xml': {
    Event: {
      '#attributes': { xmlns: 'http://schemas.microsoft.com/win/2004/08/events/event' },
      System: {
        Provider: { '#attributes': { Name: provider, Guid: guid } },
        EventID: 4625,
        Version: 0,
        Level: 0,
        Task: 12544,
        Opcode: 0,
        Keywords: '0x8010000000000000',
        TimeCreated: { '#attributes': { SystemTime: '2026-11-18T09:12:44.123456Z' } },
        EventRecordID: 991,
        Execution: { '#attributes': { ProcessID: 632, ThreadID: 700 } },
        Channel: 'Security',
        Computer: 'dc1.nordhost.example',
      },
      EventData: data,
    },
  },
}

function parse(shape: unknown) {
  const parsed = parseRecord({
    raw: Buffer.from(typeof shape === 'string' ? shape : JSON.stringify(shape)),
    arrival: Date.UTC(2026, 10, 18, 12),
  })
  if (!parsed.ok) throw new Error(parsed.detail)
  const { winlog, ...rest } = parsed.event
  return { dataset: parsed.dataset, rest, winlog }
}

describe('4625 through', () => {
  const xml = parse(shapes['xml'])
  test('the XML itself', () => {
    expect(xml.dataset).toBe('system.security')
    expect(xml.rest).toMatchObject({
      '@timestamp': time,
      event: {
        code: '4625',
        action: 'logon-failed',
        category: ['authentication'],
        type: ['start'],
        outcome: 'failure',
      },
      user: { name: 'anna', domain: 'NORDHOST', id: 'S-1-0-0' },
      source: { ip: '192.0.2.44', port: 50122, domain: 'DESK4' },
      host: { name: 'dc1.nordhost.example' },
    })
    expect(xml.winlog).toMatchObject({
      logon: {
        type: 'Network',
        failure: {
          reason: 'Unknown user name or bad password.',
          sub_status: 'User logon with misspelled or bad password',
        },
      },
    })
  })
  for (const [name, shape] of Object.entries(shapes)) {
    if (name === 'xml') continue
    test(name, () => {
      const other = parse(shape)
      expect(other.rest).toEqual(xml.rest)
      expect(other.dataset).toBe(xml.dataset)
      expect(other.winlog).toMatchObject({
        event_id: '4625',
        record_id: '991',
        event_data: { TargetUserName: 'anna', SubStatus: '0xc000006a', IpPort: '50122' },
        process: { pid: 632, thread: { id: 700 } },
      })
    })
  }
})
