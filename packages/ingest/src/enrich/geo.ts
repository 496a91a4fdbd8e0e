// Where in the world an address is, and whose: MaxMind databases, or the public-domain country table that comes with Varde.
import { createRequire } from 'node:module'
import { VardeError } from '@varde/runtime'
import type { JsonObject } from '@varde/schema'
import { open, type Reader } from 'maxmind'

export interface Geo {
  /** ECS `geo` and `as` of an address, each absent where unknown. */
  lookup(ip: string): { geo?: JsonObject; as?: JsonObject }
}

/** The packaged table: whois and ASN countries (CC BY 4.0, NRO); IPv4 and IPv6. */
export function packagedCountries(): string {
  return createRequire(import.meta.url).resolve('@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb')
}

type Row = Record<string, unknown>

function row(value: unknown): Row | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : undefined
}

function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((inner, name) => row(inner)?.[name], value)
}

function putText(into: JsonObject, name: string, value: unknown) {
  if (typeof value === 'string' && value !== '') into[name] = value
}

const countryNames = new Intl.DisplayNames(['en'], { type: 'region' })

function countryName(code: unknown): string | undefined {
  if (typeof code !== 'string' || !/^[A-Z]{2}$/.test(code)) return undefined
  const name = countryNames.of(code)
  return name === code ? undefined : name
}

/** Both shapes: `country_code` of ip-location-db, and the nested records of GeoIP2 and GeoLite2. */
function geoOf(found: unknown): JsonObject | undefined {
  const geo: JsonObject = {}
  const code = at(found, 'country_code') ?? at(found, 'country', 'iso_code')
  putText(geo, 'country_iso_code', code)
  putText(geo, 'country_name', at(found, 'country', 'names', 'en') ?? countryName(code))
  putText(geo, 'continent_name', at(found, 'continent', 'names', 'en'))
  putText(geo, 'city_name', at(found, 'city', 'names', 'en'))
  const [region] = [at(found, 'subdivisions')].flat()
  putText(geo, 'region_name', at(region, 'names', 'en'))
  const [lat, lon] = [at(found, 'location', 'latitude'), at(found, 'location', 'longitude')]
  if (typeof lat === 'number' && typeof lon === 'number') geo['location'] = { lat, lon }
  return Object.keys(geo).length > 0 ? geo : undefined
}

function asOf(found: unknown): JsonObject | undefined {
  const number = at(found, 'autonomous_system_number')
  if (typeof number !== 'number') return undefined
  const as: JsonObject = { number }
  const name = at(found, 'autonomous_system_organization')
  if (typeof name === 'string') as['organization'] = { name }
  return as
}

async function read(file: string): Promise<Reader<never>> {
  return open<never>(file).catch((cause: unknown) => {
    throw new VardeError('INGEST_GEO', `can't read the address database ${file}`, {
      cause,
      hint: 'It must be a MaxMind DB file (.mmdb).',
    })
  })
}

/** `city`: a GeoIP2 or GeoLite2 City or Country file; the packaged country table where absent. `asn`: an ASN file. Missing databases are an error at the start, never a silent lack. */
export async function openGeo(files: { city?: string; asn?: string } = {}): Promise<Geo> {
  const country = await read(files.city ?? packagedCountries())
  const asn = files.asn === undefined ? undefined : await read(files.asn)
  return {
    lookup(ip) {
      const geo = geoOf(country.get(ip))
      const as = asn === undefined ? undefined : asOf(asn.get(ip))
      return { ...(geo !== undefined && { geo }), ...(as !== undefined && { as }) }
    },
  }
}
