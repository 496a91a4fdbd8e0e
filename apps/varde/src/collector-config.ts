// From the configuration file's words to the collectors' own.
import type { CollectorConfig, ListenerConfig, SourceRule, TopicInput } from '@varde/ingest'
import type { Config } from '@varde/runtime'

const kinds = { 'syslog-udp': 'udp', 'syslog-tcp': 'tcp', 'syslog-tls': 'tls' } as const

function nameOf(listener: Config['listeners'][number]): string {
  return `${listener.kind}-${listener.port}`
}

function listenerOf(listener: Config['listeners'][number]): ListenerConfig {
  const { certificate, key, clientCa } = listener
  return {
    name: nameOf(listener),
    kind: kinds[listener.kind],
    host: listener.host,
    port: listener.port,
    ...(certificate === undefined ? {} : { certificateFile: certificate }),
    ...(key === undefined ? {} : { keyFile: key }),
    ...(clientCa === undefined ? {} : { clientCaFile: clientCa, requireClientCertificate: true }),
  }
}

function sourceOf(source: Config['sources'][number], config: Config): SourceRule {
  const { peer, hostname, certificate, port } = source.match
  return {
    source: source.id,
    tenant: source.tenant,
    retention: source.retention,
    latenessMs: source.lateness ?? config.lateness,
    ...(source.dataset === undefined ? {} : { dataset: source.dataset }),
    ...(source.timeZone === undefined ? {} : { timeZone: source.timeZone }),
    match: {
      ...(peer === undefined ? {} : { peer: [peer] }),
      ...(hostname === undefined ? {} : { hostname: [hostname] }),
      ...(certificate === undefined ? {} : { certificate: [certificate] }),
      ...(port === undefined ? {} : { listener: config.listeners.filter((one) => one.port === port).map(nameOf) }),
    },
  }
}

export function collectorConfig(
  config: Config,
  options: { listen: boolean; stream: string; collector: string },
): CollectorConfig {
  return {
    collector: options.collector,
    stream: options.stream,
    partitions: config.partitions,
    listeners: options.listen ? config.listeners.map(listenerOf) : [],
    latenessMs: config.lateness,
    sources: config.sources.map((source) => sourceOf(source, config)),
  }
}

/** Topics that others write; they may be read by an embedded Varde too. */
export function topicInputs(config: Config): TopicInput[] {
  return (config.kafka?.inputs ?? []).map(({ dataset, timeZone, lateness, ...input }) => ({
    ...input,
    latenessMs: lateness ?? config.lateness,
    ...(dataset === undefined ? {} : { dataset }),
    ...(timeZone === undefined ? {} : { timeZone }),
  }))
}
