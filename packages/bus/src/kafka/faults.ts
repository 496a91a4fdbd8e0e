// What went wrong with a broker, in one word: what is tried again, what is not, and what a person should do about it.
import { isVardeError, VardeError } from '@varde/runtime'
import { createErrorFromCode } from 'kafkajs/src/protocol/error.js'
import type { Address } from './connect.ts'

export function faultOf(code: number): Error {
  return createErrorFromCode(code)
}

/** Kafka's name of the error where a broker answered one; otherwise that of the socket or of kafkajs. */
export function faultName(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error)
  if ('type' in error && typeof error.type === 'string') return error.type
  if ('code' in error && typeof error.code === 'string') return error.code
  const cause = 'cause' in error ? error.cause : undefined
  if (cause !== undefined && cause !== null && cause !== error) return faultName(cause)
  return 'name' in error ? String(error.name) : 'UNKNOWN'
}

/** Trying again can't help before a person has done something. */
const final = new Set([
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'KafkaJSSASLAuthenticationError',
  'INVALID_CONFIG',
  'INVALID_REPLICATION_FACTOR',
  'INVALID_PARTITIONS',
  'POLICY_VIOLATION',
  'INVALID_TOPIC_EXCEPTION',
  'INVALID_REQUEST',
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'UNSUPPORTED_VERSION',
  'TypeError',
  'RangeError',
])

export function isFinal(error: unknown): boolean {
  return isVardeError(error) || final.has(faultName(error))
}

const hints: [RegExp, string, string][] = [
  [/ENOTFOUND|EAI_AGAIN/, 'the name has no address', 'Check the name in kafka.brokers, and the DNS of this machine.'],
  [/ECONNREFUSED/, 'nothing listens there', 'Check the port, and that the broker runs and listens on that address.'],
  [/EHOSTUNREACH|ENETUNREACH/, 'there is no way to it', 'Check routes and firewalls between here and the broker.'],
  [
    /CERT_HAS_EXPIRED/,
    'the broker’s certificate has expired',
    'Renew it on the broker, or set this machine’s clock right.',
  ],
  [
    /ERR_TLS_CERT_ALTNAME_INVALID|altnames/,
    'the broker’s certificate is for another name',
    'Put the name into kafka.tls.serverName, or give the broker a certificate for its address.',
  ],
  [
    /SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|DEPTH_ZERO|unable to verify/,
    'no authority that is known here vouches for the broker’s certificate',
    'Name the file of its authority in kafka.tls.ca.',
  ],
  [
    /certificate.required|bad.certificate|unknown.ca|handshake.failure/i,
    'the broker refuses our certificate',
    'Give a client certificate that it trusts: kafka.tls.certificate and kafka.tls.key.',
  ],
  [
    /EPROTO|WRONG_VERSION_NUMBER|wrong version number|packet length/,
    'it does not speak TLS',
    'Leave kafka.tls out, or choose the port of the TLS listener.',
  ],
  [
    /SASL|ILLEGAL_SASL_STATE|authentication/i,
    'user or password, or the mechanism, is refused',
    'Check kafka.sasl: mechanism, username, password; SCRAM users are made with kafka-configs.',
  ],
  [
    /AUTHORIZATION/,
    'the user may not do this',
    'Allow it in the cluster’s ACLs: docs/cluster.md names what each role needs.',
  ],
  [
    /timeout|ETIMEDOUT|TimedOut|KafkaJSRequestTimeout/i,
    'it does not answer in time',
    'A firewall may swallow packets, or the port speaks TLS and kafka.tls is not set.',
  ],
  [
    /Closed|ECONNRESET|EPIPE/i,
    'it hangs up',
    'The port may want TLS (kafka.tls), SASL (kafka.sasl) or a client certificate; its log says which.',
  ],
]

/** The error for a person: what is wrong and what to do. */
export function explainFault(error: unknown, at: Address | undefined, doing: string): VardeError {
  if (isVardeError(error)) return error
  const message = error instanceof Error ? error.message : String(error)
  const text = `${faultName(error)} ${message}`
  const [, what, hint] = hints.find(([pattern]) => pattern.test(text)) ?? [undefined, message, undefined]
  const place = at === undefined ? '' : ` at ${at.host}:${at.port}`
  return new VardeError('BUS_UNREACHABLE', `${doing}: Kafka${place}: ${what}`, {
    cause: error,
    facts: { fault: faultName(error), ...(at === undefined ? {} : { broker: `${at.host}:${at.port}` }) },
    ...(hint === undefined ? {} : { hint }),
  })
}
