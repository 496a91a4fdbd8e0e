// Networks and addresses as numbers: is this address in that network?
import ipaddr from 'ipaddr.js'

/** Four 32-bit words; an IPv4 address is the last one, below the mapped prefix (RFC 4291 2.5.5.2). */
interface Network {
  words: readonly number[]
  masks: readonly number[]
}

const mapped = 0xffff

const networks = new Map<string, Network | undefined>()
const addresses = new Map<string, readonly number[] | undefined>()
// Networks of rules and addresses of a busy day both fit; computed ones cannot fill the memory.
const rememberedMax = 20_000

function remember<T>(map: Map<string, T>, key: string, value: T): T {
  if (map.size >= rememberedMax) map.clear()
  map.set(key, value)
  return value
}

function wordsOf(bytes: readonly number[]): number[] {
  const all = bytes.length === 4 ? [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...bytes] : bytes
  return [0, 4, 8, 12].map(
    (at) =>
      (((all[at] ?? 0) << 24) | ((all[at + 1] ?? 0) << 16) | ((all[at + 2] ?? 0) << 8) | (all[at + 3] ?? 0)) >>> 0,
  )
}

const dotted = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/

function addressOf(text: string): readonly number[] | undefined {
  const known = addresses.get(text)
  if (known !== undefined || addresses.has(text)) return known
  const parts = dotted.exec(text)
  if (parts !== null) {
    const bytes = parts.slice(1).map(Number)
    return remember(addresses, text, bytes.every((byte) => byte < 256) ? wordsOf(bytes) : undefined)
  }
  return remember(
    addresses,
    text,
    text.includes(':') && ipaddr.IPv6.isValid(text) ? wordsOf(ipaddr.IPv6.parse(text).toByteArray()) : undefined,
  )
}

/** `10.0.0.0/8`, `fd00::/8`, or one address. */
function networkOf(text: string): Network | undefined {
  const known = networks.get(text)
  if (known !== undefined || networks.has(text)) return known
  const slash = text.indexOf('/')
  const words = addressOf(slash < 0 ? text : text.slice(0, slash))
  const isV4 = words !== undefined && !text.includes(':')
  const length =
    slash < 0 ? (isV4 ? 32 : 128) : Number(/^\d{1,3}$/.test(text.slice(slash + 1)) ? text.slice(slash + 1) : -1)
  if (words === undefined || length < 0 || length > (isV4 ? 32 : 128)) return remember(networks, text, undefined)
  const bits = isV4 ? length + 96 : length
  const masks = [0, 32, 64, 96].map((at) => maskOf(Math.min(32, Math.max(0, bits - at))))
  return remember(networks, text, { words, masks })
}

function maskOf(bits: number): number {
  return bits === 0 ? 0 : (0xffff_ffff << (32 - bits)) >>> 0
}

function isMapped(words: readonly number[]): boolean {
  return words[0] === 0 && words[1] === 0 && words[2] === mapped
}

/** False where either text is none. An IPv4 address is in no IPv6 network but those of mapped addresses. */
export function inNetwork(address: string, network: string): boolean {
  const [wanted, words] = [networkOf(network), addressOf(address)]
  if (wanted === undefined || words === undefined || isMapped(words) !== isMapped(wanted.words)) return false
  for (let at = 0; at < 4; at++) {
    const mask = wanted.masks[at] ?? 0
    if (((words[at] ?? 0) & mask) >>> 0 !== ((wanted.words[at] ?? 0) & mask) >>> 0) return false
  }
  return true
}
