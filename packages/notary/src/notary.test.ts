// Keys, heads, publication, time stamps and proofs over a real store: what is signed verifies, what fails is tried again.
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  alertsStream,
  decidedDigest,
  decidedPart,
  type EntryStreams,
  headHash,
  noDigest,
  openEntryStreams,
  sealBatch,
  verifyAlertProof,
  verifyEntries,
  verifyHeads,
  verifyKeys,
  verifySignatureProof,
} from '@varde/evidence'
import { createLogger, manualClock } from '@varde/runtime'
import { type JsonObject, type Seal, sealId } from '@varde/schema'
import { collections } from '@varde/store'
import { type EmbeddedStore, openEmbeddedStore } from '@varde/store/embedded'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createHeads, type HeadsOptions } from './heads.ts'
import { type KeyRing, openKeyRing } from './key-ring.ts'
import { commandPublisher, filePublisher, webhookPublisher } from './publish.ts'
import { createSignatures } from './signatures.ts'

let dir: string
let store: EmbeddedStore
let streams: EntryStreams
let ring: KeyRing
let server: Server | undefined
const clock = manualClock(1_795_564_800_000)
const log = createLogger({ level: 'silent' })

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'varde-notary-'))
  store = await openEmbeddedStore({ dir: join(dir, 'store') })
  streams = openEntryStreams({ documents: store.documents, clock })
  ring = openKeyRing({ folder: join(dir, 'keys'), streams, clock })
})
afterEach(async () => {
  await store.close()
  server?.closeAllConnections()
  server?.close()
  server = undefined
  rmSync(dir, { recursive: true, force: true })
})

const options = (more: Partial<HeadsOptions> = {}): HeadsOptions => ({
  documents: store.documents,
  streams,
  ring,
  clock,
  log,
  everyMs: 60_000,
  ...more,
})

/** Seals of nothing but a tick each: enough for chains. */
async function seals(partition: number, count: number, previous?: Seal): Promise<Seal[]> {
  const made: Seal[] = []
  for (let n = 0; n < count; n += 1) {
    const before = made.at(-1) ?? previous
    const seal = sealBatch({
      stream: 'main',
      generation: 0,
      partition,
      ...(before === undefined ? {} : { previous: before }),
      leaves: [{ leaf: noDigest, hint: 'AAAA' }],
      others: [],
      ruleSet: noDigest,
      watermark: 0,
      attempt: 'a',
      lastRecord: noDigest,
      sealedAt: clock.now(),
      ledger: [],
    })
    const doc: JsonObject = JSON.parse(JSON.stringify(seal))
    await store.documents.create(collections.seals.name, sealId(seal), doc)
    made.push(seal)
  }
  return made
}

async function listen(answer: (body: Buffer) => { status: number; body?: Buffer }): Promise<string> {
  server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const { status, body } = answer(Buffer.concat(parts))
      response.writeHead(status).end(body)
    })
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('it listens')
  return `http://127.0.0.1:${address.port}/`
}

