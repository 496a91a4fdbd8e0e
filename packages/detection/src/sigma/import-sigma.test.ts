// Sigma rules of our own, one for each thing that Sigma can say: what becomes of them, and what they then match.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseRecord } from '@varde/parsers'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { compileExpression } from '../compile/index.ts'
import { compileRule } from '../rules/compile-rule.ts'
import { importSigma, importSigmaTexts } from './import-sigma.ts'

const head = (detection: string, logsource = 'product: windows\n  service: security'): string =>
  `title: One\nlogsource:\n  ${logsource}\ndetection:\n${detection}\n`

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function ruleOf(text: string): Record<string, unknown> {
  const { rules, report } = importSigmaTexts([{ path: 'one.yml', text }])
  const [rule] = rules
  if (rule === undefined) throw new Error(report.problems.map(({ detail }) => detail).join('; '))
  const compiled = compileRule(rule.text, rule.file)
  if (!compiled.ok) throw new Error(compiled.errors.map(({ message }) => message).join('; '))
  const parsed: unknown = parse(rule.text)
  return isRecord(parsed) ? parsed : {}
}

function whenOf(text: string): string {
  const { match } = ruleOf(text)
  return isRecord(match) ? String(match['when']) : ''
}

/** Does a selection of one item match event data? */
async function matches(item: string, data: Record<string, unknown>): Promise<boolean> {
  const when = whenOf(head(`  selection:\n    ${item}\n  condition: selection`))
  const compiled = compileExpression(when)
  if (!compiled.ok) throw new Error(compiled.error.message)
  return (
    (await compiled.expression.evaluate({
      '@timestamp': '2026-01-01T00:00:00.000Z',
      winlog: { channel: 'Security', event_data: data },
    })) === true
  )
}

describe('a selection', () => {
  test.each<[item: string, value: unknown, matched: boolean]>([
    ['F: ABC', 'abc', true],
    ['F: ABC', 'abcd', false],
    ['F: [one, Two]', 'TWO', true],
    ["F: 'a*c'", 'abbc', true],
    ["F: 'a*c'", 'a\nc', true],
    ["F: 'a?c'", 'abc', true],
    ["F: 'a?c'", 'ac', false],
    ["F: '\\\\*\\ADMIN$'", '\\srv\\admin$', true],
    ["F: 'a\\*c'", 'a*c', true],
    ["F: 'a\\*c'", 'abc', false],
    ["F: '*'", 'anything', true],
    ["F: '*'", undefined, false],
    ['F: 4625', '4625', true],
    ['F: null', undefined, true],
    ['F: null', 'x', false],
    ["F: ''", '', true],
    ['F|contains: B', 'abc', true],
    ['F|contains|all: [a, c]', 'abc', true],
    ['F|contains|all: [a, d]', 'abc', false],
    ['F|startswith: AB', 'abc', true],
    ['F|startswith: b', 'abc', false],
    ['F|endswith: [x, y, BC]', 'abc', true],
    ["F|endswith: '\\cmd.exe'", 'C:\\Windows\\CMD.EXE', true],
    ['F|cased: ABC', 'abc', false],
    ['F|contains|cased: B', 'aBc', true],
    ["F|re: '^a[b-d]+$'", 'abcd', true],
    ["F|re: '^A'", 'abc', false],
    ["F|re|i: '^A'", 'abc', true],
    ["F|re: '(?i)^A'", 'abc', true],
    ["F|re: 'a/b[(]c'", 'a/b(c', true],
    ["F|re: '\\\\\\\\x'", 'a\\\\x', true],
    ['F|cidr: 10.0.0.0/8', '10.9.8.7', true],
    ['F|cidr: [192.168.0.0/16, fd00::/8]', 'fd12::1', true],
    ['F|cidr: 10.0.0.0/8', '11.9.8.7', false],
    ['F|gt: 5', '6', true],
    ['F|lte: 5', '6', false],
    ['F|exists: true', 'x', true],
    ['F|exists: false', 'x', false],
    ['F|exists: false', undefined, true],
    ['F|neq: x', 'y', true],
    ['F|neq: x', 'X', false],
    ['F|fieldref: G', 'same', true],
    ["F|windash|contains: ' -enc '", 'ps \u2013Enc x', true],
    ["F|windash|contains: ' -enc '", 'ps /enc x', true],
    ["F|windash|contains: ' -enc '", 'ps enc x', false],
    ['F|base64: foo', 'Zm9v', true],
    ['F|base64offset|contains: foobar', Buffer.from('xxfoobarx').toString('base64'), true],
    ['F|base64offset|contains: foobar', Buffer.from('xfoobar').toString('base64'), true],
    ['F|wide|base64offset|contains: ping', Buffer.from('aping 1', 'utf16le').toString('base64'), true],
    ['F|utf16le|base64|contains: ab', Buffer.from('ab', 'utf16le').toString('base64'), true],
  ])('%s over %j: %s', async (item, value, matched) => {
    expect(await matches(item, { G: 'SAME', ...(value === undefined ? {} : { F: value }) })).toBe(matched)
  })
})

