// A time stamp request (RFC 3161 §2.4.1): asks an authority to say that it has seen a digest.
import { createHash, randomBytes } from 'node:crypto'
import { der, derInteger, derOid } from './der.ts'

export const sha256Oid = '2.16.840.1.101.3.4.2.1'

/** DER, to be POSTed as `application/timestamp-query`. The nonce must come back; the certificate is asked for. */
export function stampRequest(data: Uint8Array, nonce: Uint8Array = randomBytes(16)): Buffer {
  const imprint = der(
    0x30,
    der(0x30, derOid(sha256Oid), der(0x05)),
    der(0x04, createHash('sha256').update(data).digest()),
  )
  return der(0x30, derInteger(Buffer.from([1])), imprint, derInteger(nonce), der(0x01, Buffer.from([0xff])))
}
