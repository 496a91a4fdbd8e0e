// Markdown as people write it in notes: paragraphs, lists, headings, quotes, code, links. Never HTML.

export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'strong'; of: Inline[] }
  | { kind: 'emphasis'; of: Inline[] }
  | { kind: 'link'; url: string; of: Inline[] }
export type Block =
  | { kind: 'paragraph' | 'quote'; of: Inline[] }
  | { kind: 'heading'; level: number; of: Inline[] }
  | { kind: 'list'; ordered: boolean; items: { depth: number; of: Inline[] }[] }
  | { kind: 'code'; text: string }

const item = /^(\s*)(?:([-*+])|(\d{1,4})[.)])\s+(.*)$/

export function parseMarkdown(text: string): Block[] {
  const blocks: Block[] = []
  const lines = text.replace(/\r\n?/g, '\n').split('\n')
  let paragraph: string[] = []
  const flush = () => {
    if (paragraph.length > 0) blocks.push({ kind: 'paragraph', of: parseInline(paragraph.join('\n')) })
    paragraph = []
  }
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? ''
    if (/^```/.test(line)) {
      flush()
      const end = lines.findIndex((one, index) => index > at && /^```/.test(one))
      const last = end === -1 ? lines.length : end
      blocks.push({ kind: 'code', text: lines.slice(at + 1, last).join('\n') })
      at = last
      continue
    }
    const heading = /^(#{1,4})\s+(.*)$/.exec(line)
    const quote = /^>\s?(.*)$/.exec(line)
    const listed = item.exec(line)
    if (line.trim() === '') flush()
    else if (heading !== null) {
      flush()
      blocks.push({ kind: 'heading', level: heading[1]?.length ?? 1, of: parseInline(heading[2] ?? '') })
    } else if (quote !== null) {
      flush()
      blocks.push({ kind: 'quote', of: parseInline(quote[1] ?? '') })
    } else if (listed !== null) {
      flush()
      addItem(blocks, listed)
    } else if (paragraph.length === 0 && /^\s+\S/.test(line) && blocks.at(-1)?.kind === 'list')
      goOn(blocks, line.trim())
    else paragraph.push(line)
  }
  flush()
  return blocks
}

function addItem(blocks: Block[], [, indent = '', , number, text = '']: RegExpExecArray): void {
  const ordered = number !== undefined
  const last = blocks.at(-1)
  const one = { depth: Math.min(3, Math.floor(indent.length / 2)), of: parseInline(text) }
  if (last?.kind === 'list' && (last.ordered === ordered || one.depth > 0)) last.items.push(one)
  else blocks.push({ kind: 'list', ordered, items: [one] })
}

/** An indented line below an item belongs to it. */
function goOn(blocks: Block[], text: string): void {
  const last = blocks.at(-1)
  if (last?.kind === 'list') last.items.at(-1)?.of.push({ kind: 'text', text: ' ' }, ...parseInline(text))
}

const inline =
  /`([^`\n]+)`|\*\*(?=\S)([^*]+?)\*\*|(?<![\w*])[*_](?=\S)([^*_\n]+?)[*_](?![\w*])|\[([^\]\n]+)\]\(([^)\s]+)\)|(https?:\/\/[^\s<>")\]]+[^\s<>")\].,;:!?'])/g

export function parseInline(text: string): Inline[] {
  const pieces: Inline[] = []
  let end = 0
  for (const match of text.matchAll(inline)) {
    if (match.index > end) pieces.push({ kind: 'text', text: text.slice(end, match.index) })
    const [whole, code, strong, emphasis, label, url, bare] = match
    if (code !== undefined) pieces.push({ kind: 'code', text: code })
    else if (strong !== undefined) pieces.push({ kind: 'strong', of: parseInline(strong) })
    else if (emphasis !== undefined) pieces.push({ kind: 'emphasis', of: parseInline(emphasis) })
    else if (label !== undefined && url !== undefined) pieces.push(linkOf(whole, label, url))
    else if (bare !== undefined) pieces.push({ kind: 'link', url: bare, of: [{ kind: 'text', text: bare }] })
    end = match.index + whole.length
  }
  if (end < text.length) pieces.push({ kind: 'text', text: text.slice(end) })
  return pieces
}

/** Only web addresses and places in Varde itself are links; all else stays the text it is. */
function linkOf(whole: string, label: string, url: string): Inline {
  const safe = /^https?:\/\//i.test(url) || /^\/(?!\/)/.test(url)
  return safe ? { kind: 'link', url, of: [{ kind: 'text', text: label }] } : { kind: 'text', text: whole }
}
