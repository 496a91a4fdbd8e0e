// Checks a time stamp offline (RFC 3161, RFC 5652 §5, RFC 5035): what was stamped, when, by whom, and whether the reader trusts them.
import { constants, createHash, type KeyObject, verify, X509Certificate } from 'node:crypto'
import { type DerValue, generalizedTime, oidText, readDer } from './der.ts'
import { sha256Oid } from './request.ts'

/** A certificate (PEM) that the reader trusts: the authority's own, or the root above it. */
export interface StampAuthority {
  certificate: string
}

export type StampCheck = { at?: string } & (
  | {
      ok: true
      /** UTC milliseconds at which the authority saw the digest. */
      time: number
      /** Subject of the certificate that signed. */
      authority: string
      /** Whether the certificate leads to one that was given as trusted. */
      trusted: boolean
    }
  | { ok: false; problem: string }
)

const signedData = '1.2.840.113549.1.7.2'
const stampInfo = '1.2.840.113549.1.9.16.1.4'
const contentType = '1.2.840.113549.1.9.3'
const messageDigest = '1.2.840.113549.1.9.4'
const signingCertificate = '1.2.840.113549.1.9.16.2.12'
const signingCertificateV2 = '1.2.840.113549.1.9.16.2.47'
const timeStamping = '1.3.6.1.5.5.7.3.8'

const digests: Record<string, string> = {
  '1.3.14.3.2.26': 'sha1',
  [sha256Oid]: 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}
/** Signature algorithms that name their digest; the others use the signer's. */
const signatures: Record<string, string> = {
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
}
const rsaPss = '1.2.840.113549.1.1.10'

/** `response`: a TimeStampResp in DER. `nonce`: of the request, where it is still known. */
export function verifyStamp(
  response: Uint8Array,
  data: Uint8Array,
  authorities: readonly StampAuthority[] = [],
  nonce?: Uint8Array,
): StampCheck {
  try {
    return check(response, data, authorities, nonce)
  } catch (error) {
    return { ok: false, problem: `it is no time stamp: ${error instanceof Error ? error.message : String(error)}` }
  }
}

function part(values: DerValue[], index: number, tag: number, name: string): DerValue {
  const value = values[index]
  if (value?.tag !== tag) throw new RangeError(`${name} is missing`)
  return value
}

const wrong = (problem: string): StampCheck => ({ ok: false, problem })

function check(
  response: Uint8Array,
  data: Uint8Array,
  authorities: readonly StampAuthority[],
  nonce: Uint8Array | undefined,
): StampCheck {
  const outer = readDer(response)
  if (outer.length !== 1) return wrong('something stands behind it')
  const whole = readDer(part(outer, 0, 0x30, 'the response').content)
  const status = part(readDer(part(whole, 0, 0x30, 'the status').content), 0, 0x02, 'the status').content
  // 0 granted, 1 granted with modifications.
  if (status.length !== 1 || (status[0] ?? 9) > 1) return wrong(`the authority refused (status ${status[0]})`)
  const token = readDer(part(whole, 1, 0x30, 'the token').content)
  if (oidText(part(token, 0, 0x06, 'the type').content) !== signedData) return wrong('its token is no signed data')
  const [signedValue] = readDer(part(token, 1, 0xa0, 'the signed data').content)
  if (signedValue?.tag !== 0x30) return wrong('its token is empty')
  const signed = readDer(signedValue.content)
  const content = readDer(part(signed, 2, 0x30, 'the content').content)
  if (oidText(part(content, 0, 0x06, 'the content').content) !== stampInfo) return wrong('it does not hold a time')
  const info = part(readDer(part(content, 1, 0xa0, 'the content').content), 0, 0x04, 'the content').content
  const certificates = signed.filter(({ tag }) => tag === 0xa0).flatMap(({ content: held }) => readDer(held))
  const signers = readDer(part(signed, signed.length - 1, 0x31, 'the signer').content)
  if (signers.length !== 1) return wrong('it has not exactly one signer')
  const [signer] = signers
  if (signer === undefined) return wrong('it has no signer')
  const stamped = readInfo(info)
  const imprint = createHash(stamped.digest).update(data).digest()
  if (!imprint.equals(stamped.imprint)) return wrong('it stamps other bytes')
  if (nonce !== undefined && !sameNumber(stamped.nonce, nonce)) return wrong('it answers another request')
  const certificate = verifySigner(signer, info, certificates)
  if ('problem' in certificate) return wrong(certificate.problem)
  const { found, chain } = certificate
  if (!(found.keyUsage ?? []).includes(timeStamping)) return wrong('its certificate is not one for time stamps')
  if (!isValidAt(found, stamped.time)) return wrong('its certificate was not valid at its time')
  const trusted = leadsTo(
    found,
    chain,
    authorities.map(({ certificate: pem }) => new X509Certificate(pem)),
    stamped.time,
  )
  return { ok: true, time: stamped.time, authority: found.subject.replaceAll('\n', ', '), trusted }
}

