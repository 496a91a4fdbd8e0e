// Heads of this node: its keys beside the data folder, and where the configuration wants the heads published.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { leavesOf } from '@varde/api'
import { type EntryStreams, headHash, openEntryStreams } from '@varde/evidence'
import {
  commandPublisher,
  createErasure,
  createExpiry,
  createHeads,
  createSignatures,
  type Erasure,
  type Expiry,
  filePublisher,
  type Heads,
  type KeyRing,
  openKeyRing,
  type Publisher,
  publishedHead,
  type Signatures,
  type Stamper,
  webhookPublisher,
} from '@varde/notary'
import { createMailer, type Mailer } from '@varde/notify'
import { type Clock, type Config, type Logger, VardeError } from '@varde/runtime'
import type { Store } from '@varde/store'
import type { DataFolder } from './data-folder.ts'
import { mailSettings } from './notify-settings.ts'

export interface Notary {
  streams: EntryStreams
  ring: KeyRing
  heads: Heads
  signatures: Signatures
  erasure: Erasure
  /** Does nothing where no class has a term. */
  expiry: Expiry
}

export function openNotary(deps: {
  config: Config
  folder: DataFolder
  store: Store
  clock: Clock
  log: Logger
  /** Of these events, those under a legal hold, each with its case. */
  heldBy(ids: readonly string[]): Promise<Map<string, string>>
  /** Where many processes share the store: the name of this one. */
  holder?: string
}): Notary {
  const { config, folder, store, clock, log, heldBy, holder } = deps
  const { documents } = store
  const settings = config.heads
  const streams = openEntryStreams({ documents, clock })
  const keys = resolve(settings.keys ?? `${folder.root}.keys`)
  if (keys === folder.root || keys.startsWith(`${folder.root}/`))
    throw new VardeError('KEY_FOLDER', `the private keys may not lie inside the data folder: ${keys}`, {
      hint: 'Whoever has a backup of the data would have the keys: name another folder in heads.keys.',
    })
  const { signCommand, publicKey } = settings
  const hook = signCommand === undefined || publicKey === undefined ? {} : { hook: { command: signCommand, publicKey } }
  const ring = openKeyRing({ folder: keys, streams, clock, ...hook })
  const heads = createHeads({
    documents,
    streams,
    ring,
    clock,
    log,
    everyMs: settings.every,
    publishers: publishersOf(config),
    stampers: settings.authorities.map(
      ({ name, url, certificate }): Stamper => ({
        name,
        url,
        ...(certificate === undefined ? {} : { authority: { certificate: readFileSync(certificate, 'utf8') } }),
      }),
    ),
    stampEveryMs: settings.stampEvery,
  })
  const signatures = createSignatures({ documents, streams, keys: ring.records })
  const erasure = createErasure({ store, streams, clock, heldBy })
  const { keepDays } = config
  const expiry = createExpiry({
    store,
    streams,
    clock,
    log,
    keepDays,
    heldBy,
    ...(holder === undefined ? {} : { holder }),
    leavesOf: (seal) => leavesOf(seal, store),
  })
  return { streams, ring, heads, signatures, erasure, expiry }
}

function publishersOf({ heads, notify }: Config): Publisher[] {
  const { file, webhook, mail, command } = heads
  const channel = mail === undefined ? undefined : notify?.channels[mail.channel]
  return [
    ...(file === undefined ? [] : [filePublisher(file)]),
    ...(webhook === undefined ? [] : [webhookPublisher(webhook)]),
    ...(mail === undefined || channel?.kind !== 'mail'
      ? []
      : [mailPublisher(createMailer(mailSettings(channel)), mail.every)]),
    ...(command === undefined ? [] : [commandPublisher(command)]),
  ]
}

/** For an inbox that others keep: the words say what it is for when somebody finds it years later. */
function mailPublisher(mailer: Mailer, everyMs: number): Publisher {
  return {
    name: 'mail',
    everyMs,
    async publish(head) {
      const at = new Date(head.head.at).toISOString()
      await mailer.send({
        id: headHash(head.head),
        subject: `Varde: signed head ${head.head.number} of ${at}`,
        text: `Keep this mail. It is a signed statement about everything that was sealed up to ${at}.
Saved as a file, the line below shows whether a log store still has the same history: varde verify DATA --head FILE

${publishedHead(head)}
`,
      })
    },
  }
}
