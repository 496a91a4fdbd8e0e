// A correlator's snapshot in the store: small ones as one text, large ones in pieces of a set that the state document names.
import { hitsTopic, type JsonObject } from '@varde/schema'
import { collections, type DocumentStore } from '@varde/store'
import type { CorrelatorSnapshot } from './correlator.ts'

/** Of one document: far below what a store takes, large enough that a million windows are some hundred. */
const pieceChars = 2_000_000

/** What the state document says of its snapshot. */
export type SnapshotRef = { snapshot: string } | { pieces: { set: string; count: number } }

interface Head extends Omit<CorrelatorSnapshot, 'rules'> {
  rules: string[]
}

/** The first is the head; the others are each a part of one rule's windows. */
export function* piecesOf(snapshot: CorrelatorSnapshot, charsMax = pieceChars): Generator<string> {
  const { rules, ...rest } = snapshot
  const head: Head = { ...rest, rules: rules.map(([digest]) => digest) }
  yield JSON.stringify(head)
  for (const [rule, windows] of rules.entries()) {
    let texts: string[] = []
    let chars = 0
    const piece = () => `{"rule":${rule},"windows":[${texts.join(',')}]}`
    for (const window of windows[1]) {
      const text = JSON.stringify(window)
      texts.push(text)
      chars += text.length
      if (chars < charsMax) continue
      yield piece()
      texts = []
      chars = 0
    }
    if (texts.length > 0) yield piece()
  }
}

export function snapshotOf(pieces: readonly string[]): CorrelatorSnapshot | undefined {
  const [first, ...others] = pieces
  if (first === undefined) return undefined
  const head: Head = JSON.parse(first)
  const windows = new Map<number, unknown[]>()
  for (const text of others) {
    const piece: { rule: number; windows: unknown[] } = JSON.parse(text)
    const known = windows.get(piece.rule)
    if (known === undefined) windows.set(piece.rule, piece.windows)
    else for (const window of piece.windows) known.push(window)
  }
  return { ...head, rules: head.rules.map((digest, rule) => [digest, windows.get(rule) ?? []]) }
}

const { name } = collections.state
const pieceId = (partition: number, set: string, n: number) => `correlator.${hitsTopic}.${partition}.${set}.${n}`

const stop: IteratorReturnResult<undefined> = { done: true, value: undefined }

/** `set` must be new: nobody reads it before the state document names it. */
export async function writeSnapshot(
  documents: DocumentStore,
  { partition, set, charsMax = pieceChars }: { partition: number; set: string; charsMax?: number },
  snapshot: CorrelatorSnapshot,
): Promise<SnapshotRef> {
  const pieces = piecesOf(snapshot, charsMax)
  const small: string[] = []
  let chars = 0
  // Not `for … of`: leaving that would end the generator.
  for (let next = pieces.next(); next.done !== true; next = chars > charsMax ? stop : pieces.next()) {
    small.push(next.value)
    chars += next.value.length
  }
  if (chars <= charsMax) return { snapshot: JSON.stringify(small) }
  let count = 0
  const put = async (text: string) => {
    const id = pieceId(partition, set, count++)
    const written = await documents.create<JsonObject>(name, id, { text })
    // A set that was begun and never named, by a process that died.
    if (!written.ok && written.current !== undefined)
      await documents.update<JsonObject>(name, id, { text }, written.current.version)
  }
  for (const text of small) await put(text)
  for (const text of pieces) await put(text)
  return { pieces: { set, count } }
}

/** The set that a state document names. */
export function pieceSetOf({ pieces }: JsonObject): { set: string; count: number } | undefined {
  if (typeof pieces !== 'object' || pieces === null || Array.isArray(pieces)) return undefined
  return { set: String(pieces['set']), count: Number(pieces['count']) }
}

/** Of a state document; undefined where it has none, or a piece is missing. */
export async function readSnapshot(
  documents: DocumentStore,
  partition: number,
  doc: JsonObject,
): Promise<CorrelatorSnapshot | undefined> {
  if (typeof doc['snapshot'] === 'string') {
    const value: string[] | CorrelatorSnapshot = JSON.parse(doc['snapshot'])
    // Before there were pieces it was the snapshot itself.
    return Array.isArray(value) ? snapshotOf(value) : value
  }
  const ref = pieceSetOf(doc)
  if (ref === undefined) return undefined
  const texts: string[] = []
  for (let n = 0; n < ref.count; n++) {
    const found = await documents.get<JsonObject>(name, pieceId(partition, ref.set, n))
    if (typeof found?.doc['text'] !== 'string') return undefined
    texts.push(found.doc['text'])
  }
  return snapshotOf(texts)
}

/** Of a set that is named no more. */
export async function dropPieces(documents: DocumentStore, partition: number, set: string): Promise<void> {
  for (let n = 0; ; n++) {
    const found = await documents.get(name, pieceId(partition, set, n))
    if (found === undefined) return
    await documents.delete(name, found.id, found.version)
  }
}
