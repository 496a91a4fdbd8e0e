// The events on this disk: chapters that take them in, segments that keep them, and how the one becomes the other.
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { VardeError } from '@varde/runtime'
import type { Batch } from './batch.ts'
import { absentFrom, type Chapter, chapterName, openChapter, partitionKey, unionOf } from './chapter.ts'
import type { Engine } from './duckdb.ts'
import { createFieldCatalogue, type FieldCatalogue } from './field-catalogue.ts'
import type { Unloaded } from './identity.ts'
import { type Manifest, openManifest, type SegmentInfo } from './manifest.ts'
import { isRevision, rewriteSegment } from './rewrite.ts'
import { segmentPath, writeSegment } from './segment.ts'
import type { Snapshot, Source } from './sources.ts'
import { identifier } from './sql.ts'
import { textIndexOf } from './text-of-segment.ts'
import { notErased, type Tombstones } from './tombstones.ts'

export interface TierOptions {
  dir: string
  engine: Engine
  now(): number
  /** A chapter is sealed into a segment when it has this many rows, or bytes of log. */
  sealRows: number
  sealBytes: number
  buildIndex(walPath: string): Promise<Uint8Array>
  tombstones: Tombstones
  /** Called with each batch that was found in the log at the start. */
  replayed(batch: Batch, retention: string): void
  /** Called when a segment is durable, before its log goes. */
  sealed(segment: SegmentInfo): void
}

export interface Tier {
  /** Makes the class's log ready, so that `append` knows the batch before it first waits. */
  open(retention: string): Promise<void>
  /** Durable when it resolves. `bytes`: the batch packed already. */
  append(retention: string, batch: Batch, bytes?: Uint8Array): Promise<void>
  unloaded(): Iterable<Unloaded>
  snapshot(): Snapshot
  segments(): SegmentInfo[]
  chapters(): Chapter[]
  /** Highest stored offset by partition key. */
  highest: Map<string, number>
  fields(): FieldCatalogue
  stats(): { events: number; bytes: number; oldest?: number; newest?: number; segments: number }
  manifest: Manifest
  /** To be called when tombstones were added: their rows are hidden from the snapshots that follow. */
  hide(): void
  /** Resolves when no file holds a row that has a tombstone now. */
  purge(): Promise<void>
  /** Resolves when what was open of the class is a segment. */
  closeChapter(retention: string): Promise<void>
  /** Leaves of a segment only the rows for which the SQL is true; without one, none. One that is not there changes nothing. */
  reduce(name: string, kept: string | undefined): Promise<void>
  /** Resolves when all that was durable before the call can be searched. */
  settle(): Promise<void>
  close(): Promise<void>
}

interface Class {
  retention: string
  current: Chapter
  sealing: Chapter[]
  rotating: boolean
}

/** Wait a little, so that many small writes become one table: each costs milliseconds, and `limits.visibleMs` leaves time. */
const loadDelayMs = 400
const retryMs = 1_000
/** So many sealed-size chapters may wait for the disk before writers are told that it is full. */
const chaptersWaitingMax = 3

