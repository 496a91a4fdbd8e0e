// What people wrote in Markdown, as HTML: paragraphs, lists, bold, italics, code. Everything else stays text.
import { html } from './csv.ts'

export function prose(text: string): string {
  const blocks = text
    .replace(/\r\n?/g, '\n')
    .split(/\n{2,}/)
    .map((block) => block.trim())
    .filter((block) => block !== '')
  return blocks.map(blockOf).join('')
}

function blockOf(block: string): string {
  const parts: string[] = []
  let items: string[] = []
  const endList = () => {
    if (items.length > 0) parts.push(`<ul>${items.map((item) => `<li>${item}</li>`).join('')}</ul>`)
    items = []
  }
  let lines: string[] = []
  const endLines = () => {
    if (lines.length > 0) parts.push(`<p>${lines.join('<br>')}</p>`)
    lines = []
  }
  for (const line of block.split('\n')) {
    const item = /^\s*(?:[-*+]|\d{1,3}[.)])\s+(.*)$/.exec(line)?.[1]
    const title = /^#{1,6}\s+(.*)$/.exec(line)?.[1]
    if (item !== undefined) {
      endLines()
      items.push(inline(item))
    } else {
      endList()
      lines.push(title === undefined ? inline(line) : `<b>${inline(title)}</b>`)
    }
  }
  endLines()
  endList()
  return parts.join('')
}

/** Escaped first: only the marks below become elements. */
function inline(line: string): string {
  return html(line)
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replace(/\*\*([^*]+)\*\*/g, '<b>$1</b>')
    .replace(/(?<![\p{L}\p{N}*])\*([^*\s](?:[^*]*[^*\s])?)\*(?![\p{L}\p{N}*])/gu, '<i>$1</i>')
}
