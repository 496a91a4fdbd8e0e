// The text index of a segment: per block a bitmap of the trigrams of its raw lines, and a Bloom filter of their words.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { LRUCache } from 'lru-cache'
import type { EventFilter } from '../port.ts'
import { type Batch, unpackBatch } from './batch.ts'
import { walKind } from './chapter.ts'
import { readFrames } from './frame-log.ts'
import { blockRows, indexPath } from './segment.ts'
import type { Source } from './sources.ts'
import { type Needed, neededOf } from './text-needed.ts'

/** 64 classes of characters, three in a row: 2^18 bits. */
export const trigramBytes = 32 * 1024
/** 3.2 B an event; about 2 % false hits at 60k different words a block. */
export const bloomBytes = 64 * 1024
const bloomMask = bloomBytes * 8 - 1
const bloomProbes = 4
const head = Buffer.from('VARDE\0TEXT\x01\0', 'latin1')
const cacheBytes = 128 * 1024 * 1024
/** So many lines are indexed before others get the thread. */
const linesAtOnce = 2_000

export interface TextBlock {
  trigrams: Uint8Array
  bloom: Uint8Array
}

export interface TextIndexes {
  /** Numbers of the blocks in which the filter's text could stand; undefined: the index can't tell. */
  candidates(filter: EventFilter, source: Source): Promise<Set<number> | undefined>
  forget(name: string): void
}

export function createTextIndexes(dir: string): TextIndexes {
  const cache = new LRUCache<string, TextBlock[]>({
    maxSize: cacheBytes,
    sizeCalculation: (blocks) => 1 + blocks.length * (trigramBytes + bloomBytes),
  })
  const blocksOf = async (name: string): Promise<TextBlock[] | undefined> => {
    const known = cache.get(name)
    if (known !== undefined) return known
    const path = indexPath(dir, name)
    if (!existsSync(path)) return undefined
    const blocks = unpackTextIndex(await readFile(path))
    if (blocks !== undefined) cache.set(name, blocks)
    return blocks
  }
  return {
    async candidates(filter, source) {
      if (source.segment === undefined) return undefined
      const needed = neededOf(filter.query)
      if (needed === undefined) return undefined
      const blocks = await blocksOf(source.segment.name)
      // Without a readable index all blocks are read: slower, never wrong.
      if (blocks === undefined || blocks.length !== source.blocks.length) return undefined
      const found = new Set<number>()
      for (const [number, block] of blocks.entries()) if (mayHold(block, needed)) found.add(number)
      return found
    },
    forget: (name) => cache.delete(name),
  }
}

function mayHold(block: TextBlock, needed: Needed): boolean {
  switch (needed.kind) {
    case 'and':
      return needed.of.every((part) => mayHold(block, part))
    case 'or':
      return needed.of.some((part) => mayHold(block, part))
    case 'text':
      return (
        needed.trigrams.every((bit) => hasBit(block.trigrams, bit)) &&
        needed.words.every((hash) => hasWord(block, hash))
      )
  }
}

function hasBit(bits: Uint8Array, bit: number): boolean {
  return ((bits[bit >>> 3] ?? 0) & (1 << (bit & 7))) !== 0
}

function hasWord(block: TextBlock, hash: number): boolean {
  const step = secondHash(hash)
  for (let probe = 0, at = hash; probe < bloomProbes; probe += 1, at = (at + step) | 0) {
    if (!hasBit(block.bloom, at & bloomMask)) return false
  }
  return true
}

function addWord(bloom: Uint8Array, hash: number): void {
  const step = secondHash(hash)
  for (let probe = 0, at = hash; probe < bloomProbes; probe += 1, at = (at + step) | 0) {
    const bit = at & bloomMask
    bloom[bit >>> 3] = (bloom[bit >>> 3] ?? 0) | (1 << (bit & 7))
  }
}

function secondHash(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) | 1
}

export const hashStart = 0x811c9dc5 | 0
export function hashStep(hash: number, character: number): number {
  return Math.imul(hash ^ character, 0x01000193)
}

/** Lower case of an ASCII character. */
const lower = Uint8Array.from({ length: 128 }, (_, code) => (code >= 65 && code <= 90 ? code + 32 : code))
/** 1 for a letter, digit or `_`. */
const isWord = Uint8Array.from({ length: 128 }, (_, code) => (/[a-z0-9_]/i.test(String.fromCharCode(code)) ? 1 : 0))
/** Letters, digits and the commoner signs have a class each; the rest share number 0. */
const classes = Uint8Array.from({ length: 128 }, (_, code) => {
  const place = 'abcdefghijklmnopqrstuvwxyz0123456789_ .-:/=\\,;"\'()[]{}<>@%&+#|*?'.indexOf(
    String.fromCharCode(code).toLowerCase(),
  )
  return place === -1 || place > 62 ? 0 : place + 1
})

export function trigramOf(a: number, b: number, c: number): number {
  return ((classes[a] ?? 0) << 12) | ((classes[b] ?? 0) << 6) | (classes[c] ?? 0)
}

/** Lower case as the index sees it: the two other letters that fold to ASCII ones are among them (Kelvin sign, long s). */
export function foldText(text: string): string {
  return text.toLowerCase().replaceAll('ſ', 's')
}

