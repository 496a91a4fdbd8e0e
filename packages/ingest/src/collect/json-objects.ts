// JSON objects one behind the other, with or without white space between them: where each begins and ends, in one pass.

export type SplitObjects = { ok: true; objects: Buffer[] } | { ok: false; number: number }

const [quote, backslash, openBrace, closeBrace] = [0x22, 0x5c, 0x7b, 0x7d]
const isSpace = (byte: number) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

/** Views, not copies. Only braces and strings are looked at; what is between them is the parser's. `number`: of the object that is none, from 0. */
export function splitObjects(body: Buffer): SplitObjects {
  const objects: Buffer[] = []
  let at = 0
  for (;;) {
    while (at < body.length && isSpace(body[at] ?? 0)) at += 1
    if (at === body.length) return { ok: true, objects }
    const end = body[at] === openBrace ? endOf(body, at) : undefined
    if (end === undefined) return { ok: false, number: objects.length }
    objects.push(body.subarray(at, end))
    at = end
  }
}

function endOf(body: Buffer, from: number): number | undefined {
  let depth = 0
  for (let at = from; at < body.length; at += 1) {
    const byte = body[at]
    if (byte === quote) {
      at = endOfText(body, at)
      if (at < 0) return undefined
    } else if (byte === openBrace) depth += 1
    else if (byte === closeBrace) {
      depth -= 1
      if (depth === 0) return at + 1
    }
  }
  return undefined
}

/** The place of the quote that closes the text which begins here, or -1. */
function endOfText(body: Buffer, from: number): number {
  for (let at = from + 1; at < body.length; at += 1) {
    const byte = body[at]
    if (byte === backslash) at += 1
    else if (byte === quote) return at
  }
  return -1
}
