// What a person is told of a field: one type, from the kinds of values that were seen in it.
import type { FieldInfo } from '../port.ts'
import { addressFields, columnOf, dateFields } from './columns.ts'
import { type FieldCatalogue, seen } from './field-catalogue.ts'

export function fieldInfos(catalogue: FieldCatalogue): FieldInfo[] {
  const infos: FieldInfo[] = [{ field: '@timestamp', type: 'date' }]
  for (const [field, { flags }] of catalogue.entries()) infos.push({ field, type: typeOf(field, flags) })
  return infos.sort((a, b) => (a.field < b.field ? -1 : 1))
}

function typeOf(field: string, flags: number): FieldInfo['type'] {
  const kinds = flags & (seen.text | seen.whole | seen.double | seen.boolean)
  if (kinds === seen.text) {
    if (columnOf.get(field)?.shown === 'ip' || addressFields.test(field)) return 'ip'
    return dateFields.test(field) ? 'date' : 'keyword'
  }
  if (kinds === seen.boolean) return 'boolean'
  if (kinds === seen.whole) return 'long'
  return (kinds & ~(seen.whole | seen.double)) === 0 ? 'double' : 'mixed'
}
