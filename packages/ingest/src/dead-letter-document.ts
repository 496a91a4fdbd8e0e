// A dead letter as the store's documents hold it: bytes as base64, beside a readable beginning for people who search.
import {
  type DeadLetter,
  deadLetterReasons,
  type Home,
  homeOf,
  type Json,
  type JsonObject,
  type RawRecord,
} from '@varde/schema'

const textBytesMax = 2_048

export function deadLetterDocument(letter: DeadLetter): JsonObject {
  const raw = Buffer.from(letter.raw.buffer, letter.raw.byteOffset, letter.raw.byteLength)
  // Plain data, but an interface is not assignable to JsonObject.
  const record: JsonObject = JSON.parse(JSON.stringify(letter.record))
  return {
    id: letter.id,
    record,
    raw: raw.toString('base64'),
    text: raw.toString('utf8', 0, textBytesMax),
    bytes: raw.length,
    seed: Buffer.from(letter.seed).toString('base64'),
    reason: letter.reason,
    detail: letter.detail,
    failedAt: letter.failedAt,
    ...(letter.redrivenAs !== undefined && { redrivenAs: letter.redrivenAs }),
  }
}

function text(doc: JsonObject, name: string): string {
  const value = doc[name]
  return typeof value === 'string' ? value : ''
}

function recordOf(value: Json | undefined): Omit<RawRecord, 'raw'> {
  const given: Partial<RawRecord> = JSON.parse(JSON.stringify(value ?? {}))
  return {
    arrival: 0,
    tenant: 'house',
    source: 'unknown',
    retention: 'standard',
    collector: 'unknown',
    transport: 'tcp',
    ...given,
  }
}

/** What `deadLetterDocument` wrote. */
export function deadLetterOf(doc: JsonObject): DeadLetter {
  const id = text(doc, 'id')
  const home: Home = homeOf(id) ?? { stream: 'unknown', generation: 0, partition: 0, offset: 0 }
  const redrivenAs = text(doc, 'redrivenAs')
  return {
    id,
    home,
    record: recordOf(doc['record']),
    raw: Buffer.from(text(doc, 'raw'), 'base64'),
    seed: Buffer.from(text(doc, 'seed'), 'base64'),
    reason: deadLetterReasons.find((reason) => reason === doc['reason']) ?? 'unreadable',
    detail: text(doc, 'detail'),
    failedAt: Number(doc['failedAt']),
    ...(redrivenAs !== '' && { redrivenAs }),
  }
}
