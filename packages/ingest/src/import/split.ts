// Cuts a file's bytes into records and says at which byte each began: lines, or the events of a Windows XML export.

export interface Splitter {
  push(chunk: Buffer): void
  end(): void
}

/** `offset`: of the record's first byte in the (decompressed) file. `cutBytes`: left out of a record that was too long. */
export type OnRecord = (raw: Buffer, offset: number, cutBytes: number) => void

const lineFeed = 10
const carriageReturn = 13

/** Lines end with LF or CRLF, the last with the file; empty ones are no records. NDJSON is lines. */
export function createLineSplitter(recordBytesMax: number, onRecord: OnRecord): Splitter {
  let parts: Buffer[] = []
  let kept = 0
  let cut = 0
  let position = 0
  let lineAt = 0

  const keep = (bytes: Buffer) => {
    const part = bytes.length > recordBytesMax - kept ? bytes.subarray(0, recordBytesMax - kept) : bytes
    if (part.length > 0) parts.push(part)
    kept += part.length
    cut += bytes.length - part.length
  }

  const finish = () => {
    const whole = parts.length === 1 ? parts[0] : Buffer.concat(parts)
    const left = cut
    parts = []
    kept = 0
    cut = 0
    if (whole === undefined) return
    const raw = left === 0 && whole.at(-1) === carriageReturn ? whole.subarray(0, -1) : whole
    if (raw.length > 0) onRecord(raw, lineAt, left)
  }

  return {
    push(chunk) {
      let at = 0
      while (at < chunk.length) {
        const newline = chunk.indexOf(lineFeed, at)
        const end = newline === -1 ? chunk.length : newline
        keep(chunk.subarray(at, end))
        if (newline === -1) break
        finish()
        at = newline + 1
        lineAt = position + at
      }
      position += chunk.length
    },
    end: finish,
  }
}

const eventStart = /<Event(?=[\s>])/g
const eventEnd = '</Event>'

/**
 * `<Event>…</Event>` of an export, with or without `<Events>` around them. What stands between them is white space and
 * declarations, and no record. An event that never ends, or is too long, comes cut.
 */
export function createXmlSplitter(recordBytesMax: number, onRecord: OnRecord): Splitter {
  // latin1 keeps one character a byte, so that positions in the text are positions in the file.
  let text = ''
  let base = 0
  /** Bytes dropped of an event that is too long; its beginning stays in `text`. */
  let dropped = 0

  const drain = () => {
    for (;;) {
      eventStart.lastIndex = 0
      const start = eventStart.exec(text)
      if (start === null) {
        // A start tag may be cut at the chunk's end.
        const stay = Math.min(text.length, eventEnd.length)
        base += text.length - stay
        text = text.slice(text.length - stay)
        return
      }
      const close = text.indexOf(eventEnd, start.index)
      if (close === -1) {
        base += start.index
        text = text.slice(start.index)
        shorten()
        return
      }
      const end = close + eventEnd.length
      emit(text.slice(start.index, end), base + start.index)
      base += end + dropped
      text = text.slice(end)
      dropped = 0
    }
  }

  /** Keeps the beginning, and enough of the end to see the end tag that a chunk cut in two. */
  const shorten = () => {
    const over = text.length - recordBytesMax - eventEnd.length
    if (over <= 0) return
    dropped += over
    text = text.slice(0, recordBytesMax) + text.slice(-eventEnd.length)
  }

  const emit = (event: string, offset: number) => {
    const over = event.length - recordBytesMax
    if (dropped > 0 || over > 0)
      onRecord(Buffer.from(event.slice(0, recordBytesMax), 'latin1'), offset, dropped + Math.max(0, over))
    else onRecord(Buffer.from(event, 'latin1'), offset, 0)
  }

  return {
    push(chunk) {
      text += chunk.toString('latin1')
      drain()
    },
    end() {
      eventStart.lastIndex = 0
      const start = eventStart.exec(text)
      if (start !== null) emit(text.slice(start.index), base + start.index)
      text = ''
    },
  }
}

/** XML exports begin with a declaration or with their first tag; everything else is lines. */
export function isXmlExport(head: Buffer): boolean {
  return /^(?:\uFEFF)?\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--[\s\S]*?-->\s*)?<(?:Events|Event)[\s>]/.test(
    head.toString('utf8'),
  )
}
