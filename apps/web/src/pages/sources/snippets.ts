// What to paste into a sender so that its logs arrive here.
import type { Listener } from '@varde/api/contract'

export interface Addresses {
  /** Host name or address that senders reach this server by. */
  host: string
  /** Of the listener of that kind, or the usual port where there is none. */
  port: (kind: Listener['kind']) => number
  url: string
}

export interface Snippet {
  id: string
  name: string
  kind: Listener['kind']
  /** Where the text goes. */
  where: string
  text: (to: Addresses) => string
}

export const snippets: Snippet[] = [
  {
    id: 'rsyslog',
    name: 'rsyslog',
    kind: 'syslog-tcp',
    where: '/etc/rsyslog.d/90-varde.conf, then: systemctl restart rsyslog',
    text: ({ host, port }) => `# Everything, with a disk queue that holds while Varde is away
*.* action(type="omfwd" target="${host}" port="${port('syslog-tcp')}" protocol="tcp"
           TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format"
           queue.type="LinkedList" queue.filename="varde" queue.maxDiskSpace="1g"
           queue.saveOnShutdown="on" action.resumeRetryCount="-1")`,
  },
  {
    id: 'winlogbeat',
    name: 'Winlogbeat',
    kind: 'http',
    where: 'winlogbeat.yml',
    text: ({ url }) => `winlogbeat.event_logs:
  - name: Security
  - name: System
  - name: Microsoft-Windows-PowerShell/Operational
  - name: Microsoft-Windows-Windows Defender/Operational

output.elasticsearch:
  hosts: ["${url}"]
  # The key in its ID:SECRET form
  api_key: "KEY"
  # Varde speaks _bulk; it has no templates or pipelines to set up
setup.template.enabled: false
setup.ilm.enabled: false`,
  },
  {
    id: 'fluent-bit',
    name: 'Fluent Bit',
    kind: 'http',
    where: 'fluent-bit.conf',
    text: ({ host, port, url }) => `[INPUT]
    Name            tail
    Path            /var/log/auth.log,/var/log/syslog
    DB              /var/lib/fluent-bit/varde.db

[OUTPUT]
    Name            http
    Match           *
    Host            ${host}
    Port            ${port('http')}
    URI             /api/ingest
    Format          json_lines
    Header          Authorization ApiKey KEY
    tls             ${url.startsWith('https') ? 'On' : 'Off'}`,
  },
  {
    id: 'fortigate',
    name: 'FortiGate',
    kind: 'syslog-tcp',
    where: 'FortiOS CLI',
    text: ({ host, port }) => `config log syslogd setting
    set status enable
    set server "${host}"
    set mode reliable
    set port ${port('syslog-tcp')}
    set facility local7
    set format default
end
config log syslogd filter
    set severity information
    set forward-traffic enable
    set local-traffic enable
end`,
  },
  {
    id: 'asa',
    name: 'Cisco ASA',
    kind: 'syslog-tcp',
    where: 'ASA configuration mode',
    text: ({ host, port }) => `logging enable
logging timestamp rfc5424
logging device-id hostname
logging trap informational
logging host inside ${host} tcp/${port('syslog-tcp')}
! Keep passing traffic while the log server is away
logging permit-hostdown`,
  },
  {
    id: 'pan-os',
    name: 'PAN-OS',
    kind: 'syslog-tcp',
    where: 'PAN-OS CLI, configure mode; then use the profile in the log forwarding of your rules',
    text: ({ host, port }) => `set shared log-settings syslog varde server varde server ${host}
set shared log-settings syslog varde server varde transport TCP
set shared log-settings syslog varde server varde port ${port('syslog-tcp')}
set shared log-settings syslog varde server varde format IETF
set shared log-settings syslog varde server varde facility LOG_USER
commit`,
  },
  {
    id: 'openvpn',
    name: 'OpenVPN',
    kind: 'syslog-udp',
    where: 'server.conf, and the rsyslog of that machine',
    text: ({ host, port }) => `# server.conf
verb 3
syslog openvpn

# /etc/rsyslog.d/90-openvpn-varde.conf
if $programname startswith 'openvpn' or $programname startswith 'ovpn' then
  action(type="omfwd" target="${host}" port="${port('syslog-tcp')}" protocol="tcp"
         TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format")`,
  },
  {
    id: 'opentelemetry',
    name: 'OpenTelemetry',
    kind: 'http',
    where: 'the configuration of the Collector',
    text: ({ url }) => `exporters:
  otlp_http/varde:
    endpoint: ${url}
    # Varde takes OTLP as JSON
    encoding: json
    headers:
      Authorization: Bearer KEY

service:
  pipelines:
    logs:
      exporters: [otlp_http/varde]`,
  },
  {
    id: 'splunk-hec',
    name: 'Splunk HEC',
    kind: 'http',
    where: 'any sender for Splunk’s HTTP Event Collector; here: Docker',
    text: ({ url }) => `docker run --log-driver=splunk \\
  --log-opt splunk-url=${url} --log-opt splunk-token=KEY \\
  --log-opt splunk-format=raw --log-opt splunk-verify-connection=false \\
  IMAGE`,
  },
  {
    id: 'curl',
    name: 'curl',
    kind: 'http',
    where: 'any shell',
    text: ({ url }) => `# One JSON document or raw line a line
curl -sS "${url}/api/ingest" \\
  -H "Authorization: ApiKey KEY" -H "Content-Type: application/x-ndjson" \\
  --data-binary @events.ndjson

# The Elasticsearch way; senders that speak _bulk work unchanged
printf '%s\\n' '{"create":{}}' '{"message":"hello from curl"}' |
  curl -sS "${url}/_bulk" -H "Authorization: ApiKey KEY" \\
    -H "Content-Type: application/x-ndjson" --data-binary @-`,
  },
]
