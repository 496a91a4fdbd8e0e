// A nested ECS document as dotted paths, as people search it.
import type { Json } from '@varde/schema'

/** Path → value. Arrays of scalars stay whole; arrays of objects give the array of each member's values. */
export function flatten(event: { [key: string]: Json }): Map<string, Json> {
  const paths = new Map<string, Json>()
  const walk = (value: Json, path: string): void => {
    if (Array.isArray(value)) {
      const objects = value.filter((item) => typeof item === 'object' && item !== null)
      if (objects.length === 0) paths.set(path, value)
      else for (const item of value) walkItem(item, path)
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, member] of Object.entries(value)) walk(member, path === '' ? key : `${path}.${key}`)
    } else paths.set(path, value)
  }
  const walkItem = (item: Json, path: string): void => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) {
      append(path, item)
      return
    }
    for (const [key, member] of flatten(item)) append(`${path}.${key}`, member)
  }
  const append = (path: string, member: Json): void => {
    const before = paths.get(path)
    if (before === undefined) paths.set(path, [member])
    else paths.set(path, Array.isArray(before) ? [...before, member] : [before, member])
  }
  walk(event, '')
  return paths
}

/** The value at a dotted path, or undefined. */
export function valueAt(event: { [key: string]: Json }, path: string): Json | undefined {
  let value: Json | undefined = event
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return flatten(event).get(path)
    value = value[key]
  }
  return value
}

export function showValue(value: Json | undefined): string {
  if (value === undefined) return ''
  if (Array.isArray(value)) return value.map(showValue).join(', ')
  if (typeof value === 'object' && value !== null) return JSON.stringify(value)
  return String(value)
}
