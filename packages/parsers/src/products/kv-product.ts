// What products of key=value lines share: read the pairs, put them by a table, keep the rest under the vendor's name.
import { type FieldTable, putField } from '../formats/field-table.ts'
import type { LogRecord } from '../log-record.ts'
import { type EventDocument, put, putUnder, read } from '../normalise/document.ts'
import { putSyslogPriority } from '../normalise/syslog-fields.ts'

export type Pairs = ReadonlyMap<string, string>

export interface Observer {
  vendor: string
  product: string
  type?: string
}

export function putObserver(document: EventDocument, { vendor, product, type }: Observer): void {
  put(document, 'observer.vendor', vendor)
  put(document, 'observer.product', product)
  put(document, 'observer.type', type)
}

/** Values that say nothing. */
export function isNothing(value: string | undefined): boolean {
  return value === undefined || value === '' || value === 'N/A' || value === 'n/a' || value === '-'
}

/** Every pair through the table, and under `own` what the table does not know. */
export function putPairs(
  record: LogRecord,
  document: EventDocument,
  pairs: Pairs,
  table: FieldTable,
  own: string,
  skip?: ReadonlySet<string>,
): void {
  putSyslogPriority(document, record)
  for (const [key, value] of pairs) {
    if (isNothing(value) || skip?.has(key) === true) continue
    if (putField(table, document, key, value, record)) continue
    putUnder(document, own, key, value)
  }
}

/** Both ends' counts added up. */
export function putTotals(document: EventDocument): void {
  for (const what of ['bytes', 'packets']) {
    const sent = read(document, `source.${what}`)
    const received = read(document, `destination.${what}`)
    if (typeof sent === 'number' || typeof received === 'number')
      putUnder(
        document,
        'network',
        what,
        (typeof sent === 'number' ? sent : 0) + (typeof received === 'number' ? received : 0),
      )
  }
}

export function putKind(
  document: EventDocument,
  action: string | undefined,
  category: readonly string[],
  type: readonly string[],
  outcome?: string,
): void {
  put(document, 'event.action', action)
  put(document, 'event.category', [...category])
  put(document, 'event.type', [...type])
  put(document, 'event.outcome', outcome)
}
