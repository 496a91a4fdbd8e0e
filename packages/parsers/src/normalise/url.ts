// A URL into ECS's parts, without throwing and without guessing: what is no absolute URL is a path.

import { type EventDocument, put } from './document.ts'
import { isIpv4 } from './endpoint.ts'

/** `url.original` and its parts. A text without a scheme is a path (`/a?b`) unless `host` is said to lead it (`www.example.org/a`). */
export function putUrl(
  document: EventDocument,
  text: string | undefined,
  options: { hostLeads?: boolean; original?: boolean } = {},
): void {
  if (text === undefined || text === '') return
  if (options.original !== false) put(document, 'url.original', text)
  let rest = text
  const scheme = rest.indexOf('://')
  if (scheme > 0 && scheme <= 12 && isScheme(rest, scheme)) {
    put(document, 'url.scheme', rest.slice(0, scheme).toLowerCase())
    rest = putAuthority(document, rest.slice(scheme + 3))
  } else if (options.hostLeads === true && rest.charCodeAt(0) !== 0x2f) rest = putAuthority(document, rest)
  putPath(document, rest)
}

/** The host and port before the path; gives the path. */
function putAuthority(document: EventDocument, text: string): string {
  const end = firstOf(text, '/?#')
  let authority = text.slice(0, end)
  const at = authority.lastIndexOf('@')
  if (at >= 0) {
    const [name = '', password = ''] = authority.slice(0, at).split(':')
    put(document, 'url.username', name)
    put(document, 'url.password', password)
    authority = authority.slice(at + 1)
  }
  const colon = authority.lastIndexOf(':')
  if (colon >= 0 && colon > authority.lastIndexOf(']')) {
    const port = Number(authority.slice(colon + 1))
    if (Number.isInteger(port) && colon + 1 < authority.length) put(document, 'url.port', port)
    authority = authority.slice(0, colon)
  }
  put(document, 'url.domain', authority.startsWith('[') ? authority.slice(1, -1) : authority)
  return text.slice(end)
}

function putPath(document: EventDocument, text: string): void {
  const hash = text.indexOf('#')
  if (hash >= 0) put(document, 'url.fragment', text.slice(hash + 1))
  const noFragment = hash < 0 ? text : text.slice(0, hash)
  const question = noFragment.indexOf('?')
  if (question >= 0) put(document, 'url.query', noFragment.slice(question + 1))
  const path = question < 0 ? noFragment : noFragment.slice(0, question)
  put(document, 'url.path', path)
  const dot = path.lastIndexOf('.')
  // An extension follows the last dot of the last segment.
  if (dot >= 0 && dot > path.lastIndexOf('/') && dot < path.length - 1)
    put(document, 'url.extension', path.slice(dot + 1))
}

function isScheme(text: string, end: number): boolean {
  for (let at = 0; at < end; at++) {
    const code = text.charCodeAt(at) | 0x20
    if ((code < 97 || code > 122) && !(at > 0 && /[\d+.-]/.test(text.charAt(at)))) return false
  }
  return true
}

function firstOf(text: string, stops: string): number {
  for (let at = 0; at < text.length; at++) if (stops.includes(text.charAt(at))) return at
  return text.length
}

/** Top-level domains of two labels that are common enough to matter where no public-suffix list is at hand. */
const secondLevel = new Set(['co', 'com', 'net', 'org', 'gov', 'edu', 'ac', 'or', 'ne', 'gv'])

/** `prefix`.registered_domain, .subdomain and .top_level_domain of a host name, by the last labels. */
export function putDomainParts(document: EventDocument, prefix: string, host: string | undefined): void {
  if (host === undefined || isIpv4(host)) return
  const labels = host.split('.')
  if (labels.length < 2 || labels.includes('')) return
  const last = labels[labels.length - 1] ?? ''
  const before = labels[labels.length - 2] ?? ''
  const suffix = labels.length > 2 && last.length === 2 && secondLevel.has(before) ? 2 : 1
  put(document, `${prefix}.top_level_domain`, labels.slice(-suffix).join('.'))
  put(document, `${prefix}.registered_domain`, labels.slice(-suffix - 1).join('.'))
  put(document, `${prefix}.subdomain`, labels.slice(0, -suffix - 1).join('.'))
}
