// How what is sealed is signed: how often, with which key, and where the heads go.
import { z } from 'zod'
import { duration } from './config-words.ts'

const command = z.array(z.string().min(1)).min(1)

export const headsConfig = z.strictObject({
  /** `false`: this process signs nothing (in a cluster one process should). */
  sign: z.boolean().default(true),
  every: duration.prefault('10m'),
  /** Folder of private keys, 0600 each; beside the data folder (`<data>.keys`) without it, never inside. */
  keys: z.string().optional(),
  /** Signs with a key in hardware (PKCS#11, KMS): bytes on stdin, base64 of the Ed25519 signature on stdout. Needs `publicKey`. */
  signCommand: command.optional(),
  /** PEM file of the public half of that key. */
  publicKey: z.string().optional(),
  /** Each head is appended here as one JSON line: best on another machine, or where nothing can be overwritten. */
  file: z.string().optional(),
  /** Each head is POSTed here as JSON. */
  webhook: z.url().optional(),
  /** Gets each head on stdin and its number as last argument: sendmail, a printer. */
  command: command.optional(),
  /** Time stamp authorities (RFC 3161): at most two. */
  authorities: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-z0-9-]{1,32}$/, 'lower case letters, digits and dashes'),
        url: z.url(),
        /** PEM file of its certificate or its root: a stamp that does not lead to it is refused. */
        certificate: z.string().optional(),
      }),
    )
    .max(2)
    .default([]),
  stampEvery: duration.prefault('1h'),
})