describe('a condition', () => {
  const searches = '  sel_a:\n    A: x\n  sel_b:\n    B: x\n  filter:\n    C|contains: x\n  _hidden:\n    D: x\n'
  test.each<[condition: string, data: Record<string, string>, matched: boolean]>([
    ['sel_a and not filter', { A: 'x' }, true],
    ['sel_a and not filter', { A: 'x', C: 'axa' }, false],
    ['1 of sel_*', { B: 'x' }, true],
    ['all of sel_*', { B: 'x' }, false],
    ['all of sel_*', { A: 'x', B: 'x' }, true],
    ['1 of them', { D: 'x' }, false],
    ['any of them', { C: 'x' }, true],
    ['sel_a or sel_b and filter', { A: 'x' }, true],
    ['(sel_a or sel_b) and filter', { A: 'x' }, false],
    ['not (sel_a or sel_b)', {}, true],
    ['not not sel_a', { A: 'x' }, true],
    ['NOT sel_a AND sel_b', { B: 'x' }, true],
  ])('%s over %j: %s', async (condition, data, matched) => {
    const compiled = compileExpression(whenOf(head(`${searches}  condition: ${condition}`)))
    if (!compiled.ok) throw new Error(compiled.error.message)
    const event = { '@timestamp': '2026-01-01T00:00:00.000Z', winlog: { channel: 'Security', event_data: data } }
    expect((await compiled.expression.evaluate(event)) === true).toBe(matched)
  })

  test('over lists of maps, and keywords in any text', async () => {
    const when = whenOf(
      head(
        "  maps:\n    - A: x\n      B: y\n    - C: z\n  words:\n    - 'Some*thing'\n    - other\n  condition: maps and words",
      ),
    )
    const compiled = compileExpression(when)
    if (!compiled.ok) throw new Error(compiled.error.message)
    const event = (data: Record<string, string>, message = ''): unknown => ({
      '@timestamp': 'x',
      message,
      winlog: { channel: 'Security', event_data: data },
    })
    expect(await compiled.expression.evaluate(event({ C: 'z', D: 'a SOME odd thing' }))).toBe(true)
    expect(await compiled.expression.evaluate(event({ A: 'x', B: 'y' }, 'The OTHER one'))).toBe(true)
    expect(await compiled.expression.evaluate(event({ A: 'x', B: 'y' }))).toBe(false)
    expect(await compiled.expression.evaluate(event({ A: 'x' }, 'other'))).toBe(false)
  })
})

describe('a log source', () => {
  test.each([
    ['product: windows\n  service: security', 'winlog.channel = "Security"'],
    [
      'category: file_event\n  product: windows',
      'winlog.channel = "Microsoft-Windows-Sysmon/Operational" and event.code = "11"',
    ],
    [
      'category: ps_script\n  product: windows',
      'winlog.channel in ["Microsoft-Windows-PowerShell/Operational", "PowerShellCore/Operational"] and event.code = "4104"',
    ],
    ['category: firewall', '"network" in event.category'],
  ])('%s', (logsource, condition) => {
    expect(whenOf(head('  s:\n    src_ip: 10.1.1.1\n  condition: s', logsource)).replace(/\s+/g, ' ')).toContain(
      condition,
    )
  })

  test('of processes means Sysmon and the Security log, in ECS', () => {
    const when = whenOf(
      head(
        "  s:\n    Image|endswith: '\\cmd.exe'\n    ParentImage: x\n    LogonId: '0x3e7'\n  condition: s",
        'category: process_creation\n  product: windows',
      ),
    )
    expect(when).toContain('process.executable')
    expect(when).toContain('process.parent.executable')
    expect(when).toContain('winlog.event_data.LogonId')
    expect(when).toContain('event.code = "4688"')
  })
})