function readInfo(info: Buffer): { digest: string; imprint: Buffer; time: number; nonce: Buffer | undefined } {
  const parts = readDer(part(readDer(info), 0, 0x30, 'the time').content)
  const imprint = readDer(part(parts, 2, 0x30, 'the imprint').content)
  const algorithm = readDer(part(imprint, 0, 0x30, 'the digest').content)
  const digest = digests[oidText(part(algorithm, 0, 0x06, 'the digest').content)]
  if (digest === undefined || digest === 'sha1') throw new RangeError('its digest is not SHA-2')
  const time = generalizedTime(part(parts, 4, 0x18, 'the time').content)
  const nonce = parts.slice(5).find(({ tag }) => tag === 0x02)?.content
  return { digest, imprint: part(imprint, 1, 0x04, 'the imprint').content, time, nonce }
}

function sameNumber(found: Buffer | undefined, sent: Uint8Array): boolean {
  const hex = (bytes: Uint8Array) =>
    Buffer.from(bytes)
      .toString('hex')
      .replace(/^(00)+/, '')
  return found !== undefined && hex(found) === hex(sent)
}

type Signed = { found: X509Certificate; chain: X509Certificate[] } | { problem: string }

function verifySigner(signer: DerValue, info: Buffer, certificates: DerValue[]): Signed {
  const parts = readDer(signer.content)
  const algorithm = readDer(part(parts, 2, 0x30, 'the digest').content)
  const digest = digests[oidText(part(algorithm, 0, 0x06, 'the digest').content)]
  if (digest === undefined) return { problem: 'its digest algorithm is not known here' }
  const attributes = part(parts, 3, 0xa0, 'the signed attributes')
  const known = new Map<string, Buffer>()
  for (const { content } of readDer(attributes.content)) {
    const [name, values] = readDer(content)
    if (name !== undefined && values !== undefined) known.set(oidText(name.content), values.content)
  }
  const type = known.get(contentType)
  if (type === undefined || oidText(part(readDer(type), 0, 0x06, 'the type').content) !== stampInfo)
    return { problem: 'its signature is not over a time' }
  const signedDigest = known.get(messageDigest)
  const expected = createHash(digest).update(info).digest()
  if (signedDigest === undefined || !part(readDer(signedDigest), 0, 0x04, 'the digest').content.equals(expected))
    return { problem: 'its signature is over another time' }
  const chain = certificates.map(({ bytes }) => new X509Certificate(bytes))
  const found = chain.find((one) => isNamed(one, known))
  if (found === undefined) return { problem: 'it does not hold the certificate that signed it' }
  const signatureAlgorithm = oidText(
    part(readDer(part(parts, 4, 0x30, 'the signature').content), 0, 0x06, 'it').content,
  )
  const signature = part(parts, 5, 0x04, 'the signature').content
  // Signed as the SET OF that it is, not with the tag that it has in here (RFC 5652 §5.4).
  const bytes = Buffer.concat([Buffer.from([0x31]), attributes.bytes.subarray(1)])
  return signatureIs(found.publicKey, signatureAlgorithm, digest, bytes, signature)
    ? { found, chain }
    : { problem: 'its signature is wrong' }
}

/** RFC 5035: the signer's certificate is named by its digest, so that it can't be exchanged. */
function isNamed(certificate: X509Certificate, known: Map<string, Buffer>): boolean {
  const [one, two] = [known.get(signingCertificate), known.get(signingCertificateV2)]
  const list = two ?? one
  if (list === undefined) return false
  const ids = readDer(part(readDer(part(readDer(list), 0, 0x30, 'the certificate').content), 0, 0x30, 'its id').content)
  const named = part(ids, 0, 0x30, 'its id')
  const members = readDer(named.content)
  const [first] = members
  const explicit = two !== undefined && first?.tag === 0x30 ? readDer(first.content)[0] : undefined
  const digest = two === undefined ? 'sha1' : explicit === undefined ? 'sha256' : digests[oidText(explicit.content)]
  const hash = members.find(({ tag }) => tag === 0x04)?.content
  return digest !== undefined && hash !== undefined && createHash(digest).update(certificate.raw).digest().equals(hash)
}

function signatureIs(key: KeyObject, algorithm: string, digest: string, bytes: Buffer, signature: Buffer): boolean {
  if (key.asymmetricKeyType === 'ed25519') return verify(null, bytes, key, signature)
  const name = signatures[algorithm] ?? digest
  if (algorithm !== rsaPss) return verify(name, bytes, key, signature)
  const padding = constants.RSA_PKCS1_PSS_PADDING
  return verify(name, bytes, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_AUTO }, signature)
}

function isValidAt(certificate: X509Certificate, time: number): boolean {
  return certificate.validFromDate.getTime() <= time && time <= certificate.validToDate.getTime()
}

/** Up from the signer, through what came with it, to a certificate that the reader trusts. */
function leadsTo(from: X509Certificate, held: X509Certificate[], trusted: X509Certificate[], time: number): boolean {
  const isTrusted = (one: X509Certificate) => trusted.some((root) => root.raw.equals(one.raw))
  let at = from
  // A chain is never longer than what it can be made of.
  for (let step = 0; step <= held.length + 1; step += 1) {
    if (isTrusted(at)) return true
    const above = [...trusted, ...held].find(
      (one) =>
        !one.raw.equals(at.raw) && at.checkIssued(one) && at.verify(one.publicKey) && one.ca && isValidAt(one, time),
    )
    if (above === undefined) return false
    at = above
  }
  return false
}
