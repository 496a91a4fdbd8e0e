// Who sent this: configured rules first, and a source of its own for a peer that nobody has named yet.
import { limits } from '@varde/runtime'
import type { Transport } from '@varde/schema'
import ipaddr from 'ipaddr.js'
import type { Origin } from '../raw-topic.ts'

/** What a listener knows of a record without reading it. */
export interface SenderFacts {
  listener: string
  transport: Transport
  /** Address without port; IPv4 in IPv6 is written as IPv4. */
  peer?: string
  /** From the syslog header; only asked for where a rule needs it. */
  hostname?: string
  /** Name of the authenticated sender: an API key's source, or a client certificate's common name. */
  certificate?: string
}

/** All given conditions must hold; within one, any. The first rule that fits names the source. */
export interface SourceRule {
  match: { listener?: string[]; peer?: string[]; hostname?: string[]; certificate?: string[] }
  source: string
  tenant?: string
  /** Elastic's `event.dataset`, such as `cisco_asa.log`: always wins over detection by content. */
  dataset?: string
  /** IANA zone or offset for claimed times that carry none. */
  timeZone?: string
  retention?: string
  /** How late an event may be, in milliseconds, and still be detected in its order. */
  latenessMs?: number
}

/** What an API key stands for: the auth room makes them. */
export interface ApiKeySource {
  source: string
  tenant: string
  dataset?: string
  timeZone?: string
  retention?: string
  latenessMs?: number
}

export interface Sources {
  /** The same facts give the same object, so that its header text is made once. */
  resolve(facts: SenderFacts): Origin
  /** The origin of an authenticated sender; the dataset of the key wins over the one the request names. */
  ofApiKey(key: ApiKeySource, facts: SenderFacts & { dataset?: string }): Origin
  /** True where a rule of this listener needs the hostname out of the header. */
  needsHostname(listener: string): boolean
  /** The largest lateness that any source here is allowed: the collector's part of the watermark. */
  latenessMsMax(): number
  /** Sources that nobody configured. */
  discovered(): number
}

type Cidr = [ipaddr.IPv4 | ipaddr.IPv6, number]
interface CompiledRule {
  rule: SourceRule
  peers: Cidr[] | undefined
}

/** `::ffff:192.0.2.1` → `192.0.2.1`, zone ids cut off. */
export function plainAddress(address: string | undefined): string | undefined {
  if (address === undefined) return undefined
  const bare = address.split('%')[0] ?? address
  return bare.startsWith('::ffff:') && bare.includes('.') ? bare.slice(7) : bare
}

function compile(rule: SourceRule): CompiledRule {
  const peers = rule.match.peer?.map((peer): Cidr => {
    if (peer.includes('/')) return ipaddr.parseCIDR(peer)
    const address = ipaddr.parse(peer)
    return [address, address.kind() === 'ipv4' ? 32 : 128]
  })
  return { rule, peers }
}

function fits({ rule, peers }: CompiledRule, facts: SenderFacts): boolean {
  const { listener, hostname, certificate } = rule.match
  if (listener !== undefined && !listener.includes(facts.listener)) return false
  if (certificate !== undefined && (facts.certificate === undefined || !certificate.includes(facts.certificate)))
    return false
  if (hostname !== undefined && (facts.hostname === undefined || !hostname.includes(facts.hostname.toLowerCase())))
    return false
  if (peers === undefined) return true
  if (facts.peer === undefined || !ipaddr.isValid(facts.peer)) return false
  const address = ipaddr.process(facts.peer)
  return peers.some(([network, bits]) => address.kind() === network.kind() && address.match(network, bits))
}

export function createSources(options: {
  collector: string
  rules: SourceRule[]
  discoveredMax?: number
  /** For sources that say nothing else. */
  latenessMs?: number
}): Sources {
  const latenessMsDefault = options.latenessMs ?? limits.latenessMs
  const rules = options.rules.map((rule) =>
    compile({
      ...rule,
      match: {
        ...rule.match,
        ...(rule.match.hostname && { hostname: rule.match.hostname.map((name) => name.toLowerCase()) }),
      },
    }),
  )
  const discoveredMax = options.discoveredMax ?? limits.sourcesDiscoveredMax
  const known = new Map<string, Origin>()
  const discovered = new Set<string>()
  let latenessMsMax: number = Math.max(latenessMsDefault, ...options.rules.map((rule) => rule.latenessMs ?? 0))

  const make = (facts: SenderFacts, named: Omit<SourceRule, 'match'>): Origin => ({
    tenant: named.tenant ?? 'house',
    source: named.source,
    retention: named.retention ?? 'standard',
    collector: options.collector,
    transport: facts.transport,
    ...(facts.peer !== undefined && { peer: facts.peer }),
    ...(named.dataset !== undefined && { dataset: named.dataset }),
    ...(named.timeZone !== undefined && { timeZone: named.timeZone }),
    latenessMs: named.latenessMs ?? latenessMsDefault,
  })

  const discover = (facts: SenderFacts): Origin => {
    const who = facts.certificate ?? facts.peer ?? 'unknown'
    const name = `${facts.transport}-${who}`
    if (!discovered.has(name)) {
      if (discovered.size >= discoveredMax) return make(facts, { source: `${facts.transport}-other` })
      discovered.add(name)
    }
    return make(facts, { source: name })
  }

  const remember = (key: string, origin: Origin): Origin => {
    if (known.size >= discoveredMax * 2) known.clear()
    known.set(key, origin)
    return origin
  }

  return {
    resolve(facts) {
      const key = `${facts.listener}\n${facts.peer ?? ''}\n${facts.hostname ?? ''}\n${facts.certificate ?? ''}`
      const before = known.get(key)
      if (before !== undefined) return before
      const found = rules.find((rule) => fits(rule, facts))
      return remember(key, found === undefined ? discover(facts) : make(facts, found.rule))
    },
    ofApiKey(key, facts) {
      const dataset = key.dataset ?? facts.dataset
      const id = `key\n${facts.transport}\n${facts.peer ?? ''}\n${JSON.stringify([key.tenant, key.source, dataset, key.timeZone, key.retention, key.latenessMs])}`
      latenessMsMax = Math.max(latenessMsMax, key.latenessMs ?? 0)
      const before = known.get(id)
      if (before !== undefined) return before
      return remember(id, make(facts, { ...key, ...(dataset !== undefined && { dataset }) }))
    },
    needsHostname: (listener) =>
      rules.some(({ rule }) => rule.match.hostname !== undefined && (rule.match.listener?.includes(listener) ?? true)),
    latenessMsMax: () => latenessMsMax,
    discovered: () => discovered.size,
  }
}