const base = (name: string, code: number): string =>
  `title: ${name}\nname: ${name}\nid: id-${name}\nlogsource:\n  product: windows\n  service: security\ndetection:\n  s:\n    EventID: ${code}\n  condition: s\nlevel: high\n---\n`

describe('a correlation', () => {
  const imported = (correlation: string): Record<string, unknown>[] =>
    importSigmaTexts([
      {
        path: 'c.yml',
        text: `${base('fail', 4625)}${base('ok', 4624)}title: Both\nid: both\ncorrelation:\n${correlation}level: high\n`,
      },
    ]).rules.map(({ text, file }) => {
      const compiled = compileRule(text, file)
      if (!compiled.ok) throw new Error(compiled.errors.map(({ message }) => message).join('; '))
      const parsed: unknown = parse(text)
      return isRecord(parsed) ? parsed : {}
    })

  test('of counts is a threshold, and its base rule is quiet', () => {
    const [fail, , both] = imported(
      '  type: event_count\n  rules: [fail]\n  group-by: [TargetUserName]\n  timespan: 5m\n  condition:\n    gte: 10\n',
    )
    expect(fail?.['severity']).toBe('info')
    expect(both?.['threshold']).toMatchObject({
      group: ['winlog.event_data.TargetUserName'],
      count: { atLeast: 10, within: '5m' },
    })
    expect(both?.['origin']).toBe('both')
  })

  test('of values counts different ones', () => {
    const both = imported(
      '  type: value_count\n  rules: [fail]\n  group-by: [IpAddress]\n  timespan: 1h\n  condition:\n    gt: 9\n    field: TargetUserName\n',
    )[2]
    expect(both?.['threshold']).toMatchObject({
      count: { distinct: 'winlog.event_data.TargetUserName', atLeast: 10, within: '1h' },
    })
  })

  test('in time needs each of its rules, in order or not', () => {
    const ordered = imported(
      '  type: temporal_ordered\n  rules: [fail, ok]\n  group-by: [IpAddress]\n  timespan: 10m\n',
    )[2]
    expect(ordered?.['sequence']).toMatchObject({ within: '10m', steps: [{ name: 'step1' }, { name: 'step2' }] })
    const unordered = imported('  type: temporal\n  rules: [fail, ok]\n  timespan: 10m\n')[2]
    expect(unordered?.['threshold']).toMatchObject({ count: { atLeast: 2, within: '10m' } })
  })

  test('groups by another field in each rule', () => {
    const both = imported(
      '  type: temporal\n  rules: [fail, ok]\n  group-by: [who]\n  timespan: 10m\n  aliases:\n    who:\n      fail: TargetUserName\n      ok: SubjectUserName\n',
    )[2]
    expect(JSON.stringify(both?.['threshold'])).toMatch(/TargetUserName.*SubjectUserName/)
  })

  test('in the older form', () => {
    const rule = ruleOf(
      head('  s:\n    EventID: 4625\n  timeframe: 30m\n  condition: s | count(TargetUserName) by IpAddress > 20'),
    )
    expect(rule['threshold']).toMatchObject({
      group: ['winlog.event_data.IpAddress'],
      count: { distinct: 'winlog.event_data.TargetUserName', atLeast: 21, within: '30m' },
    })
  })
})

test('what a rule file keeps of the Sigma rule', () => {
  const text = `${head('  s:\n    EventID: 1102\n  condition: s')}id: 11111111-2222-3333-4444-555555555555\nauthor: Anna Berg\nlevel: critical\nstatus: test\ndescription: Finds it.\nreferences: [https://example.org/a, no link]\ntags: [attack.t1070.001, attack.defense-evasion]\nfalsepositives: [Administrators]\n`
  expect(ruleOf(text)).toMatchObject({
    origin: '11111111-2222-3333-4444-555555555555',
    author: 'Anna Berg',
    severity: 'critical',
    status: 'test',
    attack: ['T1070.001'],
    goal: 'Finds it.',
    references: ['https://example.org/a'],
    falsePositives: ['Administrators'],
  })
})

