// The keys that sign heads: Ed25519, each named by the digest of its public half, each new one signed by the one before.
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { canonicalJson, type Digest } from '@varde/schema'
import { digestOf, isDigest } from './digest.ts'
import type { Check } from './seal.ts'

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
  /** Base64, by the replaced key over the record without this member; by the key itself for the first. */
  signature: string
}

export interface SigningKey {
  record: KeyRecord
  /** PKCS #8 in PEM. Never leaves the machine that signs. */
  privateKey: string
}

/** A new key: the first of its line, or the successor of another. */
export function createKey(from: number, predecessor?: SigningKey): SigningKey {
  const pair = generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const unsigned = {
    version: 1 as const,
    id: digestOf(pair.publicKey),
    publicKey: pair.publicKey.toString('base64'),
    from,
    ...(predecessor === undefined ? {} : { replaces: predecessor.record.id }),
  }
  const signature = signText(predecessor?.privateKey ?? pair.privateKey, keyText(unsigned))
  return { record: { ...unsigned, signature }, privateKey: pair.privateKey }
}

/** Whether each key is what it says and was introduced by the one before it. The first must be known from elsewhere. */
export function verifyKeys(records: readonly KeyRecord[], first?: Digest): Check {
  let previous: KeyRecord | undefined
  for (const record of records) {
    const problem = keyProblem(record, previous)
    if (problem !== undefined) return { ok: false, problem: `key ${record.id}: ${problem}` }
    previous = record
  }
  const [oldest] = records
  if (first !== undefined && oldest?.id !== first)
    return { ok: false, problem: `the line of keys begins with ${oldest?.id}, known was ${first}` }
  return { ok: true }
}

function keyProblem(record: KeyRecord, previous: KeyRecord | undefined): string | undefined {
  if (record.version !== 1) return `version ${record.version} is not known to this verifier`
  if (!isDigest(record.id) || record.id !== digestOf(Buffer.from(record.publicKey, 'base64')))
    return 'its id is not the digest of its public key'
  if (record.replaces !== previous?.id)
    return `it replaces ${record.replaces ?? 'none'}, the one before is ${previous?.id ?? 'none'}`
  if (previous !== undefined && record.from < previous.from) return 'it begins before the one that it replaces'
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

export function signatureHolds(publicKey: string, text: string, signature: string): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' })
    const bytes = Buffer.from(signature, 'base64')
    // Base64 has many spellings of the same bytes: only ours counts, so that no byte of a bundle may change.
    return (
      key.asymmetricKeyType === 'ed25519' &&
      bytes.toString('base64') === signature &&
      verify(null, Buffer.from(text), key, bytes)
    )
  } catch {
    return false
  }
}
