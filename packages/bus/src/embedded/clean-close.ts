// The note of an orderly close: where every partition ended. Whatever is missing at the next start was not torn by a crash.
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { CleanEnd } from './recover.ts'
import { syncFolder } from './segment.ts'
import { checkedContent, writeDurable } from './topic-folder.ts'

/** `<topic>/<partition>` → where it ended. */
export type CleanEnds = Record<string, CleanEnd>

export async function writeCleanClose(dir: string, ends: CleanEnds): Promise<void> {
  const content = JSON.stringify({ version: 1, ends })
  await writeDurable(join(dir, 'closed.json'), `${JSON.stringify({ content, check: crc32(content) })}\n`)
}

/** The note, or undefined where there is none that can be trusted: then the start is that after a crash. */
export async function readCleanClose(dir: string): Promise<CleanEnds | undefined> {
  const text = await readFile(join(dir, 'closed.json'), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const read = checkedContent(text)
  const content: unknown = read.ok ? read.content : undefined
  if (
    typeof content !== 'object' ||
    content === null ||
    !('ends' in content) ||
    typeof content.ends !== 'object' ||
    content.ends === null
  )
    return undefined
  const ends: CleanEnds = {}
  for (const [place, end] of Object.entries(content.ends)) if (isCleanEnd(end)) ends[place] = end
  return ends
}

/** Why the note can't be read, where there is one that can't. */
export async function cleanCloseProblem(dir: string): Promise<string | undefined> {
  const text = await readFile(join(dir, 'closed.json'), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const read = checkedContent(text)
  return read.ok ? undefined : read.problem
}

/** Before the first append: from here on the note would be wrong. */
export async function removeCleanClose(dir: string): Promise<void> {
  await rm(join(dir, 'closed.json'), { force: true })
  await syncFolder(dir)
}

function isCleanEnd(value: unknown): value is CleanEnd {
  if (typeof value !== 'object' || value === null || !('base' in value && 'bytes' in value && 'end' in value))
    return false
  return [value.base, value.bytes, value.end].every(Number.isSafeInteger)
}
