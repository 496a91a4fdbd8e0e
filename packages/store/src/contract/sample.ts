// Events to try a store with: a few by hand, many by chance.
import type { EcsEvent, Home, Json, JsonObject, Query, StoredEvent } from '@varde/schema'
import { eventId } from '@varde/schema'
import fc from 'fast-check'

export const start = Date.UTC(2026, 9, 1, 8)

export interface Given {
  offset: number
  partition?: number
  stream?: string
  tenant?: string
  source?: string
  retention?: string
  /** UTC milliseconds; a second after the one before unless told. */
  time?: number
  raw?: string | Uint8Array
  event?: JsonObject
  sender?: StoredEvent['sender']
  lateness?: StoredEvent['lateness']
}

export function stored(given: Given): StoredEvent {
  const home: Home = {
    stream: given.stream ?? 'main',
    generation: 0,
    partition: given.partition ?? 0,
    offset: given.offset,
  }
  const time = given.time ?? start + given.offset * 1000
  const raw = given.raw ?? `line ${given.offset}`
  const event: EcsEvent = { '@timestamp': new Date(time).toISOString(), ...given.event }
  return {
    id: eventId(home),
    home,
    tenant: given.tenant ?? 'house',
    source: given.source ?? 'fw1',
    retention: given.retention ?? 'default',
    arrival: time + 5,
    raw: typeof raw === 'string' ? new TextEncoder().encode(raw) : raw,
    seed: Uint8Array.from({ length: 16 }, (_, index) => (given.offset * 31 + index * 7) % 256),
    event,
    ingested: time + 9,
    ...(given.sender === undefined ? {} : { sender: given.sender }),
    ...(given.lateness === undefined ? {} : { lateness: given.lateness }),
  }
}

const users = ['anna', 'Anna', 'björn', 'svc-backup', 'x', 'DOM\\anna', 'a*a']
const addresses = [
  '10.0.0.5',
  '10.0.0.50',
  '10.1.2.3',
  '192.168.7.1',
  '2001:db8::1',
  '2001:db8:1::f',
  'fe80::1',
  'unknown',
  '10.0.0',
]
const words = [
  'Failed',
  'password',
  'for',
  'anna',
  'ANNA',
  'from',
  '10.0.0.5',
  'port',
  '22',
  'Æblegrød',
  'a_b',
  'x-y',
  'DOM\\anna',
  '100%',
  'Kelvin',
]
const codes = ['4624', '4625', '1102', 'x']

