// The second pass: rows of events, alerts and entries in the order of time, as CSV and for Timesketch.
import { limits } from '@varde/runtime'
import { alertRows, byTime, entryRows, withMark } from '../cases/timeline.ts'
import type { Progress } from './compose.ts'
import { openPart, openStretches } from './parts.ts'
import { readPlaces } from './places.ts'
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
  /** That the first pass wrote. */
  rows: number
  tell(progress: Progress): void
  signal: AbortSignal
}): Promise<TimelineOutcome> {
  const { folder, shown, signal, tell } = work
  const of = shown.case
  const { order, starts, times, marked } = readPlaces(folder, work.rows)
  const extra: SpooledRow[] = [...alertRows(shown.alerts), ...entryRows(of)].sort(byTime)
  const written = {
    csv: openStretches(folder, 'csv'),
    sketch: openStretches(folder, 'sketch'),
    rows: openStretches(folder, 'rows'),
  }
  const csv = openPart(folder, 'timeline.csv')
  const sketch = openPart(folder, 'timesketch.jsonl')
  const marks = new Map(of.marks.map((mark) => [mark.eventId, mark]))
  const first: SpooledRow[] = []
  let rows = 0
  const stretch = (name: keyof typeof written, place: number): [at: number, length: number] => {
    const at = starts[name][place] ?? 0
    return [at, (starts[name][place + 1] ?? at) - at]
  }
  const show = (row: SpooledRow) => {
    if (first.length < limits.reportRowsMax) first.push(row)
    rows += 1
  }
  const put = (row: SpooledRow) => {
    csv.write(timelineLine(row, of.zone))
    sketch.write(timesketchLine(row, of.id))
    show(row)
  }
  const putEvent = (place: number) => {
    const isMarked = marked[place] === 1
    if (!isMarked) {
      written.csv.copy(...stretch('csv', place), csv)
      written.sketch.copy(...stretch('sketch', place), sketch)
      if (first.length >= limits.reportRowsMax) {
        rows += 1
        return
      }
    }
    const row = rowOf(written.rows.text(...stretch('rows', place)))
    if (isMarked) put(withMark(row, marks.get(row.id)))
    else show(row)
  }
  try {
    // A byte order mark: spreadsheets would take UTF-8 for something else.
    csv.write(`\ufeff${timelineHead(of.zone)}`)
    let next = 0
    for (const [n, place] of order.entries()) {
      const time = times[place] ?? 0
      for (let one = extra[next]; one !== undefined && one.time <= time; one = extra[next]) {
        put(one)
        next += 1
      }
      putEvent(place)
      if (n % turnRows !== turnRows - 1) continue
      signal.throwIfAborted()
      tell({ step: 'timeline', done: n + 1, total: work.rows, bytes: csv.bytes() })
      await new Promise((resolve) => setImmediate(resolve))
    }
    for (const one of extra.slice(next)) put(one)
  } finally {
    for (const file of Object.values(written)) file.close()
    csv.close()
    sketch.close()
  }
  return { rows, shown: first }
}

/** Written by the first pass alone. */
function rowOf(text: string): SpooledRow {
  return JSON.parse(text)
}