export async function openTier(options: TierOptions): Promise<Tier> {
  const { dir, engine } = options
  for (const folder of ['log', 'segments', 'tmp', 'damaged'])
    mkdirSync(join(dir, 'events', folder), { recursive: true })
  for (const left of readdirSync(join(dir, 'events', 'tmp'))) rmSync(join(dir, 'events', 'tmp', left), { force: true })
  const manifest = await openManifest(dir)
  const sources = new Map<string, Source>()
  const highest = new Map<string, number>()
  const classes = new Map<string, Promise<Class>>()
  const opened = new Set<Class>()
  const writing = new Set<Unloaded>()
  const references = new Map<string, number>()
  const retired = new Set<string>()
  const timers = new Map<NodeJS.Timeout, () => void>()
  const work = new Set<Promise<void>>()
  const loads = new Map<Chapter, Promise<void>>()
  /** Segments by key, and chapters by name, that hold erased rows. */
  const hiding = new Set<string>()
  let sealChain: Promise<void> = Promise.resolve()
  let closing = false
  /** Why the last try to load or to seal a chapter failed; both are tried again until they work. */
  let stuck: unknown

  /** Ends at once when the store closes. */
  const later = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      if (closing) return resolve()
      const timer = setTimeout(() => {
        timers.delete(timer)
        resolve()
      }, ms)
      timers.set(timer, resolve)
    })

  const track = (promise: Promise<void>) => {
    work.add(promise)
    void promise.finally(() => work.delete(promise))
  }

  const addSegment = (segment: SegmentInfo) => {
    const source = segmentSource(dir, segment)
    sources.set(source.key, source)
    for (const partition of segment.partitions) raise(highest, partitionKey(partition), partition.to)
  }

  /** Hot tables by name, segments by path: gone when the last query that reads them is done. */
  const dropTables = (names: string[]) => {
    for (const name of names) {
      if ((references.get(name) ?? 0) > 0) retired.add(name)
      else if (name.endsWith('.parquet')) track(removeSegment(name))
      else track(engine.change(`DROP TABLE IF EXISTS ${identifier(name)}`).catch(() => {}))
    }
  }

  const hide = () => {
    const touched = (partitions: Iterable<Source['partitions'][number]>) =>
      [...partitions].some((partition) => options.tombstones.touches(partition))
    for (const source of sources.values()) if (touched(source.partitions)) hiding.add(source.key)
    for (const owner of opened)
      for (const chapter of [...owner.sealing, owner.current])
        if (touched(chapter.partitions.values())) hiding.add(chapter.name)
  }

  const visible = (name: string) => (hiding.has(name) ? { visible: notErased } : {})

  /** One load of a chapter at a time; whoever asks while one runs gets the one after it. */
  const load = (chapter: Chapter, delayMs: number): Promise<void> => {
    const running = loads.get(chapter)
    if (running !== undefined) return running
    const mine = (async () => {
      // Always a pause: without one the entry would be deleted before it is made below, and stay for ever.
      await (delayMs > 0 ? later(delayMs) : undefined)
      loads.delete(chapter)
      const before = lastLoad.get(chapter)
      const next = (async () => {
        await before
        let isStuck = false
        for (;;) {
          try {
            dropTables((await chapter.load()).map((table) => table.name))
            if (isStuck) stuck = undefined
            return
          } catch (error) {
            // Durable, but not to be searched yet: the disk may be full. It is tried until it works.
            if (closing) throw error
            isStuck = true
            stuck = error
            await later(retryMs)
          }
        }
      })()
      lastLoad.set(
        chapter,
        next.catch(() => {}),
      )
      await next
    })()
    loads.set(chapter, mine)
    track(mine.catch(() => {}))
    return mine
  }
  const lastLoad = new Map<Chapter, Promise<void>>()

  const seal = async (owner: Class, chapter: Chapter) => {
    while ([...writing].some((unloaded) => unloaded.chapter === chapter)) {
      await Promise.allSettled([...writing].map((unloaded) => unloaded.writing))
    }
    await load(chapter, 0)
    const isHiding = hiding.has(chapter.name)
    const erasedBefore = options.tombstones.count()
    const contents = {
      name: chapter.name,
      retention: chapter.retention,
      chapter: chapter.number,
      select: isHiding ? `SELECT * FROM (${unionOf(chapter.tables)}) WHERE ${notErased}` : unionOf(chapter.tables),
      partitions: [...chapter.partitions.values()],
      fields: chapter.fields.pack(),
    }
    const segment = await writeSegment(dir, engine, contents, async (path, rows) =>
      isHiding ? textIndexOf(engine, path, rows) : options.buildIndex(chapter.walPath),
    )
    const at = new Date(options.now()).toISOString()
    if (segment === undefined) await manifest.append({ kind: 'replace', at, name: chapter.name })
    else {
      options.sealed(segment)
      await manifest.append({ kind: 'add', at, segment })
      addSegment(segment)
    }
    hiding.delete(chapter.name)
    if (options.tombstones.count() !== erasedBefore) hide()
    owner.sealing = owner.sealing.filter((other) => other !== chapter)
    dropTables(chapter.tables.map((table) => table.name))
    await chapter.closeLog()
    if (chapter.broken.some((stretch) => !stretch.tail)) {
      await rename(chapter.walPath, join(dir, 'events', 'damaged', `${chapter.name}.wal`))
    } else await rm(chapter.walPath, { force: true })
  }

  const sealSoon = (owner: Class, chapter: Chapter) => {
    owner.sealing.push(chapter)
    sealChain = sealChain.then(async () => {
      while (!closing) {
        try {
          await seal(owner, chapter)
          stuck = undefined
          return
        } catch (error) {
          stuck = error
          // Its log is still there, so nothing is lost; a full disk is the usual reason.
          await later(retryMs)
        }
      }
    })
  }

  const rotate = async (owner: Class) => {
    owner.rotating = true
    try {
      const next = await openChapter(
        { dir, engine, now: options.now },
        owner.retention,
        owner.current.number + 1,
        false,
      )
      const full = owner.current
      owner.current = next
      sealSoon(owner, full)
    } catch {
      // The current chapter goes on growing until a new log can be made.
    } finally {
      owner.rotating = false
    }
  }

  const openClass = (retention: string): Promise<Class> => {
    const known = classes.get(retention)
    if (known !== undefined) return known
    const made = (async () => {
      const number = manifest.highestChapter(retention) + 1
      const current = await openChapter({ dir, engine, now: options.now }, retention, number, false)
      const owner: Class = { retention, current, sealing: [], rotating: false }
      opened.add(owner)
      return owner
    })()
    classes.set(retention, made)
    made.catch(() => classes.delete(retention))
    return made
  }

  /** `kept`: SQL that is true for the rows that stay; undefined where none does. */
  const rewrite = async (source: Source, kept: string | undefined) => {
    const old = source.segment
    if (old === undefined || !sources.has(source.key)) return
    const erasedBefore = options.tombstones.count()
    const segment = kept === undefined ? undefined : await rewriteSegment(dir, engine, old, kept)
    const at = new Date(options.now()).toISOString()
    if (segment === undefined) await manifest.append({ kind: 'replace', at, name: old.name })
    else {
      options.sealed(segment)
      await manifest.append({ kind: 'replace', at, name: old.name, segment })
      addSegment(segment)
    }
    sources.delete(source.key)
    hiding.delete(source.key)
    dropTables([source.key])
    // What was erased meanwhile may be in the new file.
    if (options.tombstones.count() !== erasedBefore) hide()
  }

  const removeSegment = async (path: string) => {
    await rm(path, { force: true })
    await rm(path.replace(/parquet$/, 'text'), { force: true })
  }

  /** A chapter that holds erased rows becomes a segment without them now; its log goes with it. */
  const purge = async () => {
    const count = options.tombstones.count()
    for (const owner of opened) {
      while (owner.rotating) await later(20)
      if (hiding.has(owner.current.name)) await rotate(owner)
    }
    const mine = sealChain.then(async () => {
      for (const source of [...sources.values()]) if (hiding.has(source.key)) await rewrite(source, notErased)
    })
    sealChain = mine.catch(() => {})
    await mine
    if (hiding.size === 0) await options.tombstones.purged(count)
  }

  const closeChapter = async (retention: string) => {
    const owner = [...opened].find((one) => one.retention === retention)
    if (owner === undefined) return
    while (owner.rotating) await later(20)
    if (owner.current.rows > 0) await rotate(owner)
    await sealChain
  }

  const reduce = async (name: string, kept: string | undefined) => {
    const mine = sealChain.then(async () => {
      const source = [...sources.values()].find(({ segment }) => segment?.name === name)
      if (source === undefined) return
      await rewrite(source, kept === undefined ? undefined : `(${kept}) AND ${notErased}`)
    })
    sealChain = mine.catch(() => {})
    await mine
  }

  const isFull = (chapter: Chapter) => chapter.rows >= options.sealRows || chapter.bytes >= options.sealBytes

  for (const segment of manifest.segments()) addSegment(segment)
  await sweep(dir, manifest)
  for (const [retention, numbers] of logsOf(dir)) {
    const chapters: Chapter[] = []
    for (const number of numbers) {
      const chapter = await openChapter({ dir, engine, now: options.now }, retention, number, true)
      for (const batch of chapter.pending) options.replayed(batch, retention)
      for (const [key, { to }] of chapter.partitions) raise(highest, key, to)
      chapters.push(chapter)
    }
    const current = chapters.at(-1)
    if (current === undefined) continue
    const owner: Class = { retention, current, sealing: [], rotating: false }
    opened.add(owner)
    classes.set(retention, Promise.resolve(owner))
    for (const chapter of chapters) await load(chapter, 0)
    for (const chapter of chapters.slice(0, -1)) sealSoon(owner, chapter)
  }
  for (const [key, offset] of options.tombstones.highest()) raise(highest, key, offset)
  hide()

  return {
    highest,
    manifest,
    async open(retention) {
      const owner = await openClass(retention)
      // Sealing that is only slow holds writers back; one that fails lets them through to be told why.
      while (owner.sealing.length > chaptersWaitingMax && stuck === undefined && !closing) await later(20)
    },
    async append(retention, batch, bytes) {
      if (closing) throw new VardeError('STORE_CLOSED', 'the store is closed')
      // Without a pause where the class is open: the next decision must find this batch among the unloaded ones.
      const owner = [...opened].find((one) => one.retention === retention) ?? (await openClass(retention))
      if (owner.sealing.length > chaptersWaitingMax && stuck !== undefined) {
        throw new VardeError('STORE_FULL', `${owner.sealing.length} chapters wait to be sealed`, {
          cause: stuck,
          hint: 'The disk of the data folder is full; the store goes on by itself.',
          facts: { retention, waiting: owner.sealing.length },
        })
      }
      const chapter = owner.current
      const written = chapter.append(batch, bytes)
      const unloaded: Unloaded = { batch, retention, chapter, writing: written }
      writing.add(unloaded)
      try {
        await written
      } finally {
        writing.delete(unloaded)
      }
      void load(chapter, loadDelayMs).catch(() => {})
      if (isFull(chapter) && owner.current === chapter && !owner.rotating) track(rotate(owner))
    },
    *unloaded() {
      yield* writing
      for (const owner of opened) {
        for (const chapter of [...owner.sealing, owner.current]) {
          for (const batch of chapter.pending) yield { batch, retention: chapter.retention, chapter }
        }
      }
    },
    snapshot() {
      const taken: Source[] = [...sources.values()].map((source) => ({ ...source, ...visible(source.key) }))
      const tables: string[] = []
      for (const { key } of taken) {
        tables.push(key)
        references.set(key, (references.get(key) ?? 0) + 1)
      }
      for (const owner of opened) {
        for (const chapter of [...owner.sealing, owner.current]) {
          for (const source of tableSources(chapter)) {
            taken.push({ ...source, ...visible(chapter.name) })
            tables.push(source.key)
            references.set(source.key, (references.get(source.key) ?? 0) + 1)
          }
        }
      }
      let released = false
      return {
        sources: taken,
        release() {
          if (released) return
          released = true
          const unused: string[] = []
          for (const name of tables) {
            const left = (references.get(name) ?? 1) - 1
            if (left > 0) references.set(name, left)
            else {
              references.delete(name)
              if (retired.delete(name)) unused.push(name)
            }
          }
          dropTables(unused)
        },
      }
    },
    segments: () => manifest.segments(),
    hide,
    purge,
    closeChapter,
    reduce,
    chapters: () => [...opened].flatMap((owner) => [...owner.sealing, owner.current]),
    fields() {
      const all = createFieldCatalogue()
      for (const segment of manifest.segments()) all.add(segment.fields)
      for (const owner of opened)
        for (const chapter of [...owner.sealing, owner.current]) all.add(chapter.fields.pack())
      return all
    },
    stats() {
      return statsOf(
        manifest.segments(),
        [...opened].flatMap((owner) => [...owner.sealing, owner.current]),
      )
    },
    async settle() {
      for (const owner of opened) for (const chapter of [...owner.sealing, owner.current]) await load(chapter, 0)
    },
    async close() {
      closing = true
      for (const [timer, resolve] of timers) {
        clearTimeout(timer)
        resolve()
      }
      await Promise.allSettled([...writing].map((unloaded) => unloaded.writing))
      await sealChain
      while (work.size > 0) await Promise.allSettled(work)
      await manifest.close()
      for (const owner of opened) for (const chapter of [...owner.sealing, owner.current]) await chapter.closeLog()
    },
  }
}

