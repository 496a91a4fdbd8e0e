// What went wrong between us and the cluster, as errors that a person can act on.
import { errors } from '@elastic/elasticsearch'
import { isVardeError, VardeError } from '@varde/runtime'

interface Cause {
  type?: string
  reason?: string
  root_cause?: Cause[]
  caused_by?: Cause
}

/** True where the same request may well succeed a little later. */
export function isPassing(error: unknown): boolean {
  return isVardeError(error, 'STORE_UNAVAILABLE') && error.facts['passing'] === true
}

/** Flood stage, or an administrator's block: nothing is written until somebody makes room. A cluster that starts says 503. */
export function isBlocked(type: string | undefined, status: number): boolean {
  return type === 'cluster_block_exception' && status !== 503
}

export function explain(error: unknown, request: string): Error {
  if (isVardeError(error)) return error
  if (error instanceof errors.ProductNotSupportedError) {
    return unavailable(
      'what answers is not Elasticsearch',
      false,
      'Varde needs Elasticsearch 9; forks of it are not supported.',
      error,
    )
  }
  if (error instanceof errors.ResponseError) return explainResponse(error, request)
  if (error instanceof errors.TimeoutError) {
    return unavailable(
      'Elasticsearch did not answer in time',
      true,
      'Is the cluster overloaded, or a firewall in between?',
      error,
    )
  }
  if (error instanceof errors.ConnectionError || error instanceof errors.NoLivingConnectionsError) {
    return explainConnection(error)
  }
  return error instanceof Error ? error : new Error(String(error))
}

/** Messages of Node's sockets and TLS, by a part of them. */
const connectionHints: readonly [RegExp, string, boolean][] = [
  [/ENOTFOUND|EAI_AGAIN/, 'The name is unknown to DNS: check store.elasticsearch.nodes.', true],
  [/ECONNREFUSED/, 'Nothing listens there: is Elasticsearch up, and is the port right?', true],
  [/ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/, 'The host cannot be reached: check the network and firewalls.', true],
  [/ECONNRESET|EPIPE|socket hang up|other side closed/, 'The connection was cut: does the cluster want https?', true],
  [
    /self.signed|unable to verify|unable to get (local )?issuer|SELF_SIGNED/i,
    "The cluster's certificate is not known here: give tls.ca or tls.caFingerprint.",
    false,
  ],
  [/certificate has expired|CERT_HAS_EXPIRED/i, "The cluster's certificate has expired: renew it.", false],
  [
    /not match certificate|ERR_TLS_CERT_ALTNAME/i,
    'The certificate is of another name: use the name that it holds.',
    false,
  ],
  [/wrong version number|packet length too long|EPROTO/i, 'One side speaks https and the other http.', false],
  [/fingerprint/i, 'The fingerprint of the authority is another one: check tls.caFingerprint.', false],
]

function explainConnection(error: Error): VardeError {
  const text = `${error.message} ${error.cause instanceof Error ? error.cause.message : ''}`
  const [, hint, passing] = connectionHints.find(([pattern]) => pattern.test(text)) ?? [
    undefined,
    'Is the cluster up, and the address right?',
    true,
  ]
  return unavailable(`Elasticsearch cannot be reached: ${error.message}`, passing, hint, error)
}

function explainResponse(error: errors.ResponseError, request: string): VardeError {
  const status = error.statusCode ?? 0
  const cause = causeOf(error.body)
  const reason = cause.reason ?? error.message
  const facts = { request, status, type: cause.type ?? '' }
  if (isBlocked(cause.type, status)) {
    return new VardeError('STORE_FULL', `Elasticsearch takes no writes: ${reason}`, {
      hint: 'A disk is above its flood stage (95 %), or an index was made read-only: make room, or add a node.',
      cause: error,
      facts,
    })
  }
  if (status === 401) {
    return unavailable(
      'Elasticsearch does not know these credentials',
      false,
      'Check store.elasticsearch.auth: is the key still valid?',
      error,
    )
  }
  if (status === 403) {
    return unavailable(
      `Elasticsearch does not allow this: ${reason}`,
      false,
      'Give the key the privileges that `varde elasticsearch-role` prints.',
      error,
    )
  }
  if (status === 429 || status >= 500) {
    return unavailable(
      `Elasticsearch is too busy or not whole: ${reason}`,
      true,
      'Tried again by itself; look at the cluster if it stays.',
      error,
    )
  }
  if (/too_many_(nested_)?clauses|too many nested|maxClauseCount/i.test(`${cause.type} ${reason}`)) {
    return new VardeError('STORE_LIMIT', `the query is too large for Elasticsearch: ${reason}`, { cause: error, facts })
  }
  return new VardeError('STORE_REQUEST', `Elasticsearch refused ${request}: ${reason}`, {
    hint: 'This should not happen: please report it with the facts.',
    cause: error,
    facts,
  })
}

function unavailable(message: string, passing: boolean, hint: string, cause: Error): VardeError {
  return new VardeError('STORE_UNAVAILABLE', message, { hint, cause, facts: { passing } })
}

/** The innermost cause that has a reason: the outer ones say "all shards failed". */
function causeOf(body: unknown): Cause {
  if (typeof body !== 'object' || body === null || !('error' in body)) return {}
  const { error } = body
  if (typeof error === 'string') return { reason: error }
  return isCause(error) ? deepest(error) : {}
}

function deepest(cause: Cause): Cause {
  const [root] = cause.root_cause ?? []
  if (root !== undefined && root.reason !== undefined) return root
  return cause
}

function isCause(value: unknown): value is Cause {
  return typeof value === 'object' && value !== null
}
