// The signing service: every few minutes one signature over the last seal of every chain, published and stamped where that is configured.
import { chainName, composeHead, type EntryStreams, headHash, headText, type SignedHead } from '@varde/evidence'
import { type Clock, type Logger, type Service, VardeError } from '@varde/runtime'
import type { JsonObject } from '@varde/schema'
import { collections, type DocumentStore } from '@varde/store'
import { tipsNow } from './chains.ts'
import type { KeyRing } from './key-ring.ts'
import type { Publisher } from './publish.ts'
import { type Stamper, type StoredStamp, stampHead, stampsOf } from './stamp.ts'

export const chainsStream = '@chains'

export interface HeadsOptions {
  documents: DocumentStore
  streams: EntryStreams
  ring: KeyRing
  clock: Clock
  log: Logger
  everyMs: number
  publishers?: readonly Publisher[]
  stampers?: readonly Stamper[]
  /** Heads of the timer are stamped at most so often; all of them where it is 0. */
  stampEveryMs?: number
}

export interface HeadsStatus {
  last?: { number: number; at: number; hash: string; key: string }
  /** What went wrong the last time, by what was tried; nothing where all is well. */
  problems: Record<string, string>
  /** The last head that each target has got. */
  published: Record<string, number>
  stamped: Record<string, number>
}

export interface Heads extends Service {
  /** Signs now, publishes and stamps; the head. Throws KEY_MISSING, KEY_OPEN, KEY_HOOK. */
  signNow(): Promise<SignedHead>
  last(): Promise<SignedHead | undefined>
  get(number: number): Promise<SignedHead | undefined>
  stamps(number: number): Promise<StoredStamp[]>
  status(): Promise<HeadsStatus>
  /** What went wrong the last time, by what was tried. */
  problems(): Record<string, string>
}

const state = collections.state.name
/** After an outage a target gets this many heads a round. */
const catchUpMax = 100

export function headId(number: number): string {
  return String(number).padStart(10, '0')
}

/** Heads are written below alone. */
function headOf(doc: JsonObject): SignedHead {
  return JSON.parse(JSON.stringify(doc))
}

export async function headAt(documents: DocumentStore, number: number): Promise<SignedHead | undefined> {
  const found = await documents.get(collections.heads.name, headId(number))
  return found === undefined ? undefined : headOf(found.doc)
}

/** By realtime get of number + 1; a list is only a hint. */
export async function lastHead(documents: DocumentStore): Promise<SignedHead | undefined> {
  const { docs } = await documents.list(collections.heads.name, {
    sort: { by: 'head.number', order: 'desc' },
    limit: 1,
  })
  let last = docs[0] === undefined ? undefined : headOf(docs[0].doc)
  for (;;) {
    const next = await headAt(documents, last === undefined ? 0 : last.head.number + 1)
    if (next === undefined) return last
    last = next
  }
}

