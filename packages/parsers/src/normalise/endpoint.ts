// The two ends of a flow, read fast: addresses, ports, counts and MAC addresses as firewalls write them, thousands a second.
import { type EventDocument, objectAt, put } from './document.ts'

/** True for a whole IPv4 address: four numbers of 0 to 255. One pass; `node:net` takes a regex for it. */
export function isIpv4(text: string): boolean {
  const length = text.length
  if (length < 7 || length > 15) return false
  let value = 0
  let digits = 0
  let dots = 0
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at)
    if (code >= 48 && code <= 57) {
      value = value * 10 + code - 48
      if (++digits > 3 || value > 255) return false
    } else if (code === 0x2e) {
      if (digits === 0) return false
      dots++
      digits = 0
      value = 0
    } else return false
  }
  return dots === 3 && digits > 0
}

/** True for a whole IPv6 address (RFC 4291 §2.2), with an IPv4 tail or without; no zone, no prefix length. */
export function isIpv6(text: string): boolean {
  const length = text.length
  if (length < 2 || length > 45) return false
  let groups = 0
  let digits = 0
  let compressed = false
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at)
    if (isHex(code)) {
      if (++digits > 4) return false
      continue
    }
    if (code === 0x2e) {
      // The tail is an IPv4 address: it counts as two groups.
      if (!isIpv4(text.slice(at - digits))) return false
      groups += 2
      return compressed ? groups < 8 : groups === 8
    }
    if (code !== 0x3a) return false
    if (digits > 0) groups++
    if (text.charCodeAt(at + 1) === 0x3a) {
      if (compressed) return false
      compressed = true
      at++
    } else if (digits === 0 || at === length - 1) return false
    digits = 0
  }
  if (digits > 0) groups++
  return compressed ? groups < 8 : groups === 8
}

export function isIp(text: string): boolean {
  return isIpv4(text) || (text.includes(':') && isIpv6(text))
}

function isHex(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70)
}

/** Digits only, at most six: what a device calls a port, also where it is out of range. */
export function portOf(text: string | undefined): number | undefined {
  return text === undefined || text.length > 6 ? undefined : countOf(text)
}

/** A whole number of digits; undefined for anything else, and where it would lose digits. */
export function countOf(text: string | undefined): number | undefined {
  if (text === undefined || text.length === 0 || text.length > 15) return undefined
  let value = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 48 || code > 57) return undefined
    value = value * 10 + code - 48
  }
  return value
}

/** `side`.address, and .ip where it is one, else .domain. */
export function putAddress(document: EventDocument, side: string, host: string | undefined): void {
  if (host === undefined || host === '') return
  const end = objectAt(document, side)
  const text = host.isWellFormed() ? host : host.toWellFormed()
  end['address'] = text
  if (isIp(host)) end['ip'] = text
  else end['domain'] = text
}

/** The IP alone; what is none is left out. */
export function putIp(document: EventDocument, path: string, text: string | undefined): boolean {
  if (text === undefined || !isIp(text)) return false
  put(document, path, text)
  return true
}

/** 00-11-22-AA-BB-CC, as ECS writes MAC addresses (RFC 7042); undefined for anything else. */
export function macOf(text: string | undefined): string | undefined {
  const separator = text === undefined ? undefined : { 12: 0, 14: 0x2e, 17: text.charCodeAt(2) }[text.length]
  if (text === undefined || separator === undefined) return undefined
  let hex = ''
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (isHex(code)) hex += text.charAt(at)
    else if (code !== separator || (code !== 0x3a && code !== 0x2d && code !== 0x2e)) return undefined
  }
  if (hex.length !== 12) return undefined
  const upper = hex.toUpperCase()
  return `${upper.slice(0, 2)}-${upper.slice(2, 4)}-${upper.slice(4, 6)}-${upper.slice(6, 8)}-${upper.slice(8, 10)}-${upper.slice(10)}`
}

/** RFC 1918, loopback, link-local, unique local and the unspecified address: what no router of the Internet forwards. */
export function isPrivate(ip: string): boolean {
  if (ip.includes(':')) return ip === '::1' || ip === '::' || /^f(?:[cd]|e[89ab])/i.test(ip)
  if (ip.startsWith('10.') || ip.startsWith('192.168.') || ip.startsWith('127.') || ip.startsWith('169.254.'))
    return true
  if (!ip.startsWith('172.')) return false
  const second = Number(ip.slice(4, ip.indexOf('.', 4)))
  return second >= 16 && second <= 31
}
