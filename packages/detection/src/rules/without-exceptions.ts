// A rule's text without its exceptions: they quote the records that they were made for, and those may be another customer's.
import { parseDocument } from 'yaml'

export const withheldNote = '# exceptions are withheld: they may name other customers'

/** The text as it is where it has none; a text that is no YAML map says nothing at all. */
export function withoutExceptions(text: string): string {
  const document = parseDocument(text)
  if (document.errors.length > 0 || !document.has('exceptions')) return document.errors.length > 0 ? '' : text
  document.delete('exceptions')
  return `${document.toString({ lineWidth: 0 }).trimEnd()}\n${withheldNote}\n`
}
