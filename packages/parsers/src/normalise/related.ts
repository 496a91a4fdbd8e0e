// related.*: every address, person, host and hash of an event in one place, for the pivot searches of an analyst.
import type { Json } from '@varde/schema'
import { add, type EventDocument, read } from './document.ts'

const fields = {
  'related.ip': [
    'source.ip',
    'destination.ip',
    'source.nat.ip',
    'destination.nat.ip',
    'client.ip',
    'server.ip',
    'host.ip',
    'observer.ip',
    'dns.resolved_ip',
  ],
  'related.user': [
    'user.name',
    'source.user.name',
    'destination.user.name',
    'user.target.name',
    'user.effective.name',
    'user.changes.name',
  ],
  'related.hosts': [
    'host.name',
    'host.hostname',
    'source.domain',
    'destination.domain',
    'observer.name',
    'observer.hostname',
  ],
  'related.hash': [
    'file.hash.md5',
    'file.hash.sha1',
    'file.hash.sha256',
    'process.hash.md5',
    'process.hash.sha1',
    'process.hash.sha256',
    'process.hash.imphash',
    'tls.client.ja3',
    'tls.server.ja3s',
  ],
} as const

/** Fills each kind of `related` that the product's parser left empty. */
export function relate(document: EventDocument): void {
  for (const [target, sources] of Object.entries(fields)) {
    if (read(document, target) !== undefined) continue
    for (const source of sources) addAll(document, target, read(document, source))
  }
}

function addAll(document: EventDocument, target: string, value: Json | undefined): void {
  if (typeof value === 'string') add(document, target, value)
  else if (Array.isArray(value)) for (const item of value) if (typeof item === 'string') add(document, target, item)
}

/** Adds to what `relate` would find: for values that stand in no field that it looks at. Call it last. */
export function addRelated(document: EventDocument, kind: keyof typeof fields, ...values: (string | undefined)[]): void {
  if (read(document, kind) === undefined) for (const source of fields[kind]) addAll(document, kind, read(document, source))
  add(document, kind, ...values)
}
