// How often a condition holds of ordinary events, estimated: an index asks for the rarest.

/** Texts that Windows and its logs are full of; what stands in them tells events apart badly. */
const common = [
  'c:\\windows\\system32\\',
  'c:\\windows\\syswow64\\',
  'c:\\program files (x86)\\',
  'c:\\program files\\',
  'c:\\programdata\\microsoft\\windows\\',
  'c:\\users\\public\\',
  'c:\\users\\administrator\\appdata\\local\\temp\\',
  'appdata\\roaming\\microsoft\\',
  'hklm\\software\\microsoft\\windows\\currentversion\\',
  'hklm\\system\\currentcontrolset\\services\\',
  'hkcu\\software\\',
  'microsoft corporation',
  'windowspowershell\\v1.0\\powershell.exe',
  'cmd.exe /c ',
  'svchost.exe',
  'explorer.exe',
  'services.exe',
  'lsass.exe',
  'conhost.exe',
  'rundll32.exe',
  'nt authority\\system',
  'https://www.',
  'http://',
  '.com',
  '.exe',
  '.dll',
  '.ps1',
  '.bat',
  '.tmp',
  ' -',
  ' /',
  'invoke-',
  'get-',
  'new-object ',
  'system.',
  'net.',
  'microsoft-windows-',
  'true',
  'false',
  'security',
  'system',
  'host',
  'server',
  'user',
  'file',
  'process',
  'script',
  'command',
  'param',
  'value',
  'string',
  'function',
  'name',
  'path',
].join('\n')

/** Share of printable characters of command lines that are this one, roughly; letters that are not named are in between. */
const frequent = new Map(
  [...'etaoinsrl']
    .map((char): [string, number] => [char, 0.06])
    .concat([...'\\. -/:0123456789'].map((char): [string, number] => [char, 0.04])),
)
const rare = new Map([...'qzxj@#~^`|{}$%&*+<>!?;=\'"()[]_,'].map((char): [string, number] => [char, 0.008]))

/** Texts that have a character beyond ASCII. */
const foreignShare = 0.02

export function textShare(text: string, anchored: boolean): number {
  if (text.length === 0) return 1
  if (!isAscii(text)) return foreignShare
  let share = 200
  for (const char of text) share *= frequent.get(char) ?? rare.get(char) ?? 0.025
  const floor = common.includes(text) ? 0.2 / text.length : 0
  return Math.min(0.6, Math.max(share, floor, 1e-7)) * (anchored ? 0.4 : 1)
}

export function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false
  return true
}

/** The stretch of an ASCII text, `length` characters at most, that is likely the rarest. */
export function rarestWindow(text: string, length: number): { from: number; text: string } {
  let best = { from: 0, text: text.slice(0, length) }
  let bestShare = textShare(best.text, false)
  for (let from = 1; from + length <= text.length; from++) {
    const window = text.slice(from, from + length)
    const share = textShare(window, false)
    if (share >= bestShare) continue
    best = { from, text: window }
    bestShare = share
  }
  return best
}

/** Fields that say what kind of event it is: a value of them is shared by many events. */
const kinds = new Map([
  ['event.code', 0.08],
  ['event.provider', 0.3],
  ['event.dataset', 0.3],
  ['event.module', 0.4],
  ['event.kind', 1],
  ['event.outcome', 0.5],
  ['event.action', 0.08],
  ['winlog.channel', 0.3],
  ['winlog.provider_name', 0.3],
  ['host.os.type', 0.9],
])

export function equalityShare(field: string, value: unknown): number {
  const known = kinds.get(field)
  if (known !== undefined) return known
  if (typeof value === 'boolean') return 0.3
  return typeof value === 'string' && value.length <= 2 ? 0.05 : 0.01
}

export const existenceShare = 0.5
