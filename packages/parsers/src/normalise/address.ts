// IP addresses: what is one, its one spelling, and an endpoint's fields.
import { isIP, isIPv4 } from 'node:net'

/** The address in the spelling to keep: without brackets, zone or `::ffff:`; undefined where the text is none. */
export function ipOf(text: string | undefined): string | undefined {
  if (text === undefined || text.length < 2 || text.length > 64) return undefined
  let address = text
  if (address.charCodeAt(0) === 0x5b && address.endsWith(']')) address = address.slice(1, -1)
  const zone = address.indexOf('%')
  if (zone > 0) address = address.slice(0, zone)
  if (address.length > 7 && address.slice(0, 7).toLowerCase() === '::ffff:' && isIPv4(address.slice(7)))
    return address.slice(7)
  return isIP(address) === 0 ? undefined : address
}

/** A port from 0 to 65535. */
export function portOf(text: string | number | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  const port = typeof text === 'number' ? text : /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  return Number.isInteger(port) && port >= 0 && port <= 65_535 ? port : undefined
}

/** `192.0.2.1:443`, `[2001:db8::1]:443`, `192.0.2.1`, `2001:db8::1`. */
export function splitAddress(text: string): { address: string; port: string | undefined } {
  if (text.charCodeAt(0) === 0x5b) {
    const close = text.indexOf(']')
    if (close > 0) {
      return {
        address: text.slice(1, close),
        port: text.charCodeAt(close + 1) === 0x3a ? text.slice(close + 2) : undefined,
      }
    }
  }
  const colon = text.lastIndexOf(':')
  if (colon > 0 && text.indexOf(':') === colon) return { address: text.slice(0, colon), port: text.slice(colon + 1) }
  return { address: text, port: undefined }
}
