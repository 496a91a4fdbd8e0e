// Two questions that kafkajs cannot ask: what topics there are with their ids (Metadata v12), and how large partitions are (DescribeLogDirs v1).
import type { Address, Link } from './connect.ts'
import { faultOf } from './faults.ts'
import {
  type Cursor,
  compactString,
  int32,
  readCompactString,
  readInt16,
  readInt32,
  readInt64,
  readMany,
  readString,
  readUvarint,
  skipTags,
  string,
  uvarint,
} from './wire.ts'

export interface TopicMetadata {
  name: string
  /** 16 bytes in hex: another when the topic was made anew. */
  id: string
  internal: boolean
  /** By partition: the broker that leads it, −1 for none at this time. */
  leaders: number[]
}

export interface Metadata {
  brokers: Map<number, Address>
  topics: TopicMetadata[]
}

const noTags = Buffer.from([0])
const noId = Buffer.alloc(16)
const unknownTopic = 3

/** All topics without names. Topics that are not there are left out. */
export function askMetadata(link: Link, names?: string[]): Promise<Metadata> {
  // The flexible versions end the request's header with tags; kafkajs writes the header without.
  const wanted =
    names === undefined
      ? [uvarint(0)]
      : [uvarint(names.length + 1), ...names.flatMap((name) => [noId, compactString(name), noTags])]
  const body = Buffer.concat([noTags, ...wanted, Buffer.from([0, 0]), noTags])
  return link.send({ apiKey: 3, apiVersion: 12, apiName: 'Metadata', body }, (buffer) => {
    const cursor: Cursor = { buffer, at: 0 }
    skipTags(cursor)
    readInt32(cursor)
    const brokers = new Map<number, Address>()
    readMany(readUvarint(cursor) - 1, () => {
      const id = readInt32(cursor)
      brokers.set(id, { host: readCompactString(cursor), port: readInt32(cursor) })
      readCompactString(cursor)
      skipTags(cursor)
    })
    readCompactString(cursor)
    readInt32(cursor)
    const topics = readMany(readUvarint(cursor) - 1, () => readTopic(cursor))
    return { brokers, topics: topics.flatMap((topic) => topic ?? []) }
  })
}

function readTopic(cursor: Cursor): TopicMetadata | undefined {
  const code = readInt16(cursor)
  const name = readCompactString(cursor)
  const id = cursor.buffer.toString('hex', cursor.at, cursor.at + 16)
  cursor.at += 16
  const internal = cursor.buffer[cursor.at++] === 1
  const leaders: number[] = []
  readMany(readUvarint(cursor) - 1, () => {
    readInt16(cursor)
    const partition = readInt32(cursor)
    leaders[partition] = readInt32(cursor)
    readInt32(cursor)
    for (let lists = 0; lists < 3; lists += 1) readMany(readUvarint(cursor) - 1, () => readInt32(cursor))
    skipTags(cursor)
  })
  readInt32(cursor)
  skipTags(cursor)
  // A topic that is just being made has no leaders yet, which is no error of the question.
  if (code === unknownTopic) return undefined
  if (code !== 0 && leaders.length === 0) throw faultOf(code)
  return { name, id, internal, leaders }
}

/** Bytes of a partition on the broker asked; undefined where that is not told. */
export function askBytes(link: Link, topic: string, partition: number): Promise<number | undefined> {
  const body = Buffer.concat([int32(1), string(topic), int32(1, partition)])
  return link.send({ apiKey: 35, apiVersion: 1, apiName: 'DescribeLogDirs', body }, (buffer) => {
    const cursor: Cursor = { buffer, at: 0 }
    readInt32(cursor)
    let bytes: number | undefined
    readMany(readInt32(cursor), () => {
      readInt16(cursor)
      readString(cursor)
      readMany(readInt32(cursor), () => {
        readString(cursor)
        readMany(readInt32(cursor), () => {
          readInt32(cursor)
          bytes = (bytes ?? 0) + readInt64(cursor)
          readInt64(cursor)
          cursor.at += 1
        })
      })
    })
    return bytes
  })
}
