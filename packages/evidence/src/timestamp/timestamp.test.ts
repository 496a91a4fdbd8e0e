// Time stamps against the authority that comes with openssl: what it signs holds, and nothing else does.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { der, derInteger, derOid, generalizedTime, oidText, readDer } from './der.ts'
import { stampRequest } from './request.ts'
import { verifyStamp } from './verify.ts'

const dir = mkdtempSync(join(tmpdir(), 'varde-tsa-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] })
const at = (name: string) => join(dir, name)

/** A root, and an authority under it whose certificate is for time stamps. */
function makeAuthority(kind: 'rsa' | 'ec'): void {
  const key = kind === 'rsa' ? ['-newkey', 'rsa:2048'] : ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']
  openssl(
    'req',
    '-x509',
    ...key,
    '-nodes',
    '-keyout',
    `${kind}-root.key`,
    '-out',
    `${kind}-root.pem`,
    '-subj',
    `/CN=${kind} root`,
  )
  openssl('req', ...key, '-nodes', '-keyout', `${kind}.key`, '-out', `${kind}.csr`, '-subj', `/CN=${kind} stamps`)
  writeFileSync(at('ext.cnf'), 'extendedKeyUsage = critical,timeStamping\nbasicConstraints = CA:FALSE\n')
  openssl(
    'x509',
    '-req',
    '-in',
    `${kind}.csr`,
    '-CA',
    `${kind}-root.pem`,
    '-CAkey',
    `${kind}-root.key`,
    '-CAcreateserial',
    '-days',
    '30',
    '-extfile',
    'ext.cnf',
    '-out',
    `${kind}.pem`,
  )
  writeFileSync(
    at(`${kind}.cnf`),
    `[tsa]\ndefault_tsa = t\n[t]\ndir = .\nserial = ./${kind}.serial\ncrypto_device = builtin\nsigner_cert = ./${kind}.pem\nsigner_key = ./${kind}.key\nsigner_digest = sha256\ndefault_policy = 1.2.3.4.1\ndigests = sha256, sha384\naccuracy = secs:1\nordering = yes\ness_cert_id_alg = sha256\n`,
  )
  writeFileSync(at(`${kind}.serial`), '01\n')
}

function stamp(kind: 'rsa' | 'ec', request: Uint8Array): Buffer {
  writeFileSync(at('request.tsq'), request)
  openssl('ts', '-reply', '-config', `${kind}.cnf`, '-queryfile', 'request.tsq', '-out', 'reply.tsr')
  return readFileSync(at('reply.tsr'))
}

const data = Buffer.from('varde head 1\n{"number":7}')
const nonce = Buffer.from('00ff0102030405060708090a0b0c0d0e', 'hex')
const kinds = ['rsa', 'ec'] as const
const roots: Record<string, { certificate: string }> = {}

beforeAll(() => {
  for (const kind of kinds) {
    makeAuthority(kind)
    roots[kind] = { certificate: readFileSync(at(`${kind}-root.pem`), 'utf8') }
  }
}, 60_000)

describe.each(kinds)('an authority with a key of kind %s', (kind) => {
  const trusted = () => (roots[kind] === undefined ? [] : [roots[kind]])

  test('our request is answered, and the answer holds', () => {
    const response = stamp(kind, stampRequest(data, nonce))
    const checked = verifyStamp(response, data, trusted(), nonce)
    expect(checked).toMatchObject({ ok: true, trusted: true, authority: `CN=${kind} stamps` })
    if (checked.ok) expect(Math.abs(checked.time - Date.now())).toBeLessThan(60_000)
    // openssl is of the same mind.
    writeFileSync(at('data'), data)
    writeFileSync(at('response.tsr'), response)
    expect(
      String(
        openssl(
          'ts',
          '-verify',
          '-data',
          'data',
          '-in',
          'response.tsr',
          '-CAfile',
          `${kind}-root.pem`,
          '-untrusted',
          `${kind}.pem`,
        ),
      ),
    ).toBeDefined()
    expect(verifyStamp(response, data)).toMatchObject({ ok: true, trusted: false })
    expect(
      verifyStamp(
        response,
        data,
        kinds.filter((one) => one !== kind).flatMap((one) => roots[one] ?? []),
      ),
    ).toMatchObject({ ok: true, trusted: false })
  })

  test('other bytes, another nonce, and every changed byte of what is signed are found', () => {
    const response = stamp(kind, stampRequest(data, nonce))
    expect(verifyStamp(response, Buffer.from('other'), trusted())).toMatchObject({
      ok: false,
      problem: expect.stringMatching(/other bytes/),
    })
    expect(verifyStamp(response, data, trusted(), Buffer.from([1, 2, 3]))).toMatchObject({
      ok: false,
      problem: expect.stringMatching(/another request/),
    })
    let found = 0
    for (let n = 0; n < response.length; n += 1) {
      const changed = Buffer.from(response)
      changed[n] = (changed[n] ?? 0) ^ 0x10
      const checked = verifyStamp(changed, data, trusted(), nonce)
      if (!checked.ok || !checked.trusted) found += 1
    }
    // What the signature does not cover: names of algorithms in unsigned places, and the signer's own number.
    expect(found / response.length).toBeGreaterThan(0.9)
    expect(verifyStamp(response.subarray(0, -1), data, trusted()).ok).toBe(false)
    expect(verifyStamp(Buffer.concat([response, Buffer.from([0])]), data, trusted()).ok).toBe(false)
  })
})

test('a refusal is told as one', () => {
  const refused = der(0x30, der(0x30, derInteger(Buffer.from([2]))))
  expect(verifyStamp(refused, data)).toMatchObject({ ok: false, problem: expect.stringMatching(/refused/) })
})

test('DER: lengths, numbers, names and times', () => {
  expect(der(0x04, Buffer.alloc(300)).subarray(0, 4).toString('hex')).toBe('0482012c')
  expect(readDer(der(0x04, Buffer.alloc(300)))[0]?.content.length).toBe(300)
  expect(derInteger(Buffer.from([0, 0, 0x80])).toString('hex')).toBe('02020080')
  for (const oid of ['1.2.840.113549.1.9.16.1.4', '2.16.840.1.101.3.4.2.1', '1.3.6.1.5.5.7.3.8'])
    expect(oidText(readDer(derOid(oid))[0]?.content ?? Buffer.alloc(0))).toBe(oid)
  expect(generalizedTime(Buffer.from('20261124030000.25Z'))).toBe(Date.UTC(2026, 10, 24, 3, 0, 0, 250))
  expect(() => generalizedTime(Buffer.from('2026'))).toThrow(/time/)
  expect(() => readDer(Buffer.from([0x30, 0x80]))).toThrow(/length/)
  expect(() => readDer(Buffer.from([0x30, 5, 1]))).toThrow(/longer/)
})
