// What STIX and Timesketch want to know of an event, read once while it is at hand.
import { isIP } from 'node:net'
import type { StoredEvent } from '@varde/schema'
import { textOf } from '../cases/event-words.ts'

export interface Observables {
  addresses: string[]
  user?: string
  host?: string
  file?: string
  process?: string
}

const addressFields = ['source.ip', 'destination.ip', 'client.ip', 'server.ip', 'host.ip']

export function observablesOf({ event }: StoredEvent): Observables {
  const addresses: string[] = []
  for (const field of addressFields) {
    const text = textOf(event, field)
    if (text === '') continue
    for (const one of text.split(', ')) if (!addresses.includes(one) && isIP(one) !== 0) addresses.push(one)
  }
  const found: Observables = { addresses }
  const set = (name: 'user' | 'host' | 'file' | 'process', path: string) => {
    const text = textOf(event, path)
    if (text !== '') found[name] = text
  }
  set('user', 'user.name')
  set('host', 'host.name')
  set('file', 'file.path')
  set('process', 'process.command_line')
  return found
}
