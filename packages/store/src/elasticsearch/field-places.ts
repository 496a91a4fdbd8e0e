// Where the values of a field lie: in a typed field, among the tokens, or beside the event.
import type { Json } from '@varde/schema'
import { type Clause, fields, never, term, values } from './clause.ts'
import { nativeFields } from './native-fields.ts'
import { ownField } from './own-fields.ts'
import { digest, escapePath, mark, numberText, readNumber, textLengthMax } from './tokens.ts'

export interface Place {
  /** The field to aggregate on. */
  field: string
  /** Of its terms only those that begin so. */
  prefix: string
  read(key: string | number | boolean): Json
  /** Tokens of texts that were too long: their hash must be looked up. */
  hashed: boolean
}

const asIs = (key: string | number | boolean): Json => key

export function placesOf(name: string): Place[] {
  if (name === '@timestamp') {
    return [{ field: name, prefix: '', read: (key) => new Date(Number(key)).toISOString(), hashed: false }]
  }
  if (name.startsWith('_')) {
    const own = ownField(name)
    return own?.kind === 'text' ? [{ field: own.field, prefix: '', read: asIs, hashed: false }] : []
  }
  const path = escapePath(name)
  const token = (kind: string, read: (text: string) => Json, hashed = false): Place => ({
    field: values,
    prefix: `${path}${kind}`,
    read: (key) => read(String(key).slice(path.length + kind.length)),
    hashed,
  })
  const places = [
    token(mark.text, (text) => text),
    token(mark.number, readNumber),
    token(mark.boolean, (text) => text === 'true'),
    token(mark.long, (text) => text, true),
  ]
  const type = nativeFields.get(name)
  if (type === 'keyword' || type === 'ip' || type === 'long' || type === 'double') {
    places.push({ field: name, prefix: '', read: asIs, hashed: false })
  }
  if (type === 'boolean')
    places.push({ field: name, prefix: '', read: (key) => key === true || key === 1 || key === 'true', hashed: false })
  return places
}

/** An event has this very value in the field: kinds are told apart. */
export function hasValue(name: string, value: Json): Clause {
  if (name.startsWith('_')) {
    const own = ownField(name)
    return own === undefined || typeof value !== 'string' ? never : term(own.field, value)
  }
  const path = escapePath(name)
  const type = nativeFields.get(name)
  const clauses: Clause[] = []
  if (typeof value === 'string') {
    clauses.push(
      term(
        values,
        value.length > textLengthMax ? `${path}${mark.long}${digest(value)}` : `${path}${mark.text}${value}`,
      ),
    )
    if (type === 'keyword') clauses.push(term(name, value))
    if (type === 'ip') clauses.push(term(`${name}.text`, value))
  } else if (typeof value === 'number') {
    clauses.push(term(values, `${path}${mark.number}${numberText(value)}`))
    if (type === 'double' || (type === 'long' && Number.isSafeInteger(value))) clauses.push(term(name, value))
  } else if (typeof value === 'boolean') {
    clauses.push(term(values, `${path}${mark.boolean}${value}`))
    if (type === 'boolean') clauses.push(term(name, value))
  }
  return { bool: { should: clauses, minimum_should_match: 1 } }
}

/** An event has a value in the field itself, not only below it. */
export function hasAny(name: string): Clause {
  if (name === '@timestamp') return { match_all: {} }
  if (name.startsWith('_')) {
    const own = ownField(name)
    return own === undefined ? never : { exists: { field: own.field } }
  }
  const path = escapePath(name)
  const clauses: Clause[] = [{ terms: { [fields]: [`${path}=`, `${path}#l`, `${path}#d`, `${path}?`] } }]
  if (nativeFields.has(name)) clauses.push({ exists: { field: name } })
  return { bool: { should: clauses, minimum_should_match: 1 } }
}
