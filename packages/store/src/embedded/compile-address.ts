// Is a text an address of a network? In SQL, because a segment has too many distinct addresses to list.
import { networkRange } from '../query-values.ts'
import { literal } from './sql.ts'

const octet = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])'
const dotted = `${octet}(\\.${octet}){3}`

/** Made once on each DuckDB: `varde_v4` gives an address's number, `varde_v6` its 32 hex digits, else NULL. */
export const addressMacros = [
  `CREATE OR REPLACE MACRO varde_v4(a) AS CASE WHEN regexp_full_match(a, '${dotted}') THEN
    CAST(split_part(a, '.', 1) AS BIGINT) * 16777216 + CAST(split_part(a, '.', 2) AS BIGINT) * 65536
    + CAST(split_part(a, '.', 3) AS BIGINT) * 256 + CAST(split_part(a, '.', 4) AS BIGINT) END`,
  `CREATE OR REPLACE MACRO varde_hextets(a) AS list_filter(string_split(a, ':'), lambda h: h <> '')`,
  `CREATE OR REPLACE MACRO varde_hex(l) AS coalesce(array_to_string(list_transform(l, lambda h: lpad(lower(h), 4, '0')), ''), '')`,
  `CREATE OR REPLACE MACRO varde_v6(a) AS CASE
    WHEN regexp_full_match(a, '([0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}') THEN varde_hex(varde_hextets(a))
    WHEN regexp_full_match(a, '([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4})*)?::([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4})*)?')
      AND len(varde_hextets(a)) < 8
    THEN varde_hex(varde_hextets(split_part(a, '::', 1)))
      || repeat('0000', 8 - len(varde_hextets(a)))
      || varde_hex(varde_hextets(split_part(a, '::', 2))) END`,
]

/** The condition that the text lies in the network; undefined where the network is none. A lone address is its own. */
export function addressCondition(sql: string, network: string): string | undefined {
  const range = networkRange(network)
  if (range === undefined) return undefined
  if (range.version === 4) {
    const prefix = dottedPrefix(range.from, range.to)
    const early = prefix === '' ? '' : `starts_with(${sql}, ${literal(prefix)}) AND `
    return `(${early}varde_v4(${sql}) BETWEEN ${range.from} AND ${range.to})`
  }
  return `(contains(${sql}, ':') AND varde_v6(${sql}) BETWEEN ${literal(range.from)} AND ${literal(range.to)})`
}

/** The whole octets that all addresses of the range share, with the dot after them. */
function dottedPrefix(from: number, to: number): string {
  let prefix = ''
  for (const shift of [24, 16, 8]) {
    if (from >>> shift !== to >>> shift) break
    prefix += `${(from >>> shift) & 255}.`
  }
  return prefix
}
