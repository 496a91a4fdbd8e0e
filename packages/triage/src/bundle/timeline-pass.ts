// The second pass: rows of events, alerts and entries in the order of time, as CSV and for Timesketch.
import { limits } from '@varde/runtime'
import { alertRows, byTime, entryRows, withMark } from '../cases/timeline.ts'
import type { Progress } from './compose.ts'
import { openLines, openPart, readPart } from './parts.ts'
import type { Shown } from './redact.ts'
import { type SpooledRow, timelineHead, timelineLine, timesketchLine } from './timesketch.ts'

export interface TimelineOutcome {
  rows: number
  /** The first so many, for report and STIX. */
  shown: SpooledRow[]
}

const turnRows = 1_000

export async function timelinePass(work: {
  folder: string
  shown: Shown
  total: number
  tell(progress: Progress): void
  signal: AbortSignal
}): Promise<TimelineOutcome> {
  const { folder, shown, signal, total, tell } = work
  const of = shown.case
  const places = placesIn(folder)
  const order = places.order
  const extra: SpooledRow[] = [...alertRows(shown.alerts), ...entryRows(of)].sort(byTime)
  const lines = openLines(folder, 'rows')
  const csv = openPart(folder, 'timeline.csv')
  const sketch = openPart(folder, 'timesketch.jsonl')
  const marks = new Map(of.marks.map((mark) => [mark.eventId, mark]))
  const first: SpooledRow[] = []
  let rows = 0
  const put = (row: SpooledRow) => {
    csv.write(timelineLine(row, of.zone))
    sketch.write(timesketchLine(row, of.id))
    if (first.length < limits.reportRowsMax) first.push(row)
    rows += 1
  }
  try {
    // A byte order mark: spreadsheets would take UTF-8 for something else.
    csv.write(`\ufeff${timelineHead(of.zone)}`)
    let next = 0
    for (const [n, place] of order.entries()) {
      const time = places.times[place] ?? 0
      for (let one = extra[next]; one !== undefined && one.time <= time; one = extra[next]) {
        put(one)
        next += 1
      }
      const row = rowOf(lines.read(places.starts[place] ?? 0, places.lengths[place] ?? 0))
      put(withMark(row, marks.get(row.id)))
      if (n % turnRows !== turnRows - 1) continue
      signal.throwIfAborted()
      tell({ step: 'timeline', done: n + 1, total, bytes: csv.bytes() })
      await new Promise((resolve) => setImmediate(resolve))
    }
    for (const one of extra.slice(next)) put(one)
  } finally {
    lines.close()
    csv.close()
    sketch.close()
  }
  return { rows, shown: first }
}

/** Written by the first pass alone. */
function rowOf(line: string): SpooledRow {
  return JSON.parse(line)
}

/** Where each row stands, and the order of their times; ties stay in the order of their seals. */
function placesIn(folder: string) {
  const times: number[] = []
  const starts: number[] = []
  const lengths: number[] = []
  let at = 0
  let rest: Uint8Array = new Uint8Array()
  for (const block of readPart(folder, 'rows')) {
    const bytes = rest.length === 0 ? Buffer.from(block) : Buffer.concat([rest, block])
    let from = 0
    for (let end = bytes.indexOf(10, from); end >= 0; end = bytes.indexOf(10, from)) {
      const tab = bytes.indexOf(9, from)
      times.push(Number(bytes.toString('latin1', from, tab)))
      starts.push(at + tab - from + 1)
      lengths.push(end - tab - 1)
      at += end + 1 - from
      from = end + 1
    }
    rest = bytes.subarray(from)
  }
  const order = Uint32Array.from(times.keys())
  return { times, starts, lengths, order: order.sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b) }
}
