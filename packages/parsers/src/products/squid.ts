// Squid's access log in its native format: `epoch.ms elapsed client RESULT/status bytes METHOD URL user HIERARCHY/peer type`.
// "logformat", squid-cache.org/Doc/config/logformat.
import type { LogRecord } from '../log-record.ts'
import { type EventDocument, put } from '../normalise/document.ts'
import { countOf, isIp, putAddress } from '../normalise/endpoint.ts'
import { epochMs, isoTime } from '../normalise/time.ts'
import { putDomainParts, putUrl } from '../normalise/url.ts'
import type { Product } from '../product.ts'
import { putKind } from './kv-product.ts'

/** Where the epoch with its milliseconds begins, and the ten words from there. */
function readWords(record: LogRecord): string[] | undefined {
  let at = record.messageAt
  while (record.text.charCodeAt(at) === 0x20) at++
  if (record.text.charCodeAt(at + 10) !== 0x2e) return undefined
  const words = record.text.slice(at).trimEnd().split(/ +/)
  return words.length >= 10 && /^\d{10}\.\d{3}$/.test(words[0] ?? '') && (words[3] ?? '').includes('/')
    ? words
    : undefined
}

function parse(record: LogRecord, document: EventDocument): boolean {
  const words = readWords(record)
  if (words === undefined) return false
  document.dataset = 'squid.log'
  const [time, elapsed, client, result = '', bytes, method, url = '', user, peer = '', type] = words
  put(document, '@timestamp', isoTime(epochMs(time)))
  put(document, 'observer.vendor', 'Squid')
  put(document, 'observer.product', 'Squid')
  put(document, 'observer.type', 'proxy')
  const ms = countOf(elapsed)
  if (ms !== undefined) put(document, 'event.duration', ms * 1_000_000)
  putAddress(document, 'source', client)
  const [cache, status] = result.split('/')
  put(document, 'squid.log.cache_result', cache)
  const code = countOf(status)
  if (code !== undefined && code > 0) put(document, 'http.response.status_code', code)
  put(document, 'destination.bytes', countOf(bytes))
  put(document, 'http.request.method', method)
  if (user !== undefined && user !== '-') {
    put(document, 'source.user.name', user)
    put(document, 'user.name', user)
  }
  const slash = peer.indexOf('/')
  const host = slash < 0 ? '-' : peer.slice(slash + 1)
  put(document, 'squid.log.hierarchy', slash < 0 ? peer : peer.slice(0, slash))
  if (host !== '-' && host !== '') putAddress(document, 'destination', host)
  if (type !== undefined && type !== '-') put(document, 'http.response.mime_type', type)
  const isConnect = method === 'CONNECT'
  putUrl(document, url, { hostLeads: isConnect })
  const domain = isConnect ? url.split(':')[0] : /^[a-z]+:\/\/(?:[^@/]*@)?([^/:?#]+)/i.exec(url)?.[1]
  if (domain !== undefined && !isIp(domain)) putDomainParts(document, 'url', domain)
  if (host === '-') putAddress(document, 'destination', domain)
  const isDenied = cache?.includes('DENIED') === true
  putKind(
    document,
    undefined,
    ['web'],
    isDenied ? ['access', 'denied'] : ['access'],
    isDenied || (code !== undefined && code >= 400) || code === 0 ? 'failure' : 'success',
  )
  return true
}

export const squid: Product = {
  name: 'squid',
  datasets: ['squid.log'],
  detect: (record) => (readWords(record) === undefined ? 0 : 0.93),
  parse,
}
