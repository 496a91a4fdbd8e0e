// Real senders of Debian's: util-linux logger, rsyslog and openssl over TCP and TLS, and curl to `_bulk`. Their lines are found by search.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Server, startServer, varde } from './varde.ts'

const folder = mkdtempSync(join(tmpdir(), 'varde-e2e-senders-'))
const data = join(folder, 'data')
const certificate = join(folder, 'server.pem')
const privateKey = join(folder, 'server.key')
const running: ChildProcess[] = []
let server: Server

function has(program: string): boolean {
  const found = spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
  if (!found && process.env['CI'] !== undefined) throw new Error(`${program} is missing: .ci/run installs it`)
  if (!found) process.stderr.write(`skipped: ${program} is not installed (apt-get install ${program})\n`)
  return found
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** How many events the running server finds: through the door of this machine's commands. */
async function search(query: string): Promise<number> {
  const { url, token }: { url: string; token: string } = JSON.parse(readFileSync(join(data, 'server.json'), 'utf8'))
  const answer = await fetch(`${url}/api/local/search`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query, limit: 100 }),
  })
  return (await answer.text()).split('\n').filter((text) => text.startsWith('{"result"')).length
}

/** How long after `since` the search shows so many events, in milliseconds. */
async function found(query: string, count: number, since: number): Promise<number> {
  for (;;) {
    const events = await search(query)
    if (events >= count) {
      expect(events).toBe(count)
      return Date.now() - since
    }
    if (Date.now() - since > 120_000) throw new Error(`${query}: ${events} of ${count} found`)
    await wait(50)
  }
}

const line = (user: string) => `Failed password for ${user} from 203.0.113.9 port 51000 ssh2`

/** rsyslog as a host that follows a file and forwards it, octet-counted. */
function rsyslog(name: string, file: string, action: string, global = ''): void {
  const dir = join(folder, name)
  mkdirSync(join(dir, 'work'), { recursive: true })
  writeFileSync(
    join(dir, 'rsyslog.conf'),
    `global(workDirectory="${dir}/work" localHostname="relay1" ${global})
module(load="imfile")
template(name="line" type="string" string="<%pri%>1 %timegenerated:::date-rfc3339% %hostname% sshd 4711 - - %msg%")
input(type="imfile" file="${file}" tag="sshd" ruleset="send" freshStartTail="off")
ruleset(name="send") { action(type="omfwd" protocol="tcp" target="127.0.0.1" TCP_Framing="octet-counted" template="line" action.resumeRetryCount="-1" ${action}) }
`,
  )
  running.push(spawn('rsyslogd', ['-n', '-f', join(dir, 'rsyslog.conf'), '-i', join(dir, 'pid')], { stdio: 'ignore' }))
}

beforeAll(async () => {
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
      ...['-subj', '/CN=varde.test', '-addext', 'subjectAltName=DNS:varde.test,IP:127.0.0.1'],
      ...['-keyout', privateKey, '-out', certificate],
    ],
    { stdio: 'ignore' },
  )
  writeFileSync(
    join(folder, 'varde.yaml'),
    `listeners:
  - { kind: syslog-tcp, port: 0 }
  - { kind: syslog-tls, port: 0, certificate: ${certificate}, key: ${privateKey} }
`,
  )
  server = await startServer(['--data', data, '--config', join(folder, 'varde.yaml')])
}, 240_000)

afterAll(async () => {
  for (const child of running) child.kill('SIGTERM')
  await server?.kill('SIGTERM')
  rmSync(folder, { recursive: true, force: true })
})

test.skipIf(!has('logger'))('logger over TCP, both framings', async () => {
  const to = ['--tcp', '--server', '127.0.0.1', '--port', String(server.ports['syslog-tcp']), '--rfc5424', '--tag']
  const since = Date.now()
  execFileSync('logger', [...to, 'sshd', line('loggeruser')])
  execFileSync('logger', ['--octet-count', ...to, 'sshd', line('loggeruser')])
  process.stderr.write(`senders: logger over TCP found after ${await found('user.name: loggeruser', 2, since)} ms\n`)
})

test.skipIf(!has('openssl'))('openssl s_client over TLS', async () => {
  const since = Date.now()
  const input = `<38>1 ${new Date().toISOString()} host1 sshd 4711 - - ${line('opensslu')}\n`
  const address = `127.0.0.1:${server.ports['syslog-tls']}`
  const client = spawn(
    'openssl',
    ['s_client', '-quiet', '-verify_return_error', '-CAfile', certificate, '-connect', address],
    {
      stdio: ['pipe', 'ignore', 'ignore'],
    },
  )
  running.push(client)
  client.stdin.write(input)
  process.stderr.write(`senders: openssl over TLS found after ${await found('user.name: opensslu', 1, since)} ms\n`)
})

test.skipIf(!has('rsyslogd'))('rsyslog over TCP and TLS follows a file', async () => {
  const [plain, secure] = [join(folder, 'plain.log'), join(folder, 'secure.log')]
  for (const file of [plain, secure]) writeFileSync(file, `${line('warmup')}\n`)
  rsyslog('tcp', plain, `port="${server.ports['syslog-tcp']}"`)
  rsyslog(
    'tls',
    secure,
    `port="${server.ports['syslog-tls']}" StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/certvalid"`,
    `DefaultNetstreamDriverCAFile="${certificate}"`,
  )
  await found('user.name: warmup', 2, Date.now())
  const since = Date.now()
  for (const [file, user] of [
    [plain, 'rsystcp'],
    [secure, 'rsystls'],
  ] as const)
    appendFileSync(file, Array.from({ length: 20 }, () => `${line(user)}\n`).join(''))
  const tookMs = await Promise.all([found('user.name: rsystcp', 20, since), found('user.name: rsystls', 20, since)])
  process.stderr.write(`senders: rsyslog over TCP found after ${tookMs[0]} ms, over TLS after ${tookMs[1]} ms\n`)
})

test.skipIf(!has('curl'))('curl to _bulk', async () => {
  const [created] = (await varde(['keys', 'create', '--source', 'curl', '--data', data, '--json'])).lines()
  const since = Date.now()
  const answer = execFileSync(
    'curl',
    [
      ...[
        '-sS',
        '-H',
        `Authorization: ApiKey ${String(created?.['secret'])}`,
        '-H',
        'Content-Type: application/x-ndjson',
      ],
      ...['--data-binary', '@-', `${server.url}/logs/_bulk`],
    ],
    {
      input: `{"create":{"_id":"c1"}}\n${JSON.stringify({ '@timestamp': new Date().toISOString(), user: { name: 'curluser' }, message: 'curl was here' })}\n`,
    },
  )
  expect(JSON.parse(answer.toString())).toMatchObject({ errors: false })
  process.stderr.write(`senders: curl to _bulk found after ${await found('user.name: curluser', 1, since)} ms\n`)
})
