// The keys that sign heads: made, rotated, revoked; each change an entry of the stream @keys, the private halves outside the data folder.
import { spawn } from 'node:child_process'
import { createPublicKey } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  digestOf,
  drawKeyPair,
  type EntryStreams,
  type KeyRecord,
  localSigner,
  recordKey,
  type Signer,
} from '@varde/evidence'
import { type Clock, VardeError } from '@varde/runtime'
import type { JsonObject } from '@varde/schema'

export const keysStream = '@keys'

export interface KeyRingOptions {
  /** Where private keys lie, one file each (0600), named by the key's id. Not inside the data folder. */
  folder: string
  streams: EntryStreams
  clock: Clock
  /**
   * A command that signs with a key that never leaves its hardware (PKCS#11, KMS): bytes on stdin, the 64 bytes of the Ed25519 signature
   * in base64 on stdout. `publicKey`: PEM file of its public half.
   */
  hook?: { command: string[]; publicKey: string }
}

export interface KeyRing {
  /** The whole line, first to current. */
  records(): Promise<KeyRecord[]>
  /** Makes the first key where there is none. Throws KEY_MISSING where its private half is not here. */
  current(): Promise<{ record: KeyRecord; signer: Signer }>
  /** A new key takes over; with `revokedFrom` (UTC milliseconds) what the old one signed since proves nothing by itself. */
  rotate(options: { by: string; reason: string; revokedFrom?: number }): Promise<KeyRecord>
}

/** A hook that hangs must not stop the heads for ever. */
const hookMs = 30_000

export function openKeyRing({ folder, streams, clock, hook }: KeyRingOptions): KeyRing {
  const fileOf = (id: string) => join(folder, `${id}.key`)
  let changing: Promise<unknown> = Promise.resolve()

  const records = async (): Promise<KeyRecord[]> => {
    const found: KeyRecord[] = []
    for await (const { body } of streams.read(keysStream)) {
      const record = body?.['record']
      // Written below alone; the verifier checks each of them.
      if (record !== undefined) found.push(JSON.parse(JSON.stringify(record)))
    }
    return found
  }

  const signerOf = (record: KeyRecord): Signer => {
    if (hook !== undefined && hookKey(hook).toString('base64') === record.publicKey) return hookSigner(hook.command)
    const path = fileOf(record.id)
    if (!existsSync(path))
      throw new VardeError('KEY_MISSING', `the private half of key ${record.id} is not at ${path}`, {
        hint: 'Put it back from your copy of the folder: only the old key can introduce a new one. Without a copy, what it signed stays provable and nothing more is signed here: go on in a new data folder (docs/threat-model.md, Keys).',
        facts: { path, key: record.id },
      })
    if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0)
      throw new VardeError('KEY_OPEN', `${path} can be read by others`, { hint: `chmod 600 ${path}`, facts: { path } })
    return localSigner(readFileSync(path, 'utf8'))
  }

  /** The public half of the next key; its private half is on disk, or in the hook, before anything names it. */
  const draw = (id?: string): { publicKey: Buffer; signer: Signer } => {
    if (hook !== undefined && digestOf(hookKey(hook)) !== id)
      return { publicKey: hookKey(hook), signer: hookSigner(hook.command) }
    const { publicKey, privateKey } = drawKeyPair()
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const path = fileOf(digestOf(publicKey))
    writeFileSync(path, privateKey, { mode: 0o600, flag: 'wx', flush: true })
    chmodSync(path, 0o600)
    return { publicKey, signer: localSigner(privateKey) }
  }

  const append = async (record: KeyRecord, action: string, by: string, reason: string) => {
    const body: JsonObject = JSON.parse(JSON.stringify({ action, subject: record.id, by, reason, record }))
    await streams.append(keysStream, body)
  }

  const one = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = changing.then(work)
    changing = mine.catch(() => undefined)
    return mine
  }

  return {
    records,
    current: () =>
      one(async () => {
        const last = (await records()).at(-1)
        if (last !== undefined) return { record: last, signer: signerOf(last) }
        const { publicKey, signer } = draw()
        const record = await recordKey({ publicKey, from: clock.now() }, signer)
        await append(record, 'created', 'varde', 'the first key')
        return { record, signer }
      }),
    rotate: ({ by, reason, revokedFrom }) =>
      one(async () => {
        const last = (await records()).at(-1)
        if (last === undefined) throw new VardeError('KEY_NONE', 'there is no key yet that could be replaced')
        // The old key introduces the new one: its private half must still be here.
        const old = signerOf(last)
        const { publicKey } = draw(last.id)
        const from = Math.max(clock.now(), last.from + 1)
        const facts = { publicKey, from, replaces: last.id, ...(revokedFrom === undefined ? {} : { revokedFrom }) }
        const record = await recordKey(facts, old)
        await append(record, revokedFrom === undefined ? 'rotated' : 'revoked', by, reason)
        return record
      }),
  }
}

function hookKey({ publicKey }: { publicKey: string }): Buffer {
  return createPublicKey(readFileSync(publicKey, 'utf8')).export({ type: 'spki', format: 'der' })
}

function hookSigner([program, ...rest]: string[]): Signer {
  return {
    sign: (bytes) =>
      new Promise((resolve, reject) => {
        const wrong = (problem: string, cause?: unknown) =>
          reject(
            new VardeError('KEY_HOOK', `the command that signs failed: ${problem}`, {
              cause,
              hint: 'See heads.signCommand in the configuration.',
            }),
          )
        if (program === undefined) return wrong('it is empty')
        const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'pipe'], timeout: hookMs })
        const out: Buffer[] = []
        const err: Buffer[] = []
        child.stdout.on('data', (part: Buffer) => out.push(part))
        child.stderr.on('data', (part: Buffer) => err.push(part))
        child.once('error', (cause) => wrong(cause.message, cause))
        child.once('close', (code) => {
          if (code !== 0) return wrong(`exit ${code}: ${Buffer.concat(err).toString().trim().slice(0, 500)}`)
          const signature = Buffer.from(Buffer.concat(out).toString().trim(), 'base64')
          if (signature.length !== 64) return wrong(`it gave ${signature.length} bytes, not the 64 of a signature`)
          resolve(signature)
        })
        child.stdin.on('error', () => undefined)
        child.stdin.end(bytes)
      }),
  }
}

/** PEM of a record's public half, for openssl and the bundle. */
export function publicKeyPem({ publicKey }: Pick<KeyRecord, 'publicKey'>): string {
  const body = (publicKey.match(/.{1,64}/g) ?? []).join('\n')
  return `-----BEGIN PUBLIC KEY-----\n${body}\n-----END PUBLIC KEY-----\n`
}
