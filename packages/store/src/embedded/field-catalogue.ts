// Which fields a set of events has, with what kinds of values and where they lie: lets a query skip what can't be there.

export const seen = {
  text: 1,
  whole: 2,
  double: 4,
  boolean: 8,
  /** At least one value lies in the field's own column. */
  inColumn: 16,
  /** At least one value lies in `_x`, as a scalar. */
  inExtra: 32,
  /** At least one value lies in `_x`, as an array of scalars. */
  inExtraArray: 64,
} as const

export interface FieldStat {
  flags: number
  /** Events that have at least one value in the field. */
  events: number
}

/** Path, flags, events: as it stands in files and messages. */
export type PackedField = [string, number, number]

export interface FieldCatalogue {
  get(field: string): FieldStat | undefined
  /** Fields below `field.`: what `field: *` asks of an object. */
  below(field: string): string[]
  entries(): IterableIterator<[string, FieldStat]>
  add(fields: Iterable<PackedField>): void
  pack(): PackedField[]
  /** True where there were more fields than the catalogue keeps: then absence proves nothing. */
  readonly overflowed: boolean
}

/** More distinct fields than this come from hostile or broken senders; they stay searchable, unlisted. */
const fieldsMax = 10_000
/** No field has an empty path: stands in a packed catalogue for those it didn't keep. */
const overflowMark = ''

export function createFieldCatalogue(given: Iterable<PackedField> = []): FieldCatalogue {
  const fields = new Map<string, FieldStat>()
  let overflowed = false
  const add = (more: Iterable<PackedField>) => {
    for (const [field, flags, events] of more) {
      if (field === overflowMark) {
        overflowed = true
        continue
      }
      const known = fields.get(field)
      if (known !== undefined) {
        known.flags |= flags
        known.events += events
      } else if (fields.size < fieldsMax) fields.set(field, { flags, events })
      else overflowed = true
    }
  }
  add(given)
  return {
    get: (field) => fields.get(field),
    below: (field) => [...fields.keys()].filter((key) => key.startsWith(`${field}.`)),
    entries: () => fields.entries(),
    add,
    pack: () => [
      ...[...fields].map(([field, stat]): PackedField => [field, stat.flags, stat.events]),
      ...(overflowed ? [[overflowMark, 0, 0] satisfies PackedField] : []),
    ],
    get overflowed() {
      return overflowed
    },
  }
}
