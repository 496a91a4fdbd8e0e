// What a partition's folder holds when it is opened: torn tails are cut, damage is kept and remembered.
import { type FileHandle, mkdir, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Opened, openForAppend } from './partition.ts'
import {
  baseOfName,
  createSegment,
  type Damage,
  decodeSegmentHeader,
  noteFrame,
  type Segment,
  segmentHeaderBytes,
  segmentName,
  syncFolder,
  type Walked,
  walkFrames,
} from './segment.ts'

export interface PartitionPlace {
  folder: string
  topic: string
  partition: number
  incarnation: string
}

/** Where the last segment ended when the bus was closed in order: then nothing can be torn. */
export interface CleanEnd {
  base: number
  bytes: number
  end: number
}

export interface Recovered extends Opened {
  tornTails: number
  tornBytes: number
}

export async function segmentBases(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch(() => [])
  const bases = names.flatMap((name) => baseOfName(name) ?? [])
  return bases.sort((a, b) => a - b)
}

/**
 * Opens the segments of a partition. Only the last file is read whole: the ones before it were durable when it was
 * begun, and are checked when they are read. After a crash, what was written but never made durable is cut off; bytes
 * that were durable stay, however damaged, so that a look at them is possible and later offsets keep their place.
 */
export async function recoverPartition(
  place: PartitionPlace,
  now: number,
  clean: CleanEnd | undefined,
): Promise<Recovered> {
  await mkdir(place.folder, { recursive: true })
  const bases = await segmentBases(place.folder)
  let torn = { tornTails: 0, tornBytes: 0 }
  const last = bases.at(-1)
  if (last !== undefined && clean === undefined && (await headerIsTorn(join(place.folder, segmentName(last))))) {
    // The crash came between creating the file and making its header durable: nothing was ever in it.
    await rm(join(place.folder, segmentName(last)))
    await syncFolder(place.folder)
    bases.pop()
    torn = { tornTails: 1, tornBytes: 0 }
  }
  const segments = await Promise.all(bases.map((base) => describeSegment(place, base)))
  const active = segments.at(-1)
  if (active === undefined || (clean !== undefined && active.base !== clean.base)) {
    // New, or the last file was taken away since the bus was closed: its offsets are not given out again.
    const base = clean?.end ?? last ?? 0
    const { segment, file } = await createSegment(place.folder, { ...place, base, createdAt: now })
    return { segments: [...segments, segment], file, end: base, appendedAt: 0, ...torn }
  }
  const file = await openForAppend(active.path)
  const { end, durable, appendedAt } =
    clean === undefined ? await readAfterCrash(active, file) : await readAfterClose(active, file, clean)
  const cut = active.bytes - durable
  if (cut > 0) {
    await file.truncate(durable)
    await file.datasync()
    active.bytes = durable
    torn = { tornTails: torn.tornTails + 1, tornBytes: cut }
  }
  return { segments, file, end, appendedAt, ...torn }
}

async function headerIsTorn(path: string): Promise<boolean> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    if (size > segmentHeaderBytes) return false
    const header = Buffer.alloc(size)
    await file.read(header, 0, size, 0)
    return typeof decodeSegmentHeader(header) === 'string'
  } finally {
    await file.close()
  }
}

async function describeSegment(place: PartitionPlace, base: number): Promise<Segment> {
  const path = join(place.folder, segmentName(base))
  const file = await open(path, 'r')
  try {
    const { size, mtimeMs } = await file.stat()
    const bytes = Buffer.alloc(Math.min(size, segmentHeaderBytes))
    await file.read(bytes, 0, bytes.length, 0)
    const header = decodeSegmentHeader(bytes)
    const segment: Segment = { path, base, createdAt: Math.floor(mtimeMs), bytes: size, index: [], damages: [] }
    // A damaged header costs nothing that the name and the frames don't tell too: `check` names it, reading goes on.
    if (typeof header !== 'string') segment.createdAt = header.createdAt
    return segment
  } finally {
    await file.close()
  }
}

interface Ends {
  end: number
  durable: number
  /** UTC milliseconds of the newest record, 0 for none. */
  appendedAt: number
}

/**
 * Broken bytes with a later frame that was begun when they were durable already were damaged since. Otherwise they and
 * all behind them were being written at the moment of the crash, in any order: a torn tail.
 */
async function readAfterCrash(segment: Segment, file: FileHandle): Promise<Ends> {
  let sure: Ends = { end: segment.base, durable: segmentHeaderBytes, appendedAt: 0 }
  let unsure: { damages: Damage[]; frames: { offset: number; position: number }[]; end: number } | undefined
  for await (const step of walkFrames(file, segmentHeaderBytes, segment.bytes, true)) {
    if (step.kind === 'broken') {
      unsure ??= { damages: [], frames: [], end: sure.end }
      unsure.damages.push(damageOf(step, unsure.end))
      continue
    }
    const { base, count, bytes, durable, appendedAt } = step.header
    if (unsure === undefined) {
      noteFrame(segment, base, step.at)
      sure = { end: base + count, durable: step.at + bytes, appendedAt }
      continue
    }
    unsure.frames.push({ offset: base, position: step.at })
    unsure.end = base + count
    const [first] = unsure.damages
    if (first === undefined || durable <= first.at) continue
    segment.damages.push(...unsure.damages)
    for (const { offset, position } of unsure.frames) noteFrame(segment, offset, position)
    sure = { end: base + count, durable: step.at + bytes, appendedAt }
    unsure = undefined
  }
  return sure
}

/** Nothing can be torn: what is broken or missing was damaged since. */
async function readAfterClose(segment: Segment, file: FileHandle, clean: CleanEnd): Promise<Ends> {
  const durable = Math.min(segment.bytes, clean.bytes)
  let end = segment.base
  let appendedAt = 0
  for await (const step of walkFrames(file, segmentHeaderBytes, durable, true)) {
    if (step.kind === 'broken') segment.damages.push(damageOf(step, end, clean.end))
    else {
      noteFrame(segment, step.header.base, step.at)
      end = step.header.base + step.header.count
      appendedAt = step.header.appendedAt
    }
  }
  if (segment.bytes < clean.bytes && segment.damages.at(-1)?.until !== durable) {
    segment.damages.push({ at: segment.bytes, until: clean.bytes, from: end, next: clean.end })
  }
  return { end: clean.end, durable, appendedAt }
}

function damageOf(step: Walked & { kind: 'broken' }, from: number, end?: number): Damage {
  const next = step.next?.base ?? end
  return { at: step.at, until: step.until, from, ...(next === undefined ? {} : { next }) }
}