function raise(highest: Map<string, number>, key: string, offset: number): void {
  if (offset > (highest.get(key) ?? -1)) highest.set(key, offset)
}

function segmentSource(dir: string, segment: SegmentInfo): Source {
  const { retention, rows, from, to, blocks, partitions } = segment
  const fields = createFieldCatalogue(segment.fields)
  return {
    key: segmentPath(dir, segment.name),
    kind: 'segment',
    retention,
    rows,
    from,
    to,
    blocks,
    fields,
    partitions,
    segment,
  }
}

function tableSources(chapter: Chapter): Source[] {
  const partitions = [...chapter.partitions.values()]
  return chapter.tables.map((table) => ({
    key: table.name,
    kind: 'table',
    retention: chapter.retention,
    rows: table.rows,
    from: table.from,
    to: table.to,
    blocks: [{ rows: table.rows, from: table.from, to: table.to }],
    fields: chapter.fields,
    partitions,
    absent: absentFrom(table),
  }))
}

/** Logs that wait for their segment, by class, oldest first. */
function logsOf(dir: string): Map<string, number[]> {
  const logs = new Map<string, number[]>()
  for (const file of readdirSync(join(dir, 'events', 'log')).sort()) {
    const [, retention, number] = /^(.+)-(\d{8})\.wal$/.exec(file) ?? []
    if (retention === undefined || number === undefined) continue
    logs.set(retention, [...(logs.get(retention) ?? []), Number(number)])
  }
  return logs
}

