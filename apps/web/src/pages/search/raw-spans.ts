// Which stretch of a raw line is which field: values found where they stand, longest first, never overlapping.
import type { Json } from '@varde/schema'
import { flatten } from '../../parts/flatten.ts'

export interface Span {
  from: number
  text: string
  /** The field whose value stands here. */
  field?: string
  value?: Json
  /** No field explains it. */
  unexplained: boolean
}

/** Fields that repeat what others say, or hold the line itself. */
const repeats =
  /^(message|event\.original|related\.|event\.(dataset|module|kind|category|type)|@timestamp|.*\.address$)/
const isWord = /[\p{L}\p{N}_]/u

export function spansOf(
  raw: string,
  event: { [key: string]: Json },
  unexplained: { from: number; to: number }[],
): Span[] {
  const taken: { from: number; to: number; field: string; value: Json }[] = []
  const values = [...flatten(event)]
    .filter(([field]) => !repeats.test(field))
    .flatMap(([field, value]) => (Array.isArray(value) ? value : [value]).map((one) => ({ field, value: one })))
    .map((one) => ({ ...one, text: typeof one.value === 'object' ? '' : String(one.value) }))
    .filter(({ text }) => text.length > 1)
    .sort((a, b) => b.text.length - a.text.length)
  for (const { field, value, text } of values) {
    const at = placeOf(raw, text, taken)
    if (at !== undefined) taken.push({ from: at, to: at + text.length, field, value })
  }
  return cut(
    raw,
    taken.sort((a, b) => a.from - b.from),
    unexplained,
  )
}

/** The first free place where the text stands as a whole word. */
function placeOf(raw: string, text: string, taken: { from: number; to: number }[]): number | undefined {
  for (let at = raw.indexOf(text); at !== -1; at = raw.indexOf(text, at + 1)) {
    const end = at + text.length
    const whole =
      !(isWord.test(text[0] ?? '') && isWord.test(raw[at - 1] ?? ' ')) &&
      !(isWord.test(text.at(-1) ?? '') && isWord.test(raw[end] ?? ' '))
    if (whole && taken.every((one) => end <= one.from || at >= one.to)) return at
  }
  return undefined
}

function cut(
  raw: string,
  taken: { from: number; to: number; field: string; value: Json }[],
  unexplained: { from: number; to: number }[],
): Span[] {
  const spans: Span[] = []
  const plain = (from: number, to: number) => {
    const edges = [from, to, ...unexplained.flatMap((one) => [one.from, one.to])]
      .filter((edge) => edge >= from && edge <= to)
      .sort((a, b) => a - b)
    for (const [index, edge] of edges.entries()) {
      const next = edges[index + 1]
      if (next === undefined || next === edge) continue
      const lost = unexplained.some((one) => one.from <= edge && next <= one.to)
      spans.push({ from: edge, text: raw.slice(edge, next), unexplained: lost })
    }
  }
  let end = 0
  for (const one of taken) {
    plain(end, one.from)
    spans.push({
      from: one.from,
      text: raw.slice(one.from, one.to),
      field: one.field,
      value: one.value,
      unexplained: false,
    })
    end = one.to
  }
  plain(end, raw.length)
  return spans
}