export function createHeads(options: HeadsOptions): Heads {
  const { documents, streams, ring, clock, log, everyMs, publishers = [], stampers = [], stampEveryMs = 0 } = options
  const problems: Record<string, string> = {}
  let timer: NodeJS.Timeout | undefined
  let running: Promise<unknown> = Promise.resolve()
  let stopped = false

  const compose = async (): Promise<SignedHead> => {
    const { record, signer } = await ring.current()
    const previous = await lastHead(documents)
    const known = new Set(previous?.tips.map(chainName))
    for (const tip of await tipsNow(documents, streams)) {
      const subject = chainName(tip)
      if (known.has(subject) || tip.stream === chainsStream) continue
      await streams.append(chainsStream, { action: 'created', subject, first: tip.seq === 0 })
    }
    // Read again: the records above are under this very head.
    const tips = await tipsNow(documents, streams)
    const made = composeHead({
      tips,
      at: clock.now(),
      key: record.id,
      ...(previous === undefined ? {} : { previous: previous.head }),
    })
    const signature = Buffer.from(await signer.sign(Buffer.from(headText(made.head)))).toString('base64')
    const signed = { ...made, signature }
    const doc: JsonObject = JSON.parse(JSON.stringify(signed))
    const written = await documents.create(collections.heads.name, headId(made.head.number), doc)
    if (!written.ok)
      throw new VardeError('HEADS_TAKEN', `head ${made.head.number} was signed by somebody else`, {
        hint: 'Only one node of a house should sign heads.',
      })
    return signed
  }

  const attempt = async (name: string, work: () => Promise<void>) => {
    try {
      await work()
      delete problems[name]
    } catch (error) {
      problems[name] = error instanceof Error ? error.message : String(error)
      log.warn({ target: name, err: error }, 'heads: not done, tried again with the next head')
    }
  }

  const publishAll = async (newest: number) => {
    for (const publisher of publishers)
      await attempt(publisher.name, async () => {
        const { upTo, version } = await progressOf(publisher.name)
        const { everyMs: restMs } = publisher
        if (restMs !== undefined && (await sinceLast(upTo, newest)) < restMs) return
        const from = restMs === undefined ? Math.max(upTo + 1, newest - catchUpMax) : newest
        let done = upTo
        try {
          for (let number = from; number <= newest; number += 1) {
            const head = await headAt(documents, number)
            if (head === undefined) continue
            await publisher.publish(head)
            done = number
          }
        } finally {
          if (done > upTo) await keepProgress(publisher.name, done, version)
        }
      })
  }

  /** Milliseconds between the head that a target has and the newest; no end where it has none. */
  const sinceLast = async (upTo: number, newest: number): Promise<number> => {
    if (upTo < 0) return Number.POSITIVE_INFINITY
    const [before, last] = [await headAt(documents, upTo), await headAt(documents, newest)]
    return before === undefined || last === undefined ? Number.POSITIVE_INFINITY : last.head.at - before.head.at
  }

  const stampAll = async (signed: SignedHead, restMs: number) => {
    for (const stamper of stampers)
      await attempt(stamper.name, async () => {
        const { upTo, version } = await progressOf(stamper.name)
        if ((await sinceLast(upTo, signed.head.number)) < restMs) return
        await stampHead(documents, stamper, signed, clock.now())
        await keepProgress(stamper.name, signed.head.number, version)
      })
  }

  const progressOf = async (name: string): Promise<{ upTo: number; version: number | undefined }> => {
    const found = await documents.get<JsonObject>(state, `heads.${name}`)
    return { upTo: Number(found?.doc['upTo'] ?? -1), version: found?.version }
  }

  const keepProgress = async (name: string, upTo: number, version: number | undefined) => {
    const id = `heads.${name}`
    // Where somebody else was faster, their number is as good.
    if (version === undefined) await documents.create<JsonObject>(state, id, { upTo })
    else await documents.update<JsonObject>(state, id, { upTo }, version)
  }

  const sign = (stampRestMs: number): Promise<SignedHead> => {
    const mine = running.then(async () => {
      const signed = await compose()
      await publishAll(signed.head.number)
      await stampAll(signed, stampRestMs)
      return signed
    })
    running = mine.catch(() => undefined)
    return mine
  }

  const round = async () => {
    try {
      await sign(stampEveryMs)
      delete problems['sign']
    } catch (error) {
      problems['sign'] = error instanceof Error ? error.message : String(error)
      // Without signatures the seals still chain; a person must bring the key back.
      log.error({ err: error }, 'heads: nothing was signed')
    }
    if (!stopped) timer = setTimeout(() => void round(), everyMs)
  }

  return {
    name: 'heads',
    async start() {
      // Soon, but behind what the start itself has to do.
      timer = setTimeout(() => void round(), Math.min(everyMs, 5_000))
    },
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
    },
    // Somebody asked for this one: it is stamped, however short the last stamp is ago.
    signNow: () => sign(0),
    last: () => lastHead(documents),
    get: (number) => headAt(documents, number),
    stamps: (number) => stampsOf(documents, number),
    problems: () => ({ ...problems }),
    async status() {
      const last = await lastHead(documents)
      const published: Record<string, number> = {}
      const stamped: Record<string, number> = {}
      for (const { name } of publishers) published[name] = (await progressOf(name)).upTo
      for (const { name } of stampers) stamped[name] = (await progressOf(name)).upTo
      const { number, at, key } = last?.head ?? { number: 0, at: 0, key: '' }
      return {
        problems: { ...problems },
        published,
        stamped,
        ...(last === undefined ? {} : { last: { number, at, key, hash: headHash(last.head) } }),
      }
    },
  }
}