/** What a crash may leave: logs whose segment is in the manifest, and files of segments that are not. */
async function sweep(dir: string, manifest: Manifest): Promise<void> {
  const known = new Set(manifest.segments().map((segment) => segment.name))
  for (const [retention, numbers] of logsOf(dir)) {
    for (const number of numbers) {
      const name = chapterName(retention, number)
      if (known.has(name) || manifest.replaced().has(name))
        await rm(join(dir, 'events', 'log', `${name}.wal`), { force: true })
    }
  }
  for (const file of readdirSync(join(dir, 'events', 'segments'))) {
    const name = file.replace(/\.(parquet|text)(\.tmp)?$/, '')
    if (known.has(name) && !file.endsWith('.tmp')) continue
    // A rewriting that never ended, or the segment that one has replaced.
    if (manifest.replaced().has(name) || (isRevision(name) && !known.has(name))) {
      await rm(join(dir, 'events', 'segments', file), { force: true })
      continue
    }
    const hasLog = existsSync(join(dir, 'events', 'log', `${name}.wal`))
    if (!hasLog && !known.has(name) && file.endsWith('.parquet')) {
      throw new VardeError('STORE_DAMAGED', `${segmentPath(dir, name)} is not in the manifest, and its log is gone`, {
        hint: 'The end of the manifest was lost: restore events/manifest from a copy.',
        facts: { path: segmentPath(dir, name) },
      })
    }
    if (hasLog || file.endsWith('.tmp')) await rm(join(dir, 'events', 'segments', file), { force: true })
  }
}

function statsOf(segments: SegmentInfo[], chapters: Chapter[]) {
  let events = 0
  let bytes = 0
  let oldest = Number.POSITIVE_INFINITY
  let newest = Number.NEGATIVE_INFINITY
  for (const segment of segments) {
    events += segment.rows
    bytes += segment.bytes + segment.indexBytes
    oldest = Math.min(oldest, segment.from)
    newest = Math.max(newest, segment.to)
  }
  for (const chapter of chapters) {
    events += chapter.rows
    bytes += chapter.bytes
    for (const table of chapter.tables) {
      oldest = Math.min(oldest, table.from)
      newest = Math.max(newest, table.to)
    }
  }
  const range = events > 0 && Number.isFinite(oldest) ? { oldest, newest } : {}
  return { events, bytes, ...range, segments: segments.length }
}
