// Where a record lives, and the event id that says so.

/** A place in a raw topic. Together the four parts are unique for ever: a re-created topic gets a new generation. */
export interface Home {
  /** Lower case letters, digits, `_` and `-`; the topic is `raw.<stream>`. */
  stream: string
  /** 0, 1, 2 …: goes up when the topic under the stream was replaced by another. */
  generation: number
  partition: number
  /** Position in the partition, from 0. */
  offset: number
}

/** `<stream>.<generation>.<partition>.<offset>`: reversible, so that an id leads to its record without an index. */
export type EventId = string

const streamName = /^[a-z0-9_-]{1,64}$/

/** 1 to 64 of lower case letters, digits, `_` and `-`: what can stand in a topic's name and before the first dot of an id. */
export function isStreamName(text: string): boolean {
  return streamName.test(text)
}

/** The id of the record at that place; `homeOf` leads back. */
export function eventId(home: Home): EventId {
  return `${home.stream}.${home.generation}.${home.partition}.${home.offset}`
}

/** The home that an id names, or undefined where the text is no event id. */
export function homeOf(id: EventId): Home | undefined {
  const [stream, generation, partition, offset, ...rest] = id.split('.')
  if (
    stream === undefined ||
    generation === undefined ||
    partition === undefined ||
    offset === undefined ||
    rest.length > 0
  ) {
    return undefined
  }
  const numbers = [generation, partition, offset].map((part) => (/^\d{1,15}$/.test(part) ? Number(part) : -1))
  const [g = -1, p = -1, o = -1] = numbers
  if (!isStreamName(stream) || g < 0 || p < 0 || o < 0) return undefined
  return { stream, generation: g, partition: p, offset: o }
}
