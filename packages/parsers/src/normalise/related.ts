// related.*: every address, person, host and hash of an event in one place, for the pivot searches of an analyst.
import type { Json } from '@varde/schema'
import { add, type EventDocument, read } from './document.ts'

/** Each kind, and the fields that it is gathered from, as keys. */
const fields = {
  ip: keysOf(
    'source.ip destination.ip source.nat.ip destination.nat.ip client.ip server.ip host.ip observer.ip dns.resolved_ip',
  ),
  user: keysOf(
    'user.name source.user.name destination.user.name user.target.name user.effective.name user.changes.name',
  ),
  hosts: keysOf('host.name host.hostname source.domain destination.domain observer.name observer.hostname'),
  hash: keysOf(
    'file.hash.md5 file.hash.sha1 file.hash.sha256 process.hash.md5 process.hash.sha1 process.hash.sha256 process.hash.imphash tls.client.ja3 tls.server.ja3s',
  ),
} as const

function keysOf(paths: string): readonly (readonly string[])[] {
  return paths.split(' ').map((path) => path.split('.'))
}

const kinds = ['ip', 'user', 'hosts', 'hash'] as const

/** Fills each kind of `related` that the product's parser left empty. */
export function relate(document: EventDocument): void {
  const { related } = document.root
  for (const kind of kinds) {
    if (typeof related === 'object' && related !== null && !Array.isArray(related) && related[kind] !== undefined)
      continue
    gather(document, kind)
  }
}

function gather(document: EventDocument, kind: (typeof kinds)[number]): void {
  for (const keys of fields[kind]) {
    let node: Json | undefined = document.root
    for (const key of keys) {
      if (typeof node !== 'object' || node === null || Array.isArray(node)) {
        node = undefined
        break
      }
      node = node[key]
    }
    if (node !== undefined) addAll(document, `related.${kind}`, node)
  }
}

function addAll(document: EventDocument, target: string, value: Json | undefined): void {
  if (typeof value === 'string') add(document, target, value)
  else if (Array.isArray(value)) for (const item of value) if (typeof item === 'string') add(document, target, item)
}

/** Adds to what `relate` would find: for values that stand in no field that it looks at. Call it last. */
export function addRelated(
  document: EventDocument,
  kind: 'related.ip' | 'related.user' | 'related.hosts' | 'related.hash',
  ...values: (string | undefined)[]
): void {
  const name = kinds.find((known) => kind === `related.${known}`)
  if (name !== undefined && read(document, kind) === undefined) gather(document, name)
  add(document, kind, ...values)
}
