// related.*: every address, person, host and hash of an event in one place, for the pivot searches of an analyst.
import type { Json, JsonObject } from '@varde/schema'
import { add, type EventDocument } from './document.ts'

const kinds = ['ip', 'user', 'hosts', 'hash'] as const
type Kind = (typeof kinds)[number]

/** Fills each kind of `related` that the product's parser left empty. */
export function relate(document: EventDocument): void {
  const standing = objectOf(document.root['related'])
  let related = standing
  for (const kind of kinds) {
    if (standing?.[kind] !== undefined) continue
    const list = gathered(document.root, kind)
    if (list.length === 0) continue
    if (related === undefined) {
      related = {}
      document.root['related'] = related
    }
    related[kind] = list
  }
}

/** Adds to what `relate` would find: for values that stand in no field that it looks at. Call it last. */
export function addRelated(document: EventDocument, kind: `related.${Kind}`, ...values: (string | undefined)[]): void {
  const name = kinds.find((known) => kind === `related.${known}`)
  const standing = objectOf(document.root['related'])
  if (name !== undefined && (standing === undefined || standing[name] === undefined))
    add(document, kind, ...gathered(document.root, name))
  add(document, kind, ...values)
}

function gathered(root: JsonObject, kind: Kind): string[] {
  const list: string[] = []
  // Written out, not driven by paths: this runs for every event, and literal names are what the engine makes fast.
  if (kind === 'ip') gatherAddresses(root, list)
  else if (kind === 'user') gatherPeople(root, list)
  else if (kind === 'hosts') gatherHosts(root, list)
  else gatherHashes(root, list)
  return list
}

function objectOf(value: Json | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
}

function take(list: string[], value: Json | undefined): void {
  if (typeof value === 'string') {
    if (!list.includes(value)) list.push(value)
  } else if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'string' && !list.includes(item)) list.push(item)
  }
}

function gatherAddresses(root: JsonObject, list: string[]): void {
  const source = objectOf(root['source'])
  const destination = objectOf(root['destination'])
  if (source !== undefined) take(list, source['ip'])
  if (destination !== undefined) take(list, destination['ip'])
  if (source !== undefined) take(list, objectOf(source['nat'])?.['ip'])
  if (destination !== undefined) take(list, objectOf(destination['nat'])?.['ip'])
  take(list, objectOf(root['client'])?.['ip'])
  take(list, objectOf(root['server'])?.['ip'])
  take(list, objectOf(root['host'])?.['ip'])
  take(list, objectOf(root['observer'])?.['ip'])
  take(list, objectOf(root['dns'])?.['resolved_ip'])
}

function gatherPeople(root: JsonObject, list: string[]): void {
  const user = objectOf(root['user'])
  if (user !== undefined) take(list, user['name'])
  take(list, objectOf(objectOf(root['source'])?.['user'])?.['name'])
  take(list, objectOf(objectOf(root['destination'])?.['user'])?.['name'])
  if (user === undefined) return
  take(list, objectOf(user['target'])?.['name'])
  take(list, objectOf(user['effective'])?.['name'])
  take(list, objectOf(user['changes'])?.['name'])
}

function gatherHosts(root: JsonObject, list: string[]): void {
  const host = objectOf(root['host'])
  if (host !== undefined) {
    take(list, host['name'])
    take(list, host['hostname'])
  }
  take(list, objectOf(root['source'])?.['domain'])
  take(list, objectOf(root['destination'])?.['domain'])
  const observer = objectOf(root['observer'])
  if (observer !== undefined) {
    take(list, observer['name'])
    take(list, observer['hostname'])
  }
}

function gatherHashes(root: JsonObject, list: string[]): void {
  for (const owner of [root['file'], root['process']]) {
    const hash = objectOf(objectOf(owner)?.['hash'])
    if (hash === undefined) continue
    take(list, hash['md5'])
    take(list, hash['sha1'])
    take(list, hash['sha256'])
    take(list, hash['imphash'])
  }
  const tls = objectOf(root['tls'])
  if (tls === undefined) return
  take(list, objectOf(tls['client'])?.['ja3'])
  take(list, objectOf(tls['server'])?.['ja3s'])
}