test('heads cover all chains, a seal and an entry lead to the first of them, and what is not signed yet does not', async () => {
  const heads = createHeads(options())
  const signatures = createSignatures({ documents: store.documents, streams, keys: ring.records })
  const first = await seals(0, 3)
  const other = await seals(1, 1)
  const custody = await streams.append('@custody', { action: 'acquired', subject: 'case-1' })
  const head0 = await heads.signNow()
  clock.advance(600_000)
  const later = await seals(0, 4, first.at(-1))
  const entry = await streams.append('@custody', { action: 'viewed', subject: 'case-1' })
  const head1 = await heads.signNow()
  const unsigned = await seals(0, 1, later.at(-1))
  const keys = await ring.records()
  expect(verifyHeads([head0, head1], keys)).toEqual({ ok: true, last: headHash(head1.head) })
  expect(head0.tips.map(({ stream, partition, seq }) => `${stream}.${partition}.${seq}`)).toEqual([
    '@chains.0.3',
    '@custody.0.0',
    '@keys.0.0',
    'main.0.2',
    'main.1.0',
  ])
  for (const [seal, head] of [
    [first[0], 0],
    [first[2], 0],
    [other[0], 0],
    [later[0], 1],
    [later[3], 1],
  ] as const) {
    if (seal === undefined) throw new Error('made above')
    const proof = await signatures.ofSeal(seal)
    expect(proof?.head.number).toBe(head)
    expect(proof === undefined ? undefined : verifySignatureProof(proof, seal, keys)).toEqual({ ok: true })
  }
  const [tail] = unsigned
  expect(tail === undefined ? 'none' : await signatures.ofSeal(tail)).toBeUndefined()
  expect((await signatures.ofEntry(custody.link))?.head.number).toBe(0)
  expect(await signatures.ofEntry(entry.link)).toMatchObject({ links: [], head: { number: 1 } })
  const chains = await Array.fromAsync(streams.read('@chains'))
  expect(chains.map(({ body }) => body?.['subject'])).toEqual(['main.0.0', 'main.0.1', '@custody.0.0', '@keys.0.0'])
  expect(verifyEntries(chains)).toMatchObject({ ok: true, count: 4 })
})

describe('keys', () => {
  test('the private half lies outside, for its owner alone, and is never stored', async () => {
    const { record } = await ring.current()
    const path = join(dir, 'keys', `${record.id}.key`)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const secret = readFileSync(path, 'utf8').split('\n')[1] ?? ''
    for (const name of readdirSync(join(dir, 'store', 'documents')))
      expect(readFileSync(join(dir, 'store', 'documents', name)).includes(secret)).toBe(false)
    chmodSync(path, 0o644)
    await expect(ring.current()).rejects.toMatchObject({ code: 'KEY_OPEN' })
    rmSync(path)
    await expect(ring.current()).rejects.toMatchObject({ code: 'KEY_MISSING' })
  })

  test('rotated and revoked: each change is an entry, and the heads go on', async () => {
    const heads = createHeads(options())
    const signatures = createSignatures({ documents: store.documents, streams, keys: ring.records })
    const signed = [await heads.signNow()]
    clock.advance(1_000)
    await ring.rotate({ by: 'anna', reason: 'yearly' })
    clock.advance(1_000)
    signed.push(await heads.signNow())
    clock.advance(1_000)
    const revokedFrom = clock.now() - 500
    const [seal] = await seals(0, 1)
    if (seal === undefined) throw new Error('made above')
    signed.push(await heads.signNow())
    const proof = await signatures.ofSeal(seal)
    expect(proof?.head.number).toBe(2)
    clock.advance(1_000)
    await ring.rotate({ by: 'anna', reason: 'laptop stolen', revokedFrom })
    const keys = await ring.records()
    expect(verifyHeads(signed, keys)).toMatchObject({ ok: false, problem: expect.stringMatching(/revoked/) })
    expect([await signatures.ofSeal(seal), await signatures.covers(seal)]).toEqual([undefined, false])
    clock.advance(1_000)
    signed.push(await heads.signNow())
    // By itself a head of the stolen key proves nothing, whoever shows it; the later one of the new key does.
    const refused = { ok: false, problem: expect.stringMatching(/revoked/) }
    expect(proof === undefined ? undefined : verifySignatureProof(proof, seal, keys)).toMatchObject(refused)
    const anew = await signatures.ofSeal(seal)
    expect(anew?.head.number).toBe(3)
    expect(anew === undefined ? undefined : verifySignatureProof(anew, seal, keys)).toEqual({ ok: true })
    expect(await signatures.covers(seal)).toBe(true)
    expect(verifyKeys(keys, keys[0]?.id)).toEqual({ ok: true })
    expect(verifyHeads(signed, keys)).toMatchObject({ ok: true })
    const changes = await Array.fromAsync(streams.read('@keys'))
    expect(changes.map(({ body }) => body?.['action'])).toEqual(['created', 'rotated', 'revoked'])
  })

  test('a command signs where the key never leaves its hardware', async () => {
    execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', join(dir, 'hsm.key')])
    execFileSync('openssl', ['pkey', '-in', join(dir, 'hsm.key'), '-pubout', '-out', join(dir, 'hsm.pem')])
    // Stands for pkcs11-tool or a cloud's command line: openssl wants files.
    const script = `f=$(mktemp) && cat > $f && openssl pkeyutl -sign -rawin -inkey ${join(dir, 'hsm.key')} -in $f | base64 -w0; rm -f $f`
    const hooked = openKeyRing({
      folder: join(dir, 'none'),
      streams,
      clock,
      hook: { command: ['sh', '-c', script], publicKey: join(dir, 'hsm.pem') },
    })
    const heads = createHeads(options({ ring: hooked }))
    const head = await heads.signNow()
    expect(verifyHeads([head], await hooked.records())).toMatchObject({ ok: true })
    expect(existsSync(join(dir, 'none'))).toBe(false)
    const broken = openKeyRing({
      folder: join(dir, 'none'),
      streams,
      clock,
      hook: { command: ['false'], publicKey: join(dir, 'hsm.pem') },
    })
    await expect(createHeads(options({ ring: broken })).signNow()).rejects.toMatchObject({ code: 'KEY_HOOK' })
  })
})

