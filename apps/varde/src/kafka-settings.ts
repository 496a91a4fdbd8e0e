// From the configuration's words to the Kafka bus's own; certificates and passwords are read from their files.
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { type Config, VardeError } from '@varde/runtime'

export function contentOf(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new VardeError('CONFIG_INVALID', `${what}: ${file} can't be read`, {
      cause,
      hint: 'Name an existing file that this user may read.',
    })
  }
}

export function kafkaSettings(config: Config) {
  const { kafka } = config
  if (kafka === undefined) throw new VardeError('CONFIG_INVALID', 'bus: kafka needs kafka.brokers')
  const { tls, sasl } = kafka
  return {
    brokers: kafka.brokers,
    clientId: `varde-${nodeName(config)}`,
    prefix: kafka.prefix,
    replicationFactor: kafka.replicationFactor,
    minInSyncReplicas: kafka.minInSyncReplicas,
    compression: kafka.compression,
    ...(tls === undefined
      ? {}
      : {
          tls: {
            ...(tls.ca === undefined ? {} : { ca: contentOf(tls.ca, 'kafka.tls.ca') }),
            ...(tls.certificate === undefined ? {} : { cert: contentOf(tls.certificate, 'kafka.tls.certificate') }),
            ...(tls.key === undefined ? {} : { key: contentOf(tls.key, 'kafka.tls.key') }),
            ...(tls.serverName === undefined ? {} : { serverName: tls.serverName }),
          },
        }),
    ...(sasl === undefined
      ? {}
      : {
          sasl: {
            mechanism: sasl.mechanism,
            username: sasl.username,
            password: sasl.password ?? contentOf(sasl.passwordFile ?? '', 'kafka.sasl.passwordFile').trim(),
          },
        }),
  }
}

/** Of this process among those of a cluster: lower case, as names in the configuration are. */
export function nodeName(config: Config): string {
  if (config.node !== undefined) return config.node
  return config.bus === 'embedded'
    ? 'embedded'
    : hostname()
        .toLowerCase()
        .replaceAll(/[^a-z0-9._-]/g, '-')
}
