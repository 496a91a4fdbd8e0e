// Passwords as argon2id with OWASP's parameters (19 MiB, 2 passes, 1 lane; Password Storage Cheat Sheet).
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'

const memory = 19_456
const passes = 2
const tagLength = 32

function derive(password: string, nonce: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    argon2(
      'argon2id',
      { message: Buffer.from(password.normalize('NFKC')), nonce, parallelism: 1, tagLength, memory, passes },
      (error, tag) => (error === null ? resolve(tag) : reject(error)),
    )
  })
}

/** PHC string format: `$argon2id$v=19$m=…,t=…,p=1$salt$hash`. */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16)
  const tag = await derive(password, nonce)
  return `$argon2id$v=19$m=${memory},t=${passes},p=1$${nonce.toString('base64url')}$${tag.toString('base64url')}`
}

/** Takes the same time whether the name exists or not: give `undefined` for an unknown user. */
export async function verifyPassword(password: string, stored: string | undefined): Promise<boolean> {
  const [, , , , salt, hash] = stored?.split('$') ?? []
  const tag = await derive(password, salt === undefined ? Buffer.alloc(16) : Buffer.from(salt, 'base64url'))
  const expected = hash === undefined ? randomBytes(tagLength) : Buffer.from(hash, 'base64url')
  return expected.length === tag.length && timingSafeEqual(expected, tag)
}

/** What is wrong with a new password, for a person; undefined where it may be used. */
export function passwordProblem(password: string, name: string): string | undefined {
  if (password.length < 12) return 'A password needs at least 12 characters.'
  if (password.length > 256) return 'A password has at most 256 characters.'
  if (new Set(password).size < 5) return 'This password repeats too few characters.'
  if (name.length >= 3 && password.toLowerCase().includes(name.toLowerCase()))
    return 'The password holds the user name.'
  return undefined
}
