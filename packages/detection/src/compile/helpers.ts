// The functions that JSONata lacks and rules need, registered once here for compiler, interpreter, linter and editor.
import { createHash } from 'node:crypto'
import { canonicalJson, type Json } from '@varde/schema'
import { inNetwork } from './cidr.ts'

/** What helpers read besides their arguments. Its digest goes into the rule digest: other lists, other decisions. */
export interface HelperEnvironment {
  readonly digest: string
  list(name: string): ReadonlySet<Json> | undefined
}

export interface Helper {
  readonly name: string
  /** JSONata signature: see docs.jsonata.org/embedding-extending. */
  readonly signature: string
  readonly arity: number
  readonly summary: string
  readonly example: string
  call(environment: HelperEnvironment, args: readonly unknown[]): unknown
}

/** Lists by name; each is a set of scalars. `versions` are the digests or dates that the lists' owners keep. */
export function createHelperEnvironment(lists: Record<string, readonly Json[]> = {}): HelperEnvironment {
  const sets = new Map(Object.entries(lists).map(([name, values]) => [name, new Set(values)]))
  const sorted: Record<string, Json> = {}
  for (const [name, values] of sets) sorted[name] = [...values].map((value) => canonicalJson(value)).sort()
  const digest = createHash('sha256').update(canonicalJson(sorted)).digest('hex')
  return { digest, list: (name) => sets.get(name) }
}

export const emptyEnvironment: HelperEnvironment = createHelperEnvironment()

function each(value: unknown, test: (item: unknown) => boolean): boolean {
  return Array.isArray(value) ? value.some((item) => each(item, test)) : test(value)
}

function isInNetwork(address: unknown, wanted: unknown): boolean {
  return (
    typeof address === 'string' && each(wanted, (network) => typeof network === 'string' && inNetwork(address, network))
  )
}

function integerOf(value: unknown): bigint | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : undefined
  if (typeof value !== 'string' || !/^(0x[0-9a-f]{1,32}|\d{1,38})$/i.test(value)) return undefined
  return BigInt(value)
}

function pointOf(value: unknown): [number, number] | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const latitude = 'lat' in value ? value.lat : undefined
  const longitude = 'lon' in value ? value.lon : undefined
  return typeof latitude === 'number' && typeof longitude === 'number' ? [latitude, longitude] : undefined
}

const radiansPerDegree = Math.PI / 180
// Mean Earth radius (IUGG).
const earthKm = 6371.0088

function greatCircleKm(from: [number, number], to: [number, number]): number {
  const [lat1, lat2] = [from[0] * radiansPerDegree, to[0] * radiansPerDegree]
  const dLon = (to[1] - from[1]) * radiansPerDegree
  const h = Math.sin((lat2 - lat1) / 2) ** 2 + Math.cos(lat1) * Math.cos(lat2) * Math.sin(dLon / 2) ** 2
  return 2 * earthKm * Math.asin(Math.min(1, Math.sqrt(h)))
}

/** `CORP\Anna`, `anna@corp.example` and `ANNA` are one person: the bare name, NFKC, lower case. */
function accountName(value: string): string {
  const folded = value.normalize('NFKC').trim().toLowerCase()
  const bare = folded.slice(folded.lastIndexOf('\\') + 1)
  const at = bare.indexOf('@')
  return at > 0 ? bare.slice(0, at) : bare
}

export const helpers: readonly Helper[] = [
  {
    name: 'cidr',
    signature: '<xx:b>',
    arity: 2,
    summary:
      'True where the address (or any of several) lies in the network or address (or any of several). False without one.',
    example: '$cidr(source.ip, ["10.0.0.0/8", "fd00::/8"])',
    call: (_environment, [address, wanted]) => each(address, (one) => isInNetwork(one, wanted)),
  },
  {
    name: 'inList',
    signature: '<sx:b>',
    arity: 2,
    summary:
      'True where the value (or any of several) stands in the named list. False without a value. An unknown list is an error.',
    example: '$inList("tier0-accounts", user.name)',
    call: (environment, [name, value]) => {
      const list = environment.list(String(name))
      if (list === undefined) throw Object.assign(new Error(`there is no list "${String(name)}"`), { code: 'V0010' })
      return each(value, (one) => isJson(one) && list.has(one))
    },
  },
  {
    name: 'bit',
    signature: '<xx:b>',
    arity: 2,
    summary:
      'True where all bits of the mask are set in the number, decimal or 0x text. False where either is no whole number.',
    example: '$bit(winlog.event_data.NewUacValue, "0x10000")',
    call: (_environment, [value, mask]) => {
      const [number, bits] = [integerOf(value), integerOf(mask)]
      return number !== undefined && bits !== undefined && (number & bits) === bits
    },
  },
  {
    name: 'sid',
    signature: '<x:n>',
    arity: 1,
    summary: 'The relative id (last part) of a Windows SID as a number; nothing where the value is no SID.',
    example: '$sid(winlog.event_data.TargetSid) = 500',
    call: (_environment, [value]) => {
      const match = typeof value === 'string' ? /^S-1(?:-\d{1,15}){1,15}$/i.exec(value) : null
      return match === null ? undefined : Number(match[0].slice(match[0].lastIndexOf('-') + 1))
    },
  },
  {
    name: 'geoKm',
    signature: '<xx:n>',
    arity: 2,
    summary: 'Kilometres over the great circle between two points {lat, lon}; nothing where either is missing.',
    example: '$geoKm(source.geo.location, {"lat": 55.68, "lon": 12.57}) > 2000',
    call: (_environment, [from, to]) => {
      const [a, b] = [pointOf(from), pointOf(to)]
      return a === undefined || b === undefined ? undefined : greatCircleKm(a, b)
    },
  },
  {
    name: 'norm',
    signature: '<x:s>',
    arity: 1,
    summary:
      'An account name as one spelling: domain prefix and suffix off, lower case, NFKC; nothing where the value is no text.',
    example: '$norm(user.name) = "administrator"',
    call: (_environment, [value]) => (typeof value === 'string' ? accountName(value) : undefined),
  },
]

function isJson(value: unknown): value is Json {
  return value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}
