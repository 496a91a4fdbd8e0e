// A connection explained step by step: name, port, TLS and user, product and version, what is allowed, and how full it is.
import { lookup } from 'node:dns/promises'
import { connect as connectSocket, isIP } from 'node:net'
import { isVardeError } from '@varde/runtime'
import { type Connection, connectElasticsearch } from './connection.ts'
import { guardOf } from './guard.ts'
import { namesOf } from './names.ts'
import type { ElasticsearchStoreOptions } from './open.ts'
import { checkProduct } from './product.ts'
import { leastRole } from './role.ts'

export interface StoreCheck {
  check: string
  ok: boolean
  detail: string
  hint?: string
}

const portTimeoutMs = 5_000

/** Ends after the first step of a node that fails: what follows could not be known. */
export async function* examineElasticsearch(options: ElasticsearchStoreOptions): AsyncGenerator<StoreCheck> {
  let isReached = true
  for (const node of options.nodes) {
    for await (const step of examineNode(node)) {
      yield step
      isReached &&= step.ok
    }
  }
  if (!isReached) return
  const connection = connectElasticsearch(options)
  try {
    yield* examineCluster(connection, options.prefix ?? 'varde')
  } finally {
    await connection.close()
  }
}

async function* examineNode(node: string): AsyncGenerator<StoreCheck> {
  const url = URL.canParse(node) ? new URL(node) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    yield { check: 'elasticsearch address', ok: false, detail: node, hint: 'Write it as https://host:9200.' }
    return
  }
  const host = url.hostname.replaceAll(/[[\]]/g, '')
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
  if (isIP(host) === 0) {
    const found = await lookup(host).catch(() => undefined)
    yield found === undefined
      ? {
          check: 'elasticsearch name',
          ok: false,
          detail: `${host} is unknown to DNS`,
          hint: 'Check elasticsearch.nodes and the resolver.',
        }
      : { check: 'elasticsearch name', ok: true, detail: `${host} is ${found.address}` }
    if (found === undefined) return
  }
  const problem = await portProblem(host, port)
  yield problem === undefined
    ? { check: 'elasticsearch port', ok: true, detail: `${host}:${port} is open` }
    : {
        check: 'elasticsearch port',
        ok: false,
        detail: `${host}:${port}: ${problem}`,
        hint: 'Is Elasticsearch up, does it listen on this address, and does a firewall let us through?',
      }
}

function portProblem(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connectSocket({ host, port, timeout: portTimeoutMs })
    const end = (problem: string | undefined) => {
      socket.destroy()
      resolve(problem)
    }
    socket.once('connect', () => end(undefined))
    socket.once('timeout', () => end('no answer in five seconds'))
    socket.once('error', (error) => end(error.message))
  })
}

async function* examineCluster(connection: Connection, prefix: string): AsyncGenerator<StoreCheck> {
  const steps: [string, () => Promise<Omit<StoreCheck, 'check'>>][] = [
    ['elasticsearch', async () => ({ ok: true, detail: `version ${await checkProduct(connection)}` })],
    ['elasticsearch rights', () => rightsOf(connection, prefix)],
    ['elasticsearch health', () => healthOf(connection, prefix)],
    ['elasticsearch room', () => roomOf(connection)],
  ]
  for (const [check, step] of steps) {
    const result = await step().catch((error: unknown) => failed(error))
    yield { check, ...result }
    if (!result.ok && check === 'elasticsearch') return
  }
}

function failed(error: unknown): Omit<StoreCheck, 'check'> {
  if (!isVardeError(error)) return { ok: false, detail: String(error) }
  return { ok: false, detail: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) }
}

async function rightsOf(connection: Connection, prefix: string): Promise<Omit<StoreCheck, 'check'>> {
  const role = leastRole(prefix)
  const { status, body } = await connection.ask<{
    has_all_requested: boolean
    cluster: Record<string, boolean>
    index: Record<string, Record<string, boolean>>
  }>('POST', '/_security/user/_has_privileges', {
    body: { cluster: role.cluster, index: role.indices },
    accept: [400, 404, 405, 500],
  })
  if (status !== 200)
    return {
      ok: true,
      detail: 'the cluster asks nobody who they are (security is off)',
      hint: 'Turn security on before anybody else can reach it.',
    }
  if (body.has_all_requested) return { ok: true, detail: 'all that is needed' }
  const missing = [body.cluster, ...Object.values(body.index)].flatMap((one) =>
    Object.entries(one)
      .filter(([, has]) => !has)
      .map(([name]) => name),
  )
  return {
    ok: false,
    detail: `missing: ${missing.join(', ')}`,
    hint: 'Make a key with the role that `varde store role` prints.',
  }
}

async function healthOf(connection: Connection, prefix: string): Promise<Omit<StoreCheck, 'check'>> {
  const { body } = await connection.ask<{ status: string; number_of_data_nodes: number; unassigned_shards: number }>(
    'GET',
    `/_cluster/health/${encodeURIComponent(`${namesOf(prefix).prefix}-*`)}`,
    { accept: [408] },
  )
  const detail = `${body.status}, ${body.number_of_data_nodes} data node(s), ${body.unassigned_shards} shard(s) on no node`
  if (body.status !== 'red') return { ok: true, detail }
  return { ok: false, detail, hint: 'Some events cannot be read: GET _cluster/allocation/explain says why.' }
}

async function roomOf(connection: Connection): Promise<Omit<StoreCheck, 'check'>> {
  const { shards, disks, alarms } = await guardOf(connection)
  const fullest = Math.max(0, ...disks.map(({ usedShare }) => usedShare))
  const detail = `${shards.used} of ${shards.max} shards, fullest disk ${Math.round(fullest * 100)} %`
  if (alarms.length === 0) return { ok: true, detail }
  return { ok: false, detail: alarms.join('; '), hint: 'Keep fewer days, add a data node, or make room on its disk.' }
}
