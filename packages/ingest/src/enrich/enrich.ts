// What the house knows about the addresses, users and hosts of an event: places, zones, direction, lists.
import type { EcsEvent, Json, JsonObject } from '@varde/schema'
import ipaddr from 'ipaddr.js'
import type { Geo } from './geo.ts'
import { createNetworks, internalNetworks, type Zone } from './networks.ts'

export interface NamedList {
  name: string
  /** What the values are: addresses and CIDRs, user names, or host names. */
  of: 'ip' | 'user' | 'host'
  values: string[]
}

export interface EnrichConfig {
  /** Named parts of the network. An address in any of them is internal. */
  zones?: Zone[]
  lists?: NamedList[]
}

export interface Enricher {
  /** Adds to a freshly parsed event, in place. What the sender said itself is never overwritten. */
  enrich(event: EcsEvent): void
}

interface AddressFacts {
  internal: boolean
  zone: string | undefined
  geo: JsonObject | undefined
  as: JsonObject | undefined
  lists: string[]
}

// Most addresses of a company's logs recur: one lookup in a map instead of a parse, two trees and the lists.
const addressesKeptMax = 100_000

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function createEnricher(config: EnrichConfig, geo: Geo | undefined): Enricher {
  const zones = createNetworks(config.zones ?? [])
  const internal = createNetworks([
    { name: 'internal', networks: [...internalNetworks, ...(config.zones ?? []).flatMap((zone) => zone.networks)] },
  ])
  const lists = config.lists ?? []
  const addressLists = lists
    .filter((list) => list.of === 'ip')
    .map(({ name, values }) => ({ name, networks: createNetworks([{ name, networks: values }]) }))
  const nameLists = (of: 'user' | 'host') =>
    lists
      .filter((list) => list.of === of)
      .map(({ name, values }) => ({ name, values: new Set(values.map((value) => value.toLowerCase())) }))
  const userLists = nameLists('user')
  const hostLists = nameLists('host')
  const known = new Map<string, AddressFacts | undefined>()

  const look = (ip: string): AddressFacts | undefined => {
    if (!ipaddr.isValid(ip)) return undefined
    const address = ipaddr.process(ip)
    const isInternal = internal.zoneOf(address) !== undefined
    const place = isInternal || address.range() !== 'unicast' ? undefined : geo?.lookup(address.toString())
    return {
      internal: isInternal,
      zone: zones.zoneOf(address),
      geo: place?.geo,
      as: place?.as,
      lists: addressLists.filter(({ networks }) => networks.zoneOf(address) !== undefined).map(({ name }) => name),
    }
  }

  const factsOf = (ip: Json | undefined): AddressFacts | undefined => {
    if (typeof ip !== 'string') return undefined
    let facts = known.get(ip)
    if (facts === undefined && !known.has(ip)) {
      facts = look(ip)
      if (known.size >= addressesKeptMax) known.clear()
      known.set(ip, facts)
    }
    return facts
  }

  const place = (side: JsonObject, facts: AddressFacts | undefined) => {
    // Events are values: two of them must not share an object that a later step may change.
    if (facts?.geo !== undefined && side['geo'] === undefined) side['geo'] = structuredCopy(facts.geo)
    if (facts?.as !== undefined && side['as'] === undefined) side['as'] = structuredCopy(facts.as)
  }

  return {
    enrich(event) {
      const source = isObject(event['source']) ? event['source'] : undefined
      const destination = isObject(event['destination']) ? event['destination'] : undefined
      const from = source && factsOf(source['ip'])
      const to = destination && factsOf(destination['ip'])
      if (source !== undefined) place(source, from)
      if (destination !== undefined) place(destination, to)
      if (from !== undefined && to !== undefined) setDirection(event, from.internal, to.internal)
      setOwn(event, from, to)
    },
  }

  function setOwn(event: EcsEvent, from: AddressFacts | undefined, to: AddressFacts | undefined) {
    const zone: JsonObject = {}
    if (from?.zone !== undefined) zone['source'] = from.zone
    if (to?.zone !== undefined) zone['destination'] = to.zone
    const found = new Set<string>()
    for (const name of from?.lists ?? []) found.add(name)
    for (const name of to?.lists ?? []) found.add(name)
    if (userLists.length > 0) addLists(found, userLists, event['user'])
    if (hostLists.length > 0) addLists(found, hostLists, event['host'])
    if (Object.keys(zone).length === 0 && found.size === 0) return
    event['varde'] = {
      ...(Object.keys(zone).length > 0 && { zone }),
      ...(found.size > 0 && { lists: [...found].sort() }),
    }
  }
}

function addLists(found: Set<string>, lists: { name: string; values: Set<string> }[], side: Json | undefined) {
  if (!isObject(side) || typeof side['name'] !== 'string') return
  const name = side['name'].toLowerCase()
  for (const list of lists) if (list.values.has(name)) found.add(list.name)
}

/** As ECS names directions seen from the perimeter: https://www.elastic.co/docs/reference/ecs/ecs-network */
function setDirection(event: EcsEvent, fromInternal: boolean, toInternal: boolean) {
  const direction = fromInternal ? (toInternal ? 'internal' : 'outbound') : toInternal ? 'inbound' : 'external'
  const network = event['network']
  if (network === undefined) event['network'] = { direction }
  else if (isObject(network) && network['direction'] === undefined) network['direction'] = direction
}

function structuredCopy(value: JsonObject): JsonObject {
  const copy: JsonObject = {}
  for (const [name, member] of Object.entries(value)) copy[name] = isObject(member) ? structuredCopy(member) : member
  return copy
}