const name = fc.constantFrom('alpha', 'beta', 'gamma')
const scalar = fc.oneof(
  fc.constantFrom<Json>('a', 'b', '5', 'true', '', 'ø', 'A'),
  fc.constantFrom<Json>(5, 0, -1, 1.5, 1e21, 12345678901, true, false),
)
const wild: fc.Arbitrary<Json> = fc.oneof(
  { weight: 5, arbitrary: scalar },
  { weight: 1, arbitrary: fc.constantFrom<Json>(null, [], {}, [null], [[1, ['b']]], [{}]) },
  { weight: 2, arbitrary: fc.array(scalar, { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.array(fc.dictionary(name, scalar, { maxKeys: 2 }), { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.dictionary(name, scalar, { maxKeys: 2 }) },
)

const someEvent: fc.Arbitrary<JsonObject> = fc
  .record(
    {
      user: fc.record({
        name: fc.oneof(fc.constantFrom<Json>(...users), fc.constantFrom<Json>(7, ['anna', 'x'], null)),
      }),
      source: fc.record({
        ip: fc.oneof(fc.constantFrom<Json>(...addresses), fc.constant<Json>(['10.0.0.5', '10.9.9.9'])),
        port: fc.oneof(fc.constantFrom<Json>(22, 443, 8443), fc.constantFrom<Json>('22', 3.5)),
      }),
      event: fc.record({
        code: fc.constantFrom<Json>(...codes),
        category: fc.constantFrom<Json>(['a'], ['a', 'b'], 'a', []),
      }),
      related: fc.record({ ip: fc.subarray<Json>(addresses) }),
      vendor: fc.dictionary(name, wild, { maxKeys: 3 }),
      flag: fc.boolean(),
    },
    { requiredKeys: [] },
  )
  .map((event): JsonObject => ({ ...event }))

/** Offsets are set by whoever takes the events. */
export const someGiven: fc.Arbitrary<Omit<Given, 'offset'>> = fc
  .record({
    tenant: fc.constantFrom('house', 'kunde-a', 'kunde-b'),
    time: fc.integer({ min: 0, max: 40 }).map((step) => start + step * 500),
    raw: fc.oneof(
      { weight: 9, arbitrary: fc.array(fc.constantFrom(...words), { maxLength: 7 }).map((line) => line.join(' ')) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }) },
    ),
    event: someEvent,
  })
  .map((given) => ({ ...given }))

const fields = [
  'user.name',
  'source.ip',
  'source.port',
  'event.code',
  'event.category',
  'related.ip',
  'vendor.alpha',
  'vendor.alpha.beta',
  'vendor.beta',
  'vendor',
  'flag',
  'no.such',
  'event',
]
const field = fc.constantFrom(...fields)
const plain = fc.constantFrom(
  ...users,
  ...addresses,
  ...codes,
  '22',
  '443',
  '5',
  '1.5',
  '1e21',
  'true',
  'false',
  '',
  'a',
  'b',
  'ø',
  '-1',
)
const pattern = fc.constantFrom(
  '*',
  'a*',
  '*a',
  '*n*',
  '10.*',
  '4*2*',
  'A*a',
  '*ø*',
  '%*',
  '_*',
  'DOM\\\\*',
  '*\\\\anna',
  'D*\\\\a*',
  'a\\**',
  '*\\*a',
  'a\\*a',
)
const network = fc.constantFrom(
  '10.0.0.0/8',
  '10.0.0.0/24',
  '10.0.0.5/32',
  '0.0.0.0/0',
  '192.168.0.0/13',
  '2001:db8::/32',
  '2001:db8::/47',
  '::/0',
)
const textValue = fc.oneof(
  fc
    .constantFrom(...words, 'fail', 'absent', 'anna from', '0.0', '%', 'password for')
    .map((text) => ({ kind: 'word' as const, text })),
  fc
    .constantFrom('Failed password', 'for anna', 'port 22', 'dom\\anna', '*')
    .map((text) => ({ kind: 'phrase' as const, text })),
  fc
    .constantFrom('fail*', '*word', '*ass*', '10.*', 'p*d', 'æble*', '*bs*nt', 'dom\\\\an*', '*m\\\\anna', '10\\*')
    .map((text) => ({ kind: 'wildcard' as const, pattern: text })),
)

export const someQuery: fc.Arbitrary<Query> = fc.letrec<{ query: Query; leaf: Query }>((tie) => ({
  query: fc.oneof(
    { weight: 3, arbitrary: tie('leaf') },
    {
      weight: 1,
      arbitrary: fc.array(tie('query'), { minLength: 1, maxLength: 3 }).map((of): Query => ({ kind: 'and', of })),
    },
    {
      weight: 1,
      arbitrary: fc.array(tie('query'), { minLength: 1, maxLength: 3 }).map((of): Query => ({ kind: 'or', of })),
    },
    { weight: 1, arbitrary: tie('query').map((of): Query => ({ kind: 'not', of })) },
  ),
  leaf: fc.oneof(
    fc.constant<Query>({ kind: 'all' }),
    textValue.map((value): Query => ({ kind: 'text', value })),
    fc.tuple(field, plain).map(([of, text]): Query => ({ kind: 'field', field: of, value: { kind: 'word', text } })),
    fc.tuple(field, plain).map(([of, text]): Query => ({ kind: 'field', field: of, value: { kind: 'phrase', text } })),
    fc
      .tuple(field, pattern)
      .map(([of, text]): Query => ({ kind: 'field', field: of, value: { kind: 'wildcard', pattern: text } })),
    fc
      .tuple(field, network)
      .map(([of, text]): Query => ({ kind: 'field', field: of, value: { kind: 'cidr', network: text } })),
    fc
      .tuple(field, fc.constantFrom('<' as const, '<=' as const, '>' as const, '>=' as const), plain)
      .map(([of, op, value]): Query => ({ kind: 'range', field: of, op, value })),
    fc.tuple(fc.constantFrom('<' as const, '>=' as const), fc.integer({ min: 0, max: 40 })).map(
      ([op, step]): Query => ({
        kind: 'range',
        field: '@timestamp',
        op,
        value: new Date(start + step * 500).toISOString(),
      }),
    ),
    field.map((of): Query => ({ kind: 'exists', field: of })),
  ),
})).query