test.each([
  ['title: No detection\ncorrelation:\n  type: odd\n', 'correlation'],
  [head("  s:\n    A|expand: '%list%'\n  condition: s"), 'placeholder'],
  [head('  s:\n    A|sometimes: x\n  condition: s'), 'modifier'],
  [head('  s:\n    A: x\n  condition: s and nobody'), 'condition'],
  [head('  s:\n    A: x\n  condition: (s'), 'condition'],
  [head("  s:\n    A|re: '(?=x)y'\n  condition: s"), 'regular expression'],
  [head('  s:\n    A: x\n  condition: s', 'product: toaster'), 'log source that no parser writes'],
  [head('  s:\n    odd: x\n  condition: s', 'category: webserver'), 'field without an ECS name'],
  ['a:\n\t- b', 'file'],
])('what cannot be translated is reported: %j', (text, reason) => {
  const { rules, report } = importSigmaTexts([{ path: 'bad.yml', text }])
  expect(rules).toEqual([])
  expect(report.reasons).toEqual({ [reason]: 1 })
})

/** Lines as products write them, through our parsers: what Sigma's names of other log sources find there. */
test.each<[name: string, logsource: string, search: string, dataset: string, hit: string, miss: string]>([
  [
    'the words of a command in the Linux audit log',
    'product: linux\n  service: auditd',
    'type: EXECVE\n    a0: chmod\n    a1|startswith: "7"',
    'auditd.log',
    'type=EXECVE msg=audit(1795428000.123:4711): argc=3 a0="chmod" a1="777" a2="/srv/x"',
    'type=EXECVE msg=audit(1795428000.123:4711): argc=3 a0="chmod" a1="644" a2="/srv/777"',
  ],
  [
    'a watched file',
    'product: linux\n  service: auditd',
    'type: PATH\n    name|endswith: /passwd',
    'auditd.log',
    'type=PATH msg=audit(1795428000.123:4711): item=0 name="/etc/passwd" inode=1 dev=08:01 mode=0100644 nametype=NORMAL',
    'type=PATH msg=audit(1795428000.123:4711): item=0 name="/etc/hosts" inode=1 dev=08:01 mode=0100644 nametype=NORMAL',
  ],
  [
    'a change of a FortiGate',
    'product: fortigate\n  service: event',
    'action: Add\n    cfgpath: system.admin',
    'fortinet_fortigate.log',
    'date=2026-11-18 time=10:00:00 devname="fw2" logid="0100044547" type="event" subtype="system" level="information" vd="root" logdesc="Object attribute configured" user="admin" action="Add" cfgpath="system.admin" cfgobj="x" msg="Add system.admin x"',
    'date=2026-11-18 time=10:00:00 devname="fw2" logid="0100044547" type="event" subtype="system" level="information" vd="root" logdesc="Object attribute configured" user="admin" action="Edit" cfgpath="system.admin" cfgobj="x" msg="Edit system.admin x"',
  ],
  [
    'an endpoint that Zeek saw',
    'product: zeek\n  service: dce_rpc',
    'endpoint: atsvc\n    operation|startswith: NetrJob',
    'zeek.dce_rpc',
    '{"ts":1795428000.1,"uid":"C1","id.orig_h":"10.0.0.1","id.resp_h":"10.0.0.2","endpoint":"atsvc","operation":"NetrJobAdd"}',
    '{"ts":1795428000.1,"uid":"C1","id.orig_h":"10.0.0.1","id.resp_h":"10.0.0.2","endpoint":"svcctl","operation":"NetrJobAdd"}',
  ],
  [
    'a web request that Zeek saw: a number, a list, a name of proxies',
    'product: zeek\n  service: http',
    'status_code: 200\n    resp_mime_types|contains: dosexec\n    c-uri|endswith: .exe\n    id.resp_h|cidr: 192.0.2.0/24',
    'zeek.http',
    '{"ts":1795428000.1,"uid":"C1","id.orig_h":"10.0.0.1","id.resp_h":"192.0.2.9","uri":"/a.exe","status_code":200,"resp_mime_types":["text/html","application/x-dosexec"]}',
    '{"ts":1795428000.1,"uid":"C1","id.orig_h":"10.0.0.1","id.resp_h":"192.0.2.9","uri":"/a.exe","status_code":200,"resp_mime_types":["text/html"]}',
  ],
  [
    'words anywhere in the records of a service',
    'product: zeek\n  service: smb_files',
    '"|all": ["samr", "ipc$"]',
    'zeek.smb_files',
    '{"ts":1795428000.1,"uid":"C1","path":"\\\\dc1\\\\IPC$","name":"samr"}',
    '{"ts":1795428000.1,"uid":"C1","path":"\\\\dc1\\\\C$","name":"samr"}',
  ],
  [
    'a canary that was touched',
    'product: opencanary\n  category: application',
    'logtype: 4002',
    'opencanary.log',
    '{"dst_host":"10.0.0.9","dst_port":22,"local_time":"2026-11-18 10:00:00.000000","logdata":{"USERNAME":"root"},"logtype":4002,"node_id":"c1","src_host":"10.0.0.1"}',
    '{"dst_host":"10.0.0.9","dst_port":22,"local_time":"2026-11-18 10:00:00.000000","logdata":{},"logtype":4000,"node_id":"c1","src_host":"10.0.0.1"}',
  ],
  [
    'members of members in an audit log of JSON',
    'product: kubernetes\n  service: audit',
    'verb: create\n    objectRef.resource: pods\n    objectRef.subresource: exec',
    'kubernetes.audit',
    '{"kind":"Event","apiVersion":"audit.k8s.io/v1","verb":"create","objectRef":{"resource":"pods","subresource":"exec","namespace":"a"},"requestReceivedTimestamp":"2026-11-18T10:00:00.000000Z"}',
    '{"kind":"Event","apiVersion":"audit.k8s.io/v1","verb":"create","objectRef":{"resource":"pods","namespace":"a"},"requestReceivedTimestamp":"2026-11-18T10:00:00.000000Z"}',
  ],
])('%s', async (_name, logsource, search, dataset, hit, miss) => {
  const when = whenOf(head(`  s:\n    ${search}\n  condition: s`, logsource))
  const compiled = compileExpression(when)
  if (!compiled.ok) throw new Error(compiled.error.message)
  const outcome = async (line: string) => {
    const parsed = parseRecord({ raw: Buffer.from(line), arrival: Date.UTC(2026, 10, 18, 12), dataset })
    if (!parsed.ok) throw new Error(parsed.detail)
    return (await compiled.expression.evaluate(parsed.event)) === true
  }
  expect([when, await outcome(hit), await outcome(miss)]).toEqual([when, true, false])
})

test('a list of log sources is each of them', () => {
  const when = whenOf(head('  s:\n    A: x\n  condition: s', 'product: windows\n  service: [system, security]'))
  expect(when.replaceAll(/\s+/g, ' ')).toBe(
    '(winlog.channel = "System" or winlog.channel = "Security") and $lowercase(winlog.event_data.A) = "x"',
  )
})

test('a folder is read with its folders; a rule without an id has its path as origin', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'varde-sigma-'))
  try {
    await mkdir(join(folder, 'windows/deep'), { recursive: true })
    await writeFile(join(folder, 'windows/deep/a rule.yaml'), head('  s:\n    EventID: 1\n  condition: s'))
    await writeFile(join(folder, 'windows/readme.txt'), 'no rule')
    const { rules, report } = await importSigma(folder)
    expect(report).toMatchObject({ files: 1, documents: 1, rules: 1, problems: [] })
    expect(rules[0]).toMatchObject({ origin: 'windows/deep/a rule.yaml' })
    expect(rules[0]?.file).toMatch(/^windows\/deep\/sigma-a-rule-[0-9a-f]{8}\.yaml$/)
  } finally {
    await rm(folder, { recursive: true })
  }
})
