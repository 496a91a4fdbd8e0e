import { describe, expect, test } from 'vitest'
import {
  add,
  createDocument,
  type EventDocument,
  objectAt,
  pinnedPlace,
  put,
  putAt,
  putRoot,
  putUnder,
  read,
  remove,
} from './document.ts'

/** What a place remembers must never outlive the object: each case replaces one that fields were set below. */
const cases: { name: string; fill: (document: EventDocument) => void; root: object }[] = [
  {
    name: 'fields of one object',
    fill: (document) => {
      put(document, 'source.ip', '192.0.2.7')
      put(document, 'source.port', 443)
    },
    root: { source: { ip: '192.0.2.7', port: 443 } },
  },
  {
    name: 'an object put over another',
    fill: (document) => {
      put(document, 'source.nat.ip', '192.0.2.7')
      put(document, 'source', { domain: 'web1' })
      put(document, 'source.nat.port', 443)
    },
    root: { source: { domain: 'web1', nat: { port: 443 } } },
  },
  {
    name: 'an object put over another by another spelling of its path',
    fill: (document) => {
      put(document, 'source.ip', '192.0.2.7')
      put(document, '_source', { domain: 'web1' })
      put(document, 'source.port', 443)
    },
    root: { source: { domain: 'web1', port: 443 } },
  },
  {
    name: 'a text put over an object, and a list',
    fill: (document) => {
      put(document, 'host.os.name', 'Linux')
      put(document, 'host', 'web1')
      put(document, 'host.name', 'web2')
      put(document, 'rule.tags.first', 'a')
      add(document, 'rule.tags', 'b')
    },
    root: { host: { value: 'web1', name: 'web2' }, rule: { tags: ['b'] } },
  },
  {
    name: "a record's own names over an object",
    fill: (document) => {
      put(document, 'cisco.asa.burst.id', 'x')
      putUnder(document, 'cisco.asa', 'burst', 'text')
      put(document, 'cisco.asa.burst.now', 1)
      putUnder(document, 'cisco', 'asa.burst.max', 2)
    },
    root: { cisco: { asa: { burst: { value: 'text', now: 1, max: 2 } } } },
  },
  {
    name: 'what was taken away',
    fill: (document) => {
      put(document, 'suricata.eve.id', 1)
      remove(document, 'suricata')
      remove(document, 'nothing.here')
      put(document, 'suricata.eve.name', 'x')
    },
    root: { suricata: { eve: { name: 'x' } } },
  },
  {
    name: 'a whole document',
    fill: (document) => {
      put(document, 'user.name', 'anna')
      putRoot(document, { user: { id: '1' } })
      put(document, 'user.domain', 'CORP')
      objectAt(document, 'user')['email'] = 'anna@example.org'
    },
    root: { user: { id: '1', domain: 'CORP', email: 'anna@example.org' } },
  },
]

describe('document', () => {
  test.each(cases)('$name', ({ fill, root }) => {
    const document = createDocument('any')
    fill(document)
    expect(document.root).toEqual(root)
  })

  test('two documents at once share no object', () => {
    const place = pinnedPlace('source.ip')
    const one = createDocument('any')
    const other = createDocument('any')
    putAt(one, place, '192.0.2.1')
    putAt(other, place, '192.0.2.2')
    put(one, 'source.port', 1)
    put(other, 'source.port', 2)
    expect([read(one, 'source.ip'), read(one, 'source.port'), other.root]).toEqual([
      '192.0.2.1',
      1,
      { source: { ip: '192.0.2.2', port: 2 } },
    ])
  })

  test('more names than are kept', () => {
    const place = pinnedPlace('vendor.first.name')
    const document = createDocument('any')
    putAt(document, place, 'a')
    for (let number = 0; number < 20_000; number++) put(document, `vendor.n${number}.x`, number)
    put(document, 'vendor.first', { other: 'b' })
    putAt(document, place, 'c')
    expect(read(document, 'vendor.first')).toEqual({ other: 'b', name: 'c' })
    expect(read(document, 'vendor.n19999.x')).toBe(19_999)
  })
})
