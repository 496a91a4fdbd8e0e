// Which ECS fields have a typed field of their own in an index, and of which type. From the catalogue in `schema`.
import { ecsFields } from '@varde/schema'
import { textLengthMax } from './tokens.ts'

/**
 * `date` and `point` are typed for people with other tools; our own queries read their texts and numbers from the
 * tokens, for those keep the spelling.
 */
export type NativeType = 'keyword' | 'long' | 'double' | 'boolean' | 'ip' | 'date' | 'point'

export interface NativeNode {
  /** Undefined: an object with members. */
  type: NativeType | undefined
  children: Map<string, NativeNode>
}

/**
 * Field sets that our sources never or hardly write: they are found as vendor fields are. Each typed field costs about
 * 1 KB of heap in every index on every node (Elastic's sizing guide), so 690 instead of 2,200 pay from the first month on.
 */
const leftOut =
  /^(threat|gen_ai|entity|orchestrator|faas|dll|vulnerability|volume|device|data_stream)\.|\.(elf|macho|pe|x509|entity|origin|target\.geo|target\.os|entry_leader|session_leader|group_leader|io|tty|raw|behavior|metrics|attributes|risk)(\.|$)|\.text$/

const typeOf: Record<string, NativeType> = {
  keyword: 'keyword',
  constant_keyword: 'keyword',
  // Not in every distribution; exact matches and `*` patterns are what the search language asks of them.
  wildcard: 'keyword',
  match_only_text: 'keyword',
  version: 'keyword',
  long: 'long',
  integer: 'long',
  short: 'long',
  unsigned_long: 'long',
  float: 'double',
  double: 'double',
  scaled_float: 'double',
  boolean: 'boolean',
  ip: 'ip',
  date: 'date',
  geo_point: 'point',
}

export const nativeTree: NativeNode = treeOf()

/** Dotted name → type, without `@timestamp`, which every event has. */
export const nativeFields: ReadonlyMap<string, NativeType> = new Map(leaves(nativeTree, ''))

function treeOf(): NativeNode {
  const root: NativeNode = { type: undefined, children: new Map() }
  for (const [name, field] of ecsFields) {
    const type = typeOf[field.type]
    if (type === undefined || name === '@timestamp' || leftOut.test(name)) continue
    let node = root
    for (const part of name.split('.')) {
      let child = node.children.get(part)
      if (child === undefined) {
        child = { type: undefined, children: new Map() }
        node.children.set(part, child)
      }
      node = child
    }
    node.type = type
  }
  dropOwners(root)
  return root
}

/** A name that is a value and an owner of others at once (`process.tty`) can't be typed: its members win. */
function dropOwners(node: NativeNode): void {
  if (node.children.size > 0) node.type = undefined
  for (const child of node.children.values()) dropOwners(child)
}

function* leaves(node: NativeNode, path: string): Generator<[string, NativeType]> {
  for (const [key, child] of node.children) {
    const name = path === '' ? key : `${path}.${key}`
    if (child.type !== undefined) yield [name, child.type]
    else yield* leaves(child, name)
  }
}

export type Mapping = { [key: string]: string | number | boolean | Mapping }

export function nativeMapping(): Mapping {
  return propertiesOf(nativeTree)
}

function propertiesOf(node: NativeNode): Mapping {
  const properties: Mapping = {}
  for (const [key, child] of node.children) {
    properties[key] = child.type === undefined ? { properties: propertiesOf(child) } : fieldMapping(child.type)
  }
  return properties
}

function fieldMapping(type: NativeType): Mapping {
  switch (type) {
    case 'keyword':
      return { type: 'keyword', ignore_above: textLengthMax }
    case 'ip':
      // Patterns and comparisons are of the text; the typed field knows networks only.
      return { type: 'ip', ignore_malformed: true, fields: { text: { type: 'keyword', doc_values: false } } }
    case 'point':
      return { type: 'geo_point', ignore_malformed: true }
    case 'date':
      return { type: 'date', format: 'strict_date_optional_time', ignore_malformed: true }
    case 'long':
    case 'double':
      return { type, ignore_malformed: true }
    case 'boolean':
      return { type }
  }
}
