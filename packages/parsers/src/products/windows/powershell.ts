// PowerShell's two logs: engine and pipeline (classic, 400 … 800) and script blocks and modules (operational, 4100 … 4106).
import { add, type EventDocument, put } from '../../normalise/document.ts'
import { splitCommandLine } from '../../normalise/path.ts'
import type { WindowsEvent } from './event.ts'
import { said } from './security.ts'

const types: Record<string, string | undefined> = { '400': 'start', '403': 'end', '4105': 'start', '4106': 'end' }

export function parsePowerShell(event: WindowsEvent, document: EventDocument): void {
  const { id, data } = event
  put(document, 'event.category', ['process'])
  put(document, 'event.type', [types[id] ?? 'info'])
  put(document, 'user.id', event.user?.sid)
  if (event.provider === 'PowerShell') parseClassic(event, document)
  else if (id === '4103') parseModule(event, document)
  else if (id === '4104') parseScriptBlock(data, document)
  put(document, 'powershell.file.script_block_id', said(data['ScriptBlockId']))
  put(document, 'powershell.runspace_id', said(data['RunspaceId']))
}

/** Lines `Name=value` or `Name = value`; a value may run over several lines up to the next name. */
export function readContext(text: string): Map<string, string> {
  const values = new Map<string, string>()
  let last: string | undefined
  for (const line of text.split('\n')) {
    const equals = line.indexOf('=')
    const name = equals > 0 ? line.slice(0, equals).trim() : ''
    if (isContextName(name)) {
      last = name.replaceAll(' ', '')
      values.set(last, line.slice(equals + 1).trim())
    } else if (last !== undefined && line.trim() !== '') {
      values.set(last, `${values.get(last) ?? ''}\n${line.replace(/\r$/, '')}`)
    }
  }
  return values
}

const contextNames = new Set(
  (
    'Severity HostName HostVersion HostID HostApplication EngineVersion RunspaceID PipelineID CommandName CommandType ScriptName CommandPath CommandLine SequenceNumber ' +
    'User ConnectedUser ShellID UserId DetailSequence DetailTotal NewEngineState PreviousEngineState ProviderName NewProviderState'
  )
    .toLowerCase()
    .split(' '),
)

function isContextName(name: string): boolean {
  return name.length > 0 && name.length < 24 && contextNames.has(name.replaceAll(' ', '').toLowerCase())
}

function putContext(document: EventDocument, values: ReadonlyMap<string, string>): void {
  const get = (...names: string[]): string | undefined => {
    for (const name of names) {
      const value = said(values.get(name))
      if (value !== undefined) return value
    }
    return undefined
  }
  const application = get('HostApplication')
  put(document, 'process.command_line', application)
  if (application !== undefined) {
    const parts = splitCommandLine(application)
    put(document, 'process.args', parts)
    put(document, 'process.args_count', parts.length)
  }
  put(document, 'process.entity_id', get('HostId', 'HostID'))
  put(document, 'process.title', get('HostName'))
  put(document, 'powershell.process.executable_version', get('HostVersion'))
  put(document, 'powershell.engine.version', get('EngineVersion'))
  put(document, 'powershell.engine.new_state', get('NewEngineState'))
  put(document, 'powershell.engine.previous_state', get('PreviousEngineState'))
  put(document, 'powershell.provider.name', get('ProviderName'))
  put(document, 'powershell.provider.new_state', get('NewProviderState'))
  put(document, 'powershell.runspace_id', get('RunspaceId', 'RunspaceID'))
  put(document, 'powershell.pipeline_id', get('PipelineId', 'PipelineID'))
  put(document, 'powershell.id', get('ShellID'))
  put(document, 'powershell.command.name', get('CommandName'))
  put(document, 'powershell.command.type', get('CommandType'))
  put(document, 'powershell.command.path', get('CommandPath'))
  put(document, 'event.sequence', whole(get('SequenceNumber')))
  put(document, 'powershell.sequence', whole(get('DetailSequence')))
  put(document, 'powershell.total', whole(get('DetailTotal')))
  const script = get('ScriptName')
  if (script !== undefined) {
    const slash = Math.max(script.lastIndexOf('\\'), script.lastIndexOf('/'))
    put(document, 'file.path', script)
    put(document, 'file.name', script.slice(slash + 1))
    if (slash > 0) put(document, 'file.directory', script.slice(0, slash))
    const dot = script.lastIndexOf('.')
    if (dot > slash + 1) put(document, 'file.extension', script.slice(dot + 1))
  }
  putUsers(document, get('UserId', 'User'), get('ConnectedUser'))
}

