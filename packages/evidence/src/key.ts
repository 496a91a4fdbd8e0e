// The keys that sign heads: Ed25519, each named by the digest of its public half, each new one signed by the one before.
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { canonicalJson, type Digest } from '@varde/schema'
import { digestOf, isDigest } from './digest.ts'

export interface KeyRecord {
  version: 1
  /** SHA-256 of the public key's DER (SubjectPublicKeyInfo). */
  id: Digest
  /** That DER in base64. */
  publicKey: string
  /** UTC milliseconds from which it signs. */
  from: number
  /** The key it takes over from; absent for the first. */
  replaces?: Digest
  /**
   * The replaced key is revoked: from this time on (UTC milliseconds) somebody else may have signed with it. What it signed from then
   * on proves nothing by itself, only under a later head of a key that is not revoked.
   */
  revokedFrom?: number
  /** Base64, by the replaced key over the record without this member; by the key itself for the first. */
  signature: string
}

export interface SigningKey {
  record: KeyRecord
  /** PKCS #8 in PEM. Never leaves the machine that signs. */
  privateKey: string
}

/** What a signer must do: local keys and hooks for hardware alike. */
export interface Signer {
  /** 64 bytes, Ed25519 over these bytes. */
  sign(bytes: Uint8Array): Promise<Uint8Array>
}

/** Signs in this process. `privateKey`: PKCS #8 in PEM. */
export function localSigner(privateKey: string): Signer {
  const key = createPrivateKey(privateKey)
  return { sign: async (bytes) => sign(null, bytes, key) }
}

/** A pair whose private half is PKCS #8 in PEM; the public one is DER (SubjectPublicKeyInfo). */
export function drawKeyPair(): { publicKey: Buffer; privateKey: string } {
  return generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
}

export interface KeyFacts {
  publicKey: Uint8Array
  /** UTC milliseconds. */
  from: number
  replaces?: Digest
  revokedFrom?: number
}

/** The record of a key that exists already, in a file or in hardware. `signer` is of the replaced key, of itself for the first. */
export async function recordKey({ publicKey, ...facts }: KeyFacts, signer: Signer): Promise<KeyRecord> {
  const key = Buffer.from(publicKey)
  const unsigned = { version: 1 as const, id: digestOf(key), publicKey: key.toString('base64'), ...facts }
  const signature = Buffer.from(await signer.sign(Buffer.from(keyText(unsigned)))).toString('base64')
  return { ...unsigned, signature }
}

/** A new key: the first of its line, or the successor of another. */
export function createKey(
  from: number,
  predecessor?: SigningKey,
  revokedFrom?: number,
  { publicKey, privateKey } = drawKeyPair(),
): SigningKey {
  const unsigned = {
    version: 1 as const,
    id: digestOf(publicKey),
    publicKey: publicKey.toString('base64'),
    from,
    ...(predecessor === undefined ? {} : { replaces: predecessor.record.id }),
    ...(revokedFrom === undefined ? {} : { revokedFrom }),
  }
  const signature = signText(predecessor?.privateKey ?? privateKey, keyText(unsigned))
  return { record: { ...unsigned, signature }, privateKey }
}

export type KeysCheck = { ok: true } | { ok: false; at: number; problem: string }

/** Whether each key is what it says and was introduced by the one before it. The first must be known from elsewhere. */
export function verifyKeys(records: readonly KeyRecord[], first?: Digest): KeysCheck {
  let previous: KeyRecord | undefined
  for (const [at, record] of records.entries()) {
    const problem = keyProblem(record, previous)
    if (problem !== undefined) return { ok: false, at, problem: `key ${record.id}: ${problem}` }
    previous = record
  }
  const [oldest] = records
  if (first !== undefined && oldest?.id !== first)
    return { ok: false, at: 0, problem: `the line of keys begins with ${oldest?.id}, known was ${first}` }
  return { ok: true }
}

function keyProblem(record: KeyRecord, previous: KeyRecord | undefined): string | undefined {
  if (record.version !== 1) return `version ${record.version} is not known to this verifier`
  if (!isDigest(record.id) || record.id !== digestOf(Buffer.from(record.publicKey, 'base64')))
    return 'its id is not the digest of its public key'
  if (record.replaces !== previous?.id)
    return `it replaces ${record.replaces ?? 'none'}, the one before is ${previous?.id ?? 'none'}`
  if (previous !== undefined && record.from < previous.from) return 'it begins before the one that it replaces'
  if (record.revokedFrom !== undefined && (previous === undefined || !(record.revokedFrom <= record.from)))
    return 'it revokes a key that it does not replace, or later than it begins'
  const { signature, ...unsigned } = record
  return signatureHolds((previous ?? record).publicKey, keyText(unsigned), signature)
    ? undefined
    : 'its signature is wrong'
}

function keyText(unsigned: Omit<KeyRecord, 'signature'>): string {
  return `varde key 1\n${canonicalJson({ ...unsigned })}`
}

/** Base64 of the Ed25519 signature over the text's UTF-8. */
export function signText(privateKey: string, text: string): string {
  return sign(null, Buffer.from(text), createPrivateKey(privateKey)).toString('base64')
}

/** Of a text: `publicKey` (SubjectPublicKeyInfo, DER) and `signature` in base64, in the one spelling that we write. */
export function signatureHolds(publicKey: string, text: string, signature: string): boolean {
  const bytes = Buffer.from(signature, 'base64')
  // Base64 has many spellings of the same bytes: only ours counts, so that no byte of a bundle may change.
  return bytes.toString('base64') === signature && signatureHoldsBytes(publicKey, Buffer.from(text), bytes)
}

/** Of bytes: `publicKey` in base64 of DER. False for a key that is no Ed25519 key, or none at all. */
export function signatureHoldsBytes(publicKey: string, data: Uint8Array, signature: Uint8Array): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' })
    return key.asymmetricKeyType === 'ed25519' && verify(null, data, key, signature)
  } catch {
    return false
  }
}
