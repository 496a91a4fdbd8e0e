// From the configuration's words to the Elasticsearch store's own; keys and passwords are read from their files.
import { type Config, VardeError } from '@varde/runtime'
import type { ElasticsearchStoreOptions } from '@varde/store/elasticsearch'
import { contentOf } from './kafka-settings.ts'

export function elasticsearchSettings(config: Config): ElasticsearchStoreOptions {
  const { elasticsearch } = config
  if (elasticsearch === undefined)
    throw new VardeError('CONFIG_INVALID', 'store: elasticsearch needs elasticsearch.nodes')
  const { nodes, tls, prefix, shards, replicas, compress } = elasticsearch
  const auth = authOf(elasticsearch)
  return {
    nodes,
    prefix,
    shards,
    compress,
    ...(replicas === undefined ? {} : { replicas }),
    ...(auth === undefined ? {} : { auth }),
    ...(tls === undefined
      ? {}
      : {
          tls: {
            ...(tls.ca === undefined ? {} : { ca: tls.ca }),
            ...(tls.caFingerprint === undefined ? {} : { caFingerprint: tls.caFingerprint }),
            ...(tls.certificate === undefined ? {} : { certificate: tls.certificate }),
            ...(tls.key === undefined ? {} : { key: tls.key }),
          },
        }),
  }
}

function authOf(settings: NonNullable<Config['elasticsearch']>): ElasticsearchStoreOptions['auth'] {
  const { apiKey, apiKeyFile, username, password, passwordFile } = settings
  if (apiKey !== undefined) return { apiKey }
  if (apiKeyFile !== undefined) return { apiKey: contentOf(apiKeyFile, 'elasticsearch.apiKeyFile').trim() }
  if (username === undefined) return undefined
  return { username, password: password ?? contentOf(passwordFile ?? '', 'elasticsearch.passwordFile').trim() }
}
