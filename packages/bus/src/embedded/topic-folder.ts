// A topic's folder: the file that says what it is, and the folders of its partitions.
import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { VardeError } from '@varde/runtime'
import type { TopicInfo, TopicSettings } from '../port.ts'
import { syncFolder } from './segment.ts'

export interface Topic extends TopicInfo {
  settings: TopicSettings
}

const topicName = /^[a-z0-9][a-z0-9._-]{0,99}$/
const partitionsMax = 1_000

export function assertTopicSettings(name: string, settings: TopicSettings): void {
  if (!topicName.test(name))
    throw settingsError(name, 'a name has lower case letters, digits, dots, _ and -, at most 100')
  const { partitions, retentionMs = 1, retentionBytes = 1 } = settings
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > partitionsMax)
    throw settingsError(name, `it can't have ${partitions} partitions`)
  if (!(retentionMs > 0) || !(retentionBytes > 0)) throw settingsError(name, 'a retention must be above zero')
}

export function settingsError(name: string, problem: string): VardeError {
  return new VardeError('BUS_TOPIC_SETTINGS', `topic ${name}: ${problem}`, { facts: { topic: name } })
}

export function partitionFolder(topicsFolder: string, topic: string, partition: number): string {
  return join(topicsFolder, topic, String(partition))
}

export async function readTopics(topicsFolder: string): Promise<Topic[]> {
  await mkdir(topicsFolder, { recursive: true })
  const topics: Topic[] = []
  for (const name of (await readdir(topicsFolder)).sort()) {
    const path = join(topicsFolder, name, 'topic.json')
    const text = await readFile(path, 'utf8').catch(() => undefined)
    // A crash before the first `topic.json`: the topic was never there.
    if (text === undefined && !(await hasSegments(join(topicsFolder, name)))) continue
    topics.push(parseTopic(text ?? '', path))
  }
  return topics
}

async function hasSegments(folder: string): Promise<boolean> {
  return (await readdir(folder, { recursive: true })).some((path) => path.endsWith('.seg'))
}

/** Creates the folders, then writes the file that makes the topic exist: in one step, durable when it resolves. */
export async function writeTopic(topicsFolder: string, topic: Topic): Promise<void> {
  const folder = join(topicsFolder, topic.name)
  for (let partition = 0; partition < topic.partitions; partition += 1)
    await mkdir(partitionFolder(topicsFolder, topic.name, partition), { recursive: true })
  const { name, incarnation, settings } = topic
  const content = JSON.stringify({ version: 1, name, incarnation, settings })
  await writeDurable(join(folder, 'topic.json'), `${JSON.stringify({ content, check: crc32(content) })}\n`)
  await syncFolder(topicsFolder)
}

export function newIncarnation(): string {
  return randomUUID()
}

export async function writeDurable(path: string, text: string): Promise<void> {
  const file = await open(`${path}.tmp`, 'w')
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${path}.tmp`, path)
  await syncFolder(join(path, '..'))
}

/** The content of a file that carries its own checksum, or in words what is wrong with it. */
export function checkedContent(text: string): { ok: true; content: unknown } | { ok: false; problem: string } {
  try {
    const outer: unknown = JSON.parse(text)
    if (typeof outer !== 'object' || outer === null || !('content' in outer) || typeof outer.content !== 'string')
      return { ok: false, problem: 'it is not of this form' }
    if (!('check' in outer) || outer.check !== crc32(outer.content))
      return { ok: false, problem: 'its checksum is wrong' }
    // The checksum covers the content's text: what is around it must be as it was written too.
    if (text !== `${JSON.stringify({ content: outer.content, check: outer.check })}\n`)
      return { ok: false, problem: 'it was written by something else' }
    return { ok: true, content: JSON.parse(outer.content) }
  } catch (error) {
    return { ok: false, problem: error instanceof Error ? error.message : String(error) }
  }
}

function parseTopic(text: string, path: string): Topic {
  const read = checkedContent(text)
  const problem = read.ok ? undefined : read.problem
  const content: unknown = read.ok ? read.content : undefined
  if (isTopicFile(content)) {
    if (content.version !== 1)
      throw new VardeError('BUS_DAMAGED', `${path} has version ${content.version}, this Varde reads 1`, {
        facts: { file: path },
      })
    return {
      name: content.name,
      incarnation: content.incarnation,
      partitions: content.settings.partitions,
      settings: content.settings,
    }
  }
  throw new VardeError('BUS_DAMAGED', `${path} can't be read: ${problem ?? 'it is not of this form'}`, {
    facts: { file: path, at: 0 },
    hint: 'Restore this one small file from a backup; the segments beside it hold the records.',
  })
}

function isTopicFile(
  content: unknown,
): content is { version: number; name: string; incarnation: string; settings: TopicSettings } {
  if (typeof content !== 'object' || content === null) return false
  if (!('version' in content && 'name' in content && 'incarnation' in content && 'settings' in content)) return false
  const { settings } = content
  return (
    typeof settings === 'object' &&
    settings !== null &&
    'partitions' in settings &&
    typeof settings.partitions === 'number'
  )
}
