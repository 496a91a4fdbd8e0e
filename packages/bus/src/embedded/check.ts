// Checks every byte of a bus folder against its checksums, and names what does not hold.
import { open, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { type CleanEnds, cleanCloseProblem, readCleanClose } from './clean-close.ts'
import { segmentBases } from './recover.ts'
import { decodeSegmentHeader, segmentHeaderBytes, segmentName, walkFrames } from './segment.ts'
import { partitionFolder, readTopics, type Topic } from './topic-folder.ts'

export interface BusFinding {
  /** Path below the bus folder, and where in it. */
  file: string
  at?: string
  problem: string
  rebuilt: boolean
}

export interface CheckOptions {
  /** Durable ends of the last segments while the bus is open; without it, the note of its last close is used. */
  ends?: CleanEnds
  progress?: (doneBytes: number, totalBytes: number) => void
}

/** Findings of a whole bus folder, in the order of its files; none where all holds. */
export async function checkBusFolder(dir: string, options: CheckOptions = {}): Promise<BusFinding[]> {
  const findings: BusFinding[] = []
  const find = (path: string, problem: string, at?: number) => {
    findings.push({
      file: relative(dir, path),
      problem,
      rebuilt: false,
      ...(at === undefined ? {} : { at: `byte ${at}` }),
    })
  }
  const topicsFolder = join(dir, 'topics')
  const ends = options.ends ?? (await readCleanClose(dir))
  const note = options.ends === undefined ? await cleanCloseProblem(dir) : undefined
  if (note !== undefined) find(join(dir, 'closed.json'), `${note}; the next start will be that after a crash`)
  let topics: Topic[] = []
  try {
    topics = await readTopics(topicsFolder)
  } catch (error) {
    find(topicsFolder, error instanceof Error ? error.message : String(error))
  }
  const files = await filesOf(topicsFolder, topics)
  for (const [place, { base }] of Object.entries(ends ?? {})) {
    if (files.some((file) => file.place === place && file.base === base)) continue
    find(join(topicsFolder, place, segmentName(base)), 'the file is missing: it was the last of its partition')
  }
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  let done = 0
  for (const [n, file] of files.entries()) {
    const following = files[n + 1]
    const next = following?.folder === file.folder ? following.base : undefined
    await checkSegment(file, { next, end: ends?.[file.place] }, find)
    done += file.bytes
    options.progress?.(done, total)
  }
  return findings
}

interface SegmentFile {
  place: string
  folder: string
  path: string
  topic: Topic
  partition: number
  base: number
  bytes: number
}

async function filesOf(topicsFolder: string, topics: Topic[]): Promise<SegmentFile[]> {
  const files: SegmentFile[] = []
  for (const topic of topics) {
    for (let partition = 0; partition < topic.partitions; partition += 1) {
      const folder = partitionFolder(topicsFolder, topic.name, partition)
      for (const base of await segmentBases(folder)) {
        const path = join(folder, segmentName(base))
        files.push({
          place: `${topic.name}/${partition}`,
          folder,
          path,
          topic,
          partition,
          base,
          bytes: (await stat(path)).size,
        })
      }
    }
  }
  return files
}

type Find = (path: string, problem: string, at?: number) => void

async function checkSegment(
  segment: SegmentFile,
  known: { next: number | undefined; end: { base: number; bytes: number; end: number } | undefined },
  find: Find,
): Promise<void> {
  const { path, base, topic, partition } = segment
  const file = await open(path, 'r')
  try {
    const bytes = Buffer.alloc(Math.min(segmentHeaderBytes, segment.bytes))
    await file.read(bytes, 0, bytes.length, 0)
    const header = decodeSegmentHeader(bytes)
    if (typeof header === 'string') find(path, header, 0)
    else if (header.base !== base || header.partition !== partition || header.incarnation !== topic.incarnation) {
      find(
        path,
        `it belongs to partition ${header.partition} of incarnation ${header.incarnation}, from offset ${header.base} on`,
        0,
      )
    }
    const last = known.next === undefined
    const durable = last && known.end?.base === base ? known.end : undefined
    let end = base
    for await (const step of walkFrames(file, segmentHeaderBytes, durable?.bytes ?? segment.bytes, true)) {
      if (step.kind === 'broken') {
        // Without a note of where it ended, a last file's end may be torn: that is cut at the next start, and counted.
        if (durable === undefined && last && step.next === undefined) continue
        const goesOn =
          step.next === undefined ? 'to its end' : `up to byte ${step.until}, where offset ${step.next.base} begins`
        find(
          path,
          `the bytes ${step.at} ${goesOn} are not what was written: records from offset ${end} on are lost`,
          step.at,
        )
        if (step.next !== undefined) end = step.next.base
        continue
      }
      if (step.header.base !== end) find(path, `offset ${step.header.base} follows ${end}`, step.at)
      end = step.header.base + step.header.count
    }
    const expected = durable?.end ?? known.next ?? end
    if (end !== expected) find(path, `it ends at offset ${end}, expected was ${expected}`, segment.bytes)
  } finally {
    await file.close()
  }
}