/** What a letter behind a backslash stands for (RFC 8259 §7); 0 for `u`, whose character may be any. */
const escaped = Uint8Array.from({ length: 256 }, (_, code) => {
  const place = 'bfnrt"\\/'.indexOf(String.fromCharCode(code))
  return place < 0 ? 0 : '\b\f\n\r\t"\\/'.charCodeAt(place)
})
/** First bytes in UTF-8 of letters beyond ASCII that fold to ones within: U+0130, U+017F, U+212A. */
const mayFold = Uint8Array.from({ length: 256 }, (_, byte) => (byte === 0xc4 || byte === 0xc5 || byte === 0xe2 ? 1 : 0))

function textOf(bytes: Uint8Array, from: number, to: number): string {
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('utf8'))
}

export interface TextIndexBuilder {
  /** One raw line, as a string of JSON in bytes, from its opening quote on. */
  addJson(bytes: Uint8Array, from: number, to: number): void
  addText(text: string): void
  finish(): Uint8Array
}

export function createTextIndexBuilder(): TextIndexBuilder {
  const parts: Uint8Array[] = []
  let rows = 0
  let block = newBlock()

  const endLine = () => {
    rows += 1
    if (rows % blockRows === 0) endBlock()
  }
  const endBlock = () => {
    parts.push(zstdCompressSync(block.trigrams), zstdCompressSync(block.bloom))
    block = newBlock()
  }

  const addText = (text: string) => {
    const folded = foldText(text)
    let a = -1
    let b = -1
    let hash = hashStart
    for (let at = 0; at < folded.length; at += 1) {
      const c = folded.charCodeAt(at)
      if (c >= 128) {
        if (hash !== hashStart) addWord(block.bloom, hash)
        hash = hashStart
        a = -1
        b = -1
        continue
      }
      if (a >= 0) setBit(block.trigrams, trigramOf(a, b, c))
      a = b
      b = c
      if (isWord[c] === 1) hash = hashStep(hash, c)
      else if (hash !== hashStart) {
        addWord(block.bloom, hash)
        hash = hashStart
      }
    }
    if (hash !== hashStart) addWord(block.bloom, hash)
    endLine()
  }

  return {
    addJson(bytes, from, to) {
      const { trigrams, bloom } = block
      let a = -1
      let b = -1
      let hash = hashStart
      for (let at = from + 1; at < to; at += 1) {
        let byte = bytes[at] ?? 0
        if (byte === 34) break
        if (byte === 92) {
          at += 1
          byte = escaped[bytes[at] ?? 0] ?? 0
          if (byte === 0) return addText(textOf(bytes, from, to))
        } else if (byte >= 128) {
          if (mayFold[byte] === 1) return addText(textOf(bytes, from, to))
          if (hash !== hashStart) addWord(bloom, hash)
          hash = hashStart
          a = -1
          b = -1
          continue
        }
        const c = lower[byte] ?? 0
        if (a >= 0) {
          const bit = trigramOf(a, b, c)
          trigrams[bit >>> 3] = (trigrams[bit >>> 3] ?? 0) | (1 << (bit & 7))
        }
        a = b
        b = c
        if (isWord[c] === 1) hash = hashStep(hash, c)
        else if (hash !== hashStart) {
          addWord(bloom, hash)
          hash = hashStart
        }
      }
      if (hash !== hashStart) addWord(bloom, hash)
      endLine()
    },
    addText,
    finish() {
      if (rows % blockRows !== 0) endBlock()
      const lengths = Buffer.alloc(4 + parts.length * 4)
      lengths.writeUInt32LE(parts.length, 0)
      for (const [index, part] of parts.entries()) lengths.writeUInt32LE(part.length, 4 + index * 4)
      const body = Buffer.concat([head, lengths, ...parts])
      return Buffer.concat([body, createHash('sha256').update(body).digest()])
    },
  }
}

function newBlock(): TextBlock {
  return { trigrams: new Uint8Array(trigramBytes), bloom: new Uint8Array(bloomBytes) }
}

function setBit(bits: Uint8Array, bit: number): void {
  bits[bit >>> 3] = (bits[bit >>> 3] ?? 0) | (1 << (bit & 7))
}

/** Undefined where the bytes are damaged, or of another version. */
export function unpackTextIndex(bytes: Buffer): TextBlock[] | undefined {
  const body = bytes.subarray(0, Math.max(0, bytes.length - 32))
  if (!createHash('sha256').update(body).digest().equals(bytes.subarray(body.length))) return undefined
  if (!body.subarray(0, head.length).equals(head)) return undefined
  const parts = body.readUInt32LE(head.length)
  const blocks: TextBlock[] = []
  let at = head.length + 4 + parts * 4
  const take = (part: number) => {
    const length = body.readUInt32LE(head.length + 4 + part * 4)
    at += length
    return new Uint8Array(zstdDecompressSync(body.subarray(at - length, at)))
  }
  for (let part = 0; part < parts; part += 2) blocks.push({ trigrams: take(part), bloom: take(part + 1) })
  return blocks
}

/** The index of the segment that this log becomes: rows of both stand in the same order. */
export async function buildTextIndex(walPath: string): Promise<Uint8Array> {
  const builder = createTextIndexBuilder()
  for (const read of readFrames(walPath, walKind)) {
    if ('broken' in read) continue
    const batch = unpackBatch(read.frame.payload)
    for (let from = 0; from < batch.rows; from += linesAtOnce) {
      addLines(builder, batch, from, Math.min(batch.rows, from + linesAtOnce))
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return builder.finish()
}

function addLines(builder: TextIndexBuilder, batch: Batch, from: number, to: number): void {
  for (let row = from; row < to; row += 1) {
    // A line ends with `}` and a newline behind the raw text.
    builder.addJson(batch.lines, batch.rawStart[row] ?? 0, (batch.lineEnd[row] ?? 0) - 2)
  }
}
