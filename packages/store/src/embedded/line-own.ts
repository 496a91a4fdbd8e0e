// The own columns of a line: where the event lives, whose it is, its times, its seed and its sender.
import type { StoredEvent } from '@varde/schema'
import { copyBytes, type LineBuffer, writeHex, writeWhole } from './line-bytes.ts'

/** Sources whose names are kept spelt; when there are more, all are forgotten. */
const sourcesMax = 10_000
/** Six numbers of 16 digits, the seed, lateness and the keys of all. */
const fixedBytesMax = 512

interface Names {
  stream: string
  generation: number
  partition: number
  tenant: string
  source: string
  /** `,"_stream":…,"_source":…` */
  said: Uint8Array
}

export interface OwnWriter {
  /** Room that `write` needs. */
  bytesMax(stored: StoredEvent): number
  /** `{"_t":…`, without a comma behind. */
  write(stored: StoredEvent, time: number, buffer: LineBuffer): void
}

export function createOwnWriter(): OwnWriter {
  const names = new Map<string, Names>()

  const namesOf = ({ home, tenant, source }: StoredEvent): Names => {
    const known = names.get(source)
    if (
      known !== undefined &&
      known.partition === home.partition &&
      known.tenant === tenant &&
      known.generation === home.generation &&
      known.stream === home.stream
    )
      return known
    const { stream, generation, partition } = home
    const said = Buffer.from(
      `,"_stream":"${stream}","_generation":${generation},"_partition":${partition}` +
        `,"_tenant":${JSON.stringify(tenant)},"_source":${JSON.stringify(source)}`,
    )
    const made: Names = { stream, generation, partition, tenant, source, said }
    if (names.size >= sourcesMax) names.clear()
    names.set(source, made)
    return made
  }

  return {
    bytesMax({ home, tenant, source, sender }) {
      const own = home.stream.length + tenant.length + source.length
      if (sender === undefined) return fixedBytesMax + 6 * own
      return fixedBytesMax + 6 * (own + ('key' in sender ? sender.key.length : sender.producer.length))
    },
    write(stored, time, buffer) {
      writeNumber(buffer, timeKey, time)
      const { said } = namesOf(stored)
      buffer.at = copyBytes(buffer.bytes, buffer.at, said, 0, said.length)
      writeNumber(buffer, offsetKey, stored.home.offset)
      writeNumber(buffer, arrivalKey, stored.arrival)
      writeNumber(buffer, ingestedKey, stored.ingested)
      writeKey(buffer, seedKey)
      buffer.at = writeHex(buffer.bytes, buffer.at, stored.seed)
      buffer.bytes[buffer.at++] = 0x22
      const { lateness, sender } = stored
      if (lateness !== undefined) writeText(buffer, `,"_lateness":"${lateness}"`)
      if (sender === undefined) return
      if ('key' in sender) writeText(buffer, `,"_key":${JSON.stringify(sender.key)}`)
      else writeText(buffer, `,"_producer":${JSON.stringify(sender.producer)},"_sequence":${sender.sequence}`)
    },
  }
}

const timeKey = Buffer.from('{"_t":')
const offsetKey = Buffer.from(',"_offset":')
const arrivalKey = Buffer.from(',"_arrival":')
const ingestedKey = Buffer.from(',"_ingested":')
const seedKey = Buffer.from(',"_seed":"')

function writeKey(buffer: LineBuffer, key: Uint8Array): void {
  buffer.at = copyBytes(buffer.bytes, buffer.at, key, 0, key.length)
}

function writeNumber(buffer: LineBuffer, key: Uint8Array, value: number): void {
  writeKey(buffer, key)
  // Times before 1970 are rare, and what is no whole number is DuckDB's to refuse.
  if (Number.isSafeInteger(value) && value >= 0) buffer.at = writeWhole(buffer.bytes, buffer.at, value)
  else writeText(buffer, String(value))
}

function writeText(buffer: LineBuffer, text: string): void {
  buffer.at += buffer.bytes.write(text, buffer.at)
}
