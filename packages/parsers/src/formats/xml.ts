// XML as machines write it: elements, attributes, text, CDATA, the five entities. Iterative, linear; not for documents of strangers' DTDs.
import { limits } from '@varde/runtime'

export interface XmlElement {
  /** Without its namespace prefix. */
  name: string
  attributes: Record<string, string>
  children: XmlElement[]
  /** The text directly inside, entities resolved. */
  text: string
  /** One past the element in the source. */
  end: number
}

const elementsMax = 20_000

/** The element that begins at or after `from`; undefined where it is not well-formed, is cut off or too big. */
export function readXml(text: string, from = 0): XmlElement | undefined {
  const stack: XmlElement[] = []
  let elements = 0
  let at = text.indexOf('<', from)
  while (at >= 0 && at < text.length) {
    const next = text.charCodeAt(at + 1)
    if (next === 0x2f) {
      const close = text.indexOf('>', at)
      const element = stack.pop()
      if (close < 0 || element === undefined || localName(text.slice(at + 2, close).trimEnd()) !== element.name)
        return undefined
      element.end = close + 1
      if (stack.length === 0) return element
      at = readText(text, close + 1, stack[stack.length - 1])
    } else if (next === 0x21 || next === 0x3f) {
      const after = skipMarkup(text, at, stack[stack.length - 1])
      if (after < 0) return undefined
      at = stack.length === 0 ? text.indexOf('<', after) : readText(text, after, stack[stack.length - 1])
    } else {
      const open = readTag(text, at)
      if (open === undefined || ++elements > elementsMax || stack.length >= limits.jsonDepthMax) return undefined
      stack[stack.length - 1]?.children.push(open.element)
      if (open.closed) {
        if (stack.length === 0) return open.element
      } else stack.push(open.element)
      at = readText(text, open.element.end, stack[stack.length - 1])
    }
  }
  return undefined
}

export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name)
}

/** Takes the text up to the next `<` into the element; gives the place of the `<`, or -1. */
function readText(text: string, from: number, element: XmlElement | undefined): number {
  const next = text.indexOf('<', from)
  if (next > from && element !== undefined) {
    const chunk = unescapeXml(text.slice(from, next))
    element.text = element.text === '' ? chunk : element.text + chunk
  }
  return next
}

/** Comments, CDATA, declarations: the place after them, or -1. */
function skipMarkup(text: string, at: number, parent: XmlElement | undefined): number {
  if (text.startsWith('<!--', at)) return after(text, '-->', at + 4)
  if (text.startsWith('<![CDATA[', at)) {
    const end = text.indexOf(']]>', at + 9)
    if (end < 0) return -1
    if (parent !== undefined) parent.text += text.slice(at + 9, end)
    return end + 3
  }
  // A DTD could define entities: refused.
  if (text.startsWith('<!', at)) return -1
  return after(text, '?>', at + 2)
}

function after(text: string, literal: string, from: number): number {
  const end = text.indexOf(literal, from)
  return end < 0 ? -1 : end + literal.length
}

function readTag(text: string, from: number): { element: XmlElement; closed: boolean } | undefined {
  let at = from + 1
  while (at < text.length && !isNameEnd(text.charCodeAt(at))) at++
  if (at === from + 1) return undefined
  const element: XmlElement = {
    name: localName(text.slice(from + 1, at)),
    attributes: {},
    children: [],
    text: '',
    end: 0,
  }
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code <= 0x20) {
      at++
    } else if (code === 0x3e) {
      element.end = at + 1
      return { element, closed: false }
    } else if (code === 0x2f && text.charCodeAt(at + 1) === 0x3e) {
      element.end = at + 2
      return { element, closed: true }
    } else {
      const nameAt = at
      while (at < text.length && !isNameEnd(text.charCodeAt(at))) at++
      const name = text.slice(nameAt, at)
      while (text.charCodeAt(at) <= 0x20) at++
      if (text.charCodeAt(at) !== 0x3d) return undefined
      at++
      while (text.charCodeAt(at) <= 0x20) at++
      const quote = text[at]
      if (quote !== '"' && quote !== "'") return undefined
      const close = text.indexOf(quote, at + 1)
      if (close < 0) return undefined
      if (name !== '__proto__') element.attributes[name] = unescapeXml(text.slice(at + 1, close))
      at = close + 1
    }
  }
  return undefined
}

/** White space, `=`, `>`, `/`. */
function isNameEnd(code: number): boolean {
  return code <= 0x20 || code === 0x3d || code === 0x3e || code === 0x2f
}

function localName(name: string): string {
  const colon = name.indexOf(':')
  return colon < 0 ? name : name.slice(colon + 1)
}

const entities: Record<string, string | undefined> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/** Resolves the five named entities and character references; anything else stays as written. */
export function unescapeXml(text: string): string {
  let at = text.indexOf('&')
  if (at < 0) return text
  let value = ''
  let chunk = 0
  while (at >= 0) {
    const end = text.indexOf(';', at)
    if (end < 0) break
    const resolved = end - at <= 10 ? entityOf(text.slice(at + 1, end)) : undefined
    if (resolved === undefined) {
      at = text.indexOf('&', at + 1)
      continue
    }
    value += text.slice(chunk, at) + resolved
    chunk = end + 1
    at = text.indexOf('&', chunk)
  }
  return value + text.slice(chunk)
}

function entityOf(name: string): string | undefined {
  if (name.charCodeAt(0) !== 0x23) return entities[name]
  const hex = name.charCodeAt(1) === 0x78 || name.charCodeAt(1) === 0x58
  const code = hex ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10)
  if (!Number.isInteger(code) || code < 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined
  return String.fromCodePoint(code)
}
