// Text in a fixed-width box, with YAML and JSON coloured by a small lexer.
import { Fragment, type ReactNode } from 'react'
import styles from './parts.module.css'

type Language = 'yaml' | 'json' | 'text'
interface Piece {
  text: string
  tone?: 'key' | 'string' | 'number' | 'word' | 'comment'
}

/** One line of YAML or JSON in coloured pieces. Their texts joined are the line. */
export function colourLine(line: string, language: Language): Piece[] {
  if (language === 'text') return [{ text: line }]
  const pieces: Piece[] = []
  let rest = line
  if (language === 'yaml') {
    const key = /^(\s*(?:- )?(?:\{ ?)?)([\w.$-]+)(?=:(?:\s|$))/.exec(line)
    if (key !== null) {
      const [whole, indent = '', name = ''] = key
      pieces.push({ text: indent }, { text: name, tone: 'key' })
      rest = line.slice(whole.length)
    }
  }
  const token =
    /("(?:\\.|[^"\\])*"(?=\s*:))|("(?:\\.|[^"\\])*"|'[^']*')|((?:^|(?<=\s))#.*$)|((?<![\w-])(?:true|false|null|and|or|not|in)(?![\w-]))|((?<![\w.]|\w-)\d+(?:\.\d+)?[smhdw]?(?![\w.]))/g
  let end = 0
  for (const match of rest.matchAll(token)) {
    if (match.index > end) pieces.push({ text: rest.slice(end, match.index) })
    const [text, key, string, comment, word] = match
    const tone =
      key !== undefined
        ? 'key'
        : string !== undefined
          ? 'string'
          : comment !== undefined
            ? 'comment'
            : word !== undefined
              ? 'word'
              : 'number'
    pieces.push({ text, tone })
    end = match.index + text.length
  }
  if (end < rest.length) pieces.push({ text: rest.slice(end) })
  return pieces
}

interface Props {
  text: string
  language?: Language
  label: string
  lineNumbers?: boolean
  maxHeight?: number | string
}

export function CodeBlock({ text, language = 'text', label, lineNumbers = false, maxHeight }: Props) {
  const lines = text.split('\n')
  return (
    <pre
      className={`${styles.code} ${lineNumbers ? '' : styles.wrap}`}
      aria-label={label}
      role="region"
      tabIndex={0}
      style={maxHeight === undefined ? undefined : { maxHeight }}
    >
      {lines.map((line, index) => (
        <Fragment key={index}>
          {lineNumbers && <span className={styles.lineNumber}>{index + 1}</span>}
          {colourLine(line, language).map(paint)}
          {index < lines.length - 1 && '\n'}
        </Fragment>
      ))}
    </pre>
  )
}

function paint(piece: Piece, index: number): ReactNode {
  if (piece.tone === undefined) return piece.text
  return (
    <span key={index} className={styles[piece.tone]}>
      {piece.text}
    </span>
  )
}
