// What an event says, in one line for a timeline: read from its ECS fields.
import type { EcsEvent, Json } from '@varde/schema'

/** `1 event`, `17 events`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** The few paths that are asked for, taken apart once. */
const keysOf = new Map<string, string[]>()

/** The value at a dotted path, as text; empty where there is none. */
export function textOf(event: EcsEvent, path: string): string {
  let at: Json | undefined = event
  let keys = keysOf.get(path)
  if (keys === undefined) {
    keys = path.split('.')
    keysOf.set(path, keys)
  }
  for (const key of keys) {
    if (typeof at !== 'object' || at === null || Array.isArray(at)) return ''
    at = at[key]
  }
  if (typeof at === 'string') return at
  if (at === undefined || at === null) return ''
  if (Array.isArray(at))
    return at.map((one) => (typeof one === 'object' ? JSON.stringify(one) : String(one))).join(', ')
  return typeof at === 'object' ? '' : String(at)
}

function firstOf(event: EcsEvent, paths: readonly string[]): string {
  for (const path of paths) {
    const text = textOf(event, path)
    if (text !== '') return text
  }
  return ''
}

/** Who or what it is about: the user, else the host, else the address. */
export function entityOf(event: EcsEvent): string {
  return firstOf(event, ['user.name', 'user.target.name', 'host.name', 'source.ip', 'destination.ip', 'observer.name'])
}

const wordsMax = 300

export function factOf(event: EcsEvent): string {
  const action = firstOf(event, ['event.action', 'event.code', 'event.dataset'])
  const outcome = textOf(event, 'event.outcome')
  const parts = [outcome === '' || outcome === 'unknown' ? action : `${action} (${outcome})`]
  const say = (word: string, path: string) => {
    const text = textOf(event, path)
    if (text !== '') parts.push(`${word} ${text}`)
  }
  say('user', 'user.name')
  say('on user', 'user.target.name')
  say('group', 'group.name')
  say('host', 'host.name')
  say('from', 'source.ip')
  say('to', 'destination.ip')
  say('file', 'file.path')
  say('process', 'process.executable')
  if (parts.length === 1) {
    const message = textOf(event, 'message')
    if (message !== '') parts.push(message)
  }
  const fact = parts.join(', ')
  return fact.length > wordsMax ? `${fact.slice(0, wordsMax)} …` : fact
}
