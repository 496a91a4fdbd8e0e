// Is it Elasticsearch, and new enough?
import { VardeError } from '@varde/runtime'
import type { Connection } from './connection.ts'

/** 9 and what follows it: an 8 refuses the client's requests with a status that says nothing. */
const majorMin = 9

/** The version; throws where it will not do. */
export async function checkProduct(connection: Connection): Promise<string> {
  const { body } = await connection.ask<{ version?: { number?: string } }>('GET', '/')
  const version = body.version?.number ?? 'unknown'
  if (Number(version.split('.')[0]) >= majorMin) return version
  throw new VardeError('STORE_UNAVAILABLE', `this is Elasticsearch ${version}; Varde needs ${majorMin} or newer`, {
    hint: 'Upgrade the cluster.',
    facts: { version, passing: false },
  })
}
