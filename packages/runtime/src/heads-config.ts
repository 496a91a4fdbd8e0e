// How what is sealed is signed: how often, with which key, and where the heads go.
import { z } from 'zod'
import { duration, identifier } from './config-words.ts'
import type { NotifyConfig } from './notify-config.ts'

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
  /** A mail channel of `notify.channels` gets the newest head so often: an inbox elsewhere is a copy that nobody here can change. */
  mail: z.strictObject({ channel: identifier, every: duration.prefault('1d') }).optional(),
  /** Gets each head on stdin as one JSON line, and its number as last argument: a printer, a script of your own. */
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

/** What no single field can see. */
export function headsChecks(heads: z.infer<typeof headsConfig>, notify: NotifyConfig | undefined): string[] {
  const found: string[] = []
  if ((heads.signCommand === undefined) !== (heads.publicKey === undefined))
    found.push('heads: signCommand and publicKey go together')
  const { mail } = heads
  if (mail !== undefined && notify?.channels[mail.channel]?.kind !== 'mail')
    found.push(`heads.mail: there is no mail channel ${mail.channel} under notify.channels`)
  return found
}