function whole(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

/** The user whom the engine runs as, and, for remoting, whom it serves. */
function putUsers(document: EventDocument, user: string | undefined, connected: string | undefined): void {
  const own = split(user)
  put(document, 'user.name', own?.name)
  put(document, 'user.domain', own?.domain)
  const remote = split(connected)
  if (remote !== undefined) {
    put(document, 'source.user.name', remote.name)
    put(document, 'source.user.domain', remote.domain)
    put(document, 'destination.user.name', own?.name)
    put(document, 'destination.user.domain', own?.domain)
  }
  add(document, 'related.user', own?.name, remote?.name)
}

function split(user: string | undefined): { name: string; domain: string | undefined } | undefined {
  if (user === undefined) return undefined
  const back = user.indexOf('\\')
  return back > 0 ? { name: user.slice(back + 1), domain: user.slice(0, back) } : { name: user, domain: undefined }
}

function parseClassic({ id, data }: WindowsEvent, document: EventDocument): void {
  if (id === '800') {
    putContext(document, readContext(data['param2'] ?? ''))
    put(document, 'powershell.command.value', said(data['param1'])?.trimEnd())
    put(document, 'powershell.command.invocation_details', invocations(data['param3'] ?? ''))
    return
  }
  putContext(document, readContext(data['param3'] ?? ''))
}

function parseModule({ data }: WindowsEvent, document: EventDocument): void {
  putContext(document, readContext(data['ContextInfo'] ?? ''))
  put(document, 'powershell.command.invocation_details', invocations(data['Payload'] ?? ''))
}

/** `CommandInvocation(cmd.exe): "cmd.exe"`, `ParameterBinding(Out-Null): name="InputObject"; value="…"`. */
export function invocations(text: string): { type: string; related_command: string; name?: string; value: string }[] {
  const details: { type: string; related_command: string; name?: string; value: string }[] = []
  for (const line of text.split('\n')) {
    const open = line.indexOf('(')
    const close = line.indexOf('): ', open)
    const type = line.slice(0, Math.max(open, 0)).trim()
    if (open <= 0 || close < 0 || !/^[A-Za-z]{1,32}$/.test(type)) {
      // A value may run over several lines.
      const last = details[details.length - 1]
      if (last !== undefined && line.trim() !== '') last.value += `\n${line.replace(/\r$/, '')}`
      continue
    }
    const related = line.slice(open + 1, close)
    const rest = line
      .slice(close + 3)
      .replace(/\r$/, '')
      .trim()
    const separator = rest.indexOf('; value=')
    if (rest.startsWith('name=') && separator > 0) {
      details.push({ type, related_command: related, name: rest.slice(5, separator), value: rest.slice(separator + 8) })
    } else details.push({ type, related_command: related, value: rest })
  }
  return details
}

function parseScriptBlock(data: Record<string, string>, document: EventDocument): void {
  put(document, 'powershell.file.script_block_text', said(data['ScriptBlockText']))
  put(document, 'powershell.sequence', whole(data['MessageNumber']))
  put(document, 'powershell.total', whole(data['MessageTotal']))
  const path = said(data['Path'])
  if (path === undefined) return
  const slash = Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/'))
  put(document, 'file.path', path)
  put(document, 'file.name', path.slice(slash + 1))
  if (slash > 0) put(document, 'file.directory', path.slice(0, slash))
  const dot = path.lastIndexOf('.')
  if (dot > slash + 1) put(document, 'file.extension', path.slice(dot + 1))
}