test('heads are published, and what a target missed comes with the next one', async () => {
  const got: { head: { number: number }; hash: string }[] = []
  let status = 500
  const url = await listen((body) => {
    if (status === 200) got.push(JSON.parse(body.toString()))
    return { status }
  })
  const mailed: number[] = []
  const out = join(dir, 'elsewhere', 'heads.ndjson')
  const heads = createHeads(
    options({
      publishers: [
        filePublisher(out),
        webhookPublisher(url),
        commandPublisher(['sh', '-c', `cat >> ${join(dir, 'printed')}`]),
        { name: 'mail', everyMs: 3_600_000, publish: async ({ head }) => void mailed.push(head.number) },
      ],
    }),
  )
  const head0 = await heads.signNow()
  expect((await heads.status()).problems['webhook']).toMatch(/500/)
  status = 200
  const head1 = await heads.signNow()
  expect(got.map(({ head, hash }) => [head.number, hash])).toEqual([
    [0, headHash(head0.head)],
    [1, headHash(head1.head)],
  ])
  expect(await heads.status()).toMatchObject({
    problems: {},
    published: { file: 1, webhook: 1, command: 1, mail: 0 },
    last: { number: 1 },
  })
  expect(readFileSync(out, 'utf8').trim().split('\n')).toHaveLength(2)
  expect(readFileSync(join(dir, 'printed'), 'utf8')).toContain(headHash(head1.head))
})

