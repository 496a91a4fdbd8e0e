// The addresses of a network: in typed fields as a range of addresses, among tokens as a range of their digits.
import type { NetworkRange } from '../query-values.ts'
import { anyOf, type Clause, values } from './clause.ts'
import { nativeFields } from './native-fields.ts'
import { escapePath, mark } from './tokens.ts'

/** IPv4 lies inside IPv6 there (::ffff:0:0/96), which here it does not. */
const mappedFirst = '00000000000000000000ffff00000000'
const mappedLast = '00000000000000000000ffffffffffff'

export function networkClause(field: string, range: NetworkRange, network: string): Clause {
  const path = `${escapePath(field)}${mark.address}`
  const hex = (value: number) => `4${value.toString(16).padStart(8, '0')}`
  const [from, to] = range.version === 4 ? [hex(range.from), hex(range.to)] : [`6${range.from}`, `6${range.to}`]
  const clauses: Clause[] = [{ range: { [values]: { gte: `${path}${from}`, lte: `${path}${to}` } } }]
  if (nativeFields.get(field) === 'ip') {
    if (range.version === 4) clauses.push({ term: { [field]: network } })
    else clauses.push(...sixes(range.from, range.to).map((bounds) => ({ range: { [field]: bounds } })))
  }
  return anyOf(clauses)
}

function sixes(from: string, to: string): { gte: string; lte: string }[] {
  const parts: [string, string][] =
    from > mappedLast || to < mappedFirst
      ? [[from, to]]
      : [
          [from, '00000000000000000000fffeffffffff'],
          ['00000000000000000001000000000000', to],
        ]
  return parts
    .filter(([first, last]) => first <= last)
    .map(([first, last]) => ({ gte: spell(first), lte: spell(last) }))
}

function spell(hex: string): string {
  return hex.match(/.{4}/g)?.join(':') ?? '::'
}
