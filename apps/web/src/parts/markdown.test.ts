import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Block, type Inline, parseInline, parseMarkdown } from './markdown.ts'

const textOf = (pieces: Inline[]): string =>
  pieces.map((piece) => ('text' in piece ? piece.text : textOf(piece.of))).join('')

describe('inline', () => {
  test.each([
    ['a `b c` d', ['text', 'code', 'text']],
    ['**strong** and *soft*', ['strong', 'text', 'emphasis']],
    ['see https://example.org/a?b=1.', ['text', 'link', 'text']],
    ['[rule](/rules/ad-01)', ['link']],
    ['[x](javascript:alert(1))', ['text', 'text']],
    ['[x](//evil.example)', ['text']],
    ['snake_case_name and 2*3*4', ['text']],
  ])('%s', (text, kinds) => expect(parseInline(text).map((piece) => piece.kind)).toEqual(kinds))
})

test('blocks', () => {
  const text = '# Head\nA line\nand its end\n\n1. first\n   goes on\n2. second\n   - below\n> said\n```\ncode *x*\n```'
  expect(parseMarkdown(text).map(describeBlock)).toEqual([
    'heading 1: Head',
    'paragraph: A line\nand its end',
    'list ordered: 0 first goes on | 0 second | 1 below',
    'quote: said',
    'code: code *x*',
  ])
})

function describeBlock(block: Block): string {
  if (block.kind === 'list')
    return `list ${block.ordered ? 'ordered' : 'plain'}: ${block.items.map((one) => `${one.depth} ${textOf(one.of)}`).join(' | ')}`
  if (block.kind === 'code') return `code: ${block.text}`
  return `${block.kind}${block.kind === 'heading' ? ` ${block.level}` : ''}: ${textOf(block.of)}`
}

test('no text throws, and no link leaves by another door', () => {
  const links = (pieces: Inline[]): string[] =>
    pieces.flatMap((piece) => (piece.kind === 'link' ? [piece.url] : 'of' in piece ? links(piece.of) : []))
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'ab *_`[]()#>-1.\n:/h'.split(''), 'https://', 'javascript:') }),
      (text) => {
        for (const block of parseMarkdown(text)) {
          const pieces = block.kind === 'list' ? block.items.flatMap((one) => one.of) : 'of' in block ? block.of : []
          for (const url of links(pieces)) expect(url).toMatch(/^(https?:\/\/|\/(?!\/))/i)
        }
      },
    ),
  )
})