test('two authorities stamp a head, checked before it is kept; a wrong answer is not', async () => {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' })
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'tsa.key',
    '-out',
    'tsa.pem',
    '-subj',
    '/CN=tsa',
    '-addext',
    'extendedKeyUsage=critical,timeStamping',
  )
  writeFileSync(
    join(dir, 'tsa.cnf'),
    '[tsa]\ndefault_tsa = t\n[t]\nserial = ./serial\nsigner_cert = ./tsa.pem\nsigner_key = ./tsa.key\nsigner_digest = sha256\ndefault_policy = 1.2.3\ndigests = sha256\ness_cert_id_alg = sha256\n',
  )
  writeFileSync(join(dir, 'serial'), '01\n')
  let answersAnother = false
  const url = await listen((body) => {
    if (answersAnother) return { status: 200, body: readFileSync(join(dir, 'q.tsr')) }
    writeFileSync(join(dir, 'q.tsq'), body)
    openssl('ts', '-reply', '-config', 'tsa.cnf', '-queryfile', 'q.tsq', '-out', 'q.tsr')
    return { status: 200, body: readFileSync(join(dir, 'q.tsr')) }
  })
  const authority = { certificate: readFileSync(join(dir, 'tsa.pem'), 'utf8') }
  clock.set(Date.now())
  const heads = createHeads(
    options({
      stampers: [
        { name: 'one', url, authority },
        { name: 'two', url },
      ],
      stampEveryMs: 3_600_000,
    }),
  )
  await heads.signNow()
  expect((await heads.stamps(0)).map(({ name, trusted }) => [name, trusted])).toEqual([
    ['one', true],
    ['two', false],
  ])
  // The timer's heads are stamped once an hour, those that somebody asks for always.
  const timed = createHeads(
    options({ everyMs: 10, stampers: [{ name: 'one', url, authority }], stampEveryMs: 3_600_000 }),
  )
  await timed.start()
  await vi.waitUntil(async () => ((await timed.last())?.head.number ?? 0) > 0, { timeout: 30_000 })
  await timed.stop()
  expect(await heads.stamps(1)).toEqual([])
  const asked = await heads.signNow()
  expect(await heads.stamps(asked.head.number)).toHaveLength(2)
  // A seal leads to the stamped head, not to the first one over it; an alert takes the stamps along.
  const signatures = createSignatures({ documents: store.documents, streams, keys: ring.records })
  const [seal] = await seals(0, 1)
  if (seal === undefined) throw new Error('made above')
  const once = createHeads(options())
  const unstamped = await once.signNow()
  expect((await signatures.ofSeal(seal))?.head.number).toBe(unstamped.head.number)
  const alert = decidedPart({ id: 'a', rule: { digest: noDigest }, members: [], memberCount: 0 })
  const entry = await streams.append(alertsStream, { subject: 'a', decided: decidedDigest(alert) })
  await once.signNow()
  const stamped = await heads.signNow()
  expect((await signatures.ofSeal(seal))?.head.number).toBe(stamped.head.number)
  const entrySignature = await signatures.ofEntry(entry.link)
  if (entrySignature === undefined) throw new Error('signed above')
  const rule = { digest: noDigest, file: '', text: '', lists: {} }
  const kept = await heads.stamps(stamped.head.number)
  const stamps = kept.map(({ name, response }) => ({ head: stamped.head.number, name, response }))
  const file = { members: [], signatures: {}, entry, entrySignature, stamps, keys: await ring.records() }
  const proof = { format: 'varde alert' as const, version: 1 as const, at: 0, alert, rule, ...file }
  const report = verifyAlertProof(proof, { authorities: [authority] })
  expect(report).toMatchObject({
    ok: true,
    stamps: [
      { ok: true, trusted: true },
      { ok: true, trusted: true },
    ],
  })
  const [other] = await heads.stamps(0)
  const foreign = { head: stamped.head.number, name: 'one', response: other?.response ?? '' }
  expect(verifyAlertProof({ ...proof, stamps: [foreign] })).toMatchObject({
    ok: false,
    findings: [{ at: expect.stringMatching(/^stamps\.0/) }],
  })
  expect(verifyAlertProof({ ...proof, stamps: [{ ...foreign, head: 0 }] })).toMatchObject({ ok: false })
  answersAnother = true
  const refused = await heads.signNow()
  expect(await heads.stamps(refused.head.number)).toEqual([])
  expect(Object.keys((await heads.status()).problems)).toEqual(['one', 'two'])
  server?.close()
  server?.closeAllConnections()
  await heads.signNow()
  expect(Object.keys((await heads.status()).problems)).toEqual(['one', 'two'])
}, 120_000)

test('two nodes can not sign the same head', async () => {
  const [a, b] = [createHeads(options()), createHeads(options())]
  const results = await Promise.allSettled([a.signNow(), b.signNow()])
  expect(results.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0)
  const all = [await a.get(0), await a.get(1)].filter((head) => head !== undefined)
  expect(verifyHeads(all, await ring.records())).toMatchObject({ ok: true })
})
