// Markdown on the page. `code` lets a page make something of code, such as a link to a search.
import { Fragment, type ReactNode } from 'react'
import { messages } from '../messages.en.ts'
import { CodeBlock } from './CodeBlock.tsx'
import styles from './markdown.module.css'
import { type Block, type Inline, parseMarkdown } from './markdown.ts'

type Code = (text: string) => ReactNode

export function Markdown({ text, code }: { text: string; code?: Code }) {
  return (
    <div className={styles.markdown}>
      {parseMarkdown(text).map((block, index) => (
        <One key={index} block={block} code={code ?? plainCode} />
      ))}
    </div>
  )
}

const plainCode: Code = (text) => <code>{text}</code>

function One({ block, code }: { block: Block; code: Code }) {
  if (block.kind === 'code') return <CodeBlock text={block.text} label={messages.code} />
  if (block.kind === 'list') {
    const List = block.ordered ? 'ol' : 'ul'
    return (
      <List>
        {block.items.map((item, index) => (
          <li key={index} className={item.depth > 0 ? styles.below : undefined}>
            {paint(item.of, code)}
          </li>
        ))}
      </List>
    )
  }
  if (block.kind === 'heading') return <p className={styles.heading}>{paint(block.of, code)}</p>
  if (block.kind === 'quote') return <blockquote>{paint(block.of, code)}</blockquote>
  return <p>{paint(block.of, code)}</p>
}

function paint(pieces: Inline[], code: Code): ReactNode {
  return pieces.map((piece, index) => <Fragment key={index}>{paintOne(piece, code)}</Fragment>)
}

function paintOne(piece: Inline, code: Code): ReactNode {
  if (piece.kind === 'text') return piece.text
  if (piece.kind === 'code') return code(piece.text)
  if (piece.kind === 'strong') return <strong>{paint(piece.of, code)}</strong>
  if (piece.kind === 'emphasis') return <em>{paint(piece.of, code)}</em>
  return (
    <a href={piece.url} {...(piece.url.startsWith('/') ? {} : { target: '_blank', rel: 'noreferrer noopener' })}>
      {paint(piece.of, code)}
    </a>
  )
}
