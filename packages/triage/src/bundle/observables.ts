// What STIX and Timesketch want to know of an event, read once while it is at hand.
import { isIPv4, isIPv6 } from 'node:net'
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
  const texts = addressFields.flatMap((field) => textOf(event, field).split(', '))
  const addresses = [...new Set(texts.filter((text) => isIPv4(text) || isIPv6(text)))]
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
