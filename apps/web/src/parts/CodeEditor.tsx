// A text box for YAML with JSONata: coloured behind the caret, line numbers, marks at wrong lines, names completed.
import { type KeyboardEvent, type ReactNode, useId, useRef, useState } from 'react'
import { colourLine } from './CodeBlock.tsx'
import styles from './code-editor.module.css'
import partStyles from './parts.module.css'
import { replaceText } from './replace-text.ts'

interface Props {
  label: string
  hint: string
  value: string
  onChange: (next: string) => void
  /** Line (1 is the first) → what is wrong there. */
  marks: ReadonlyMap<number, string>
  /** Names that begin with what stands before the caret. */
  complete: (prefix: string) => string[]
}

const word = /[\w@.]+$/

export function CodeEditor({ label, hint, value, onChange, marks, complete }: Props) {
  const box = useRef<HTMLTextAreaElement>(null)
  const back = useRef<HTMLPreElement>(null)
  const [prefix, setPrefix] = useState('')
  const [chosen, setChosen] = useState(0)
  const hintId = useId()
  const listId = useId()
  const offered = prefix.length < 2 ? [] : complete(prefix).filter((name) => name !== prefix)

  const follow = () => {
    if (back.current === null || box.current === null) return
    back.current.scrollTop = box.current.scrollTop
    back.current.scrollLeft = box.current.scrollLeft
  }
  const look = (text: string, caret: number) => {
    setPrefix(word.exec(text.slice(0, caret))?.[0] ?? '')
    setChosen(0)
  }
  const insert = (name: string) => {
    const input = box.current
    if (input === null) return
    const caret = input.selectionStart
    onChange(replaceText(input, name, caret - prefix.length, caret))
    setPrefix('')
  }
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const name = offered[chosen]
    if (name !== undefined && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault()
      setChosen((chosen + (event.key === 'ArrowDown' ? 1 : offered.length - 1)) % offered.length)
    } else if (name !== undefined && (event.key === 'Enter' || event.key === 'Tab')) {
      event.preventDefault()
      insert(name)
    } else if (event.key === 'Escape') {
      event.stopPropagation()
      setPrefix('')
    } else if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) {
      event.preventDefault()
      goOnIndented(event.currentTarget, onChange)
    }
  }
  return (
    <div className={styles.editor}>
      <pre ref={back} className={styles.back} aria-hidden="true">
        {value.split('\n').map((line, index) => (
          <span
            key={index}
            className={marks.has(index + 1) ? styles.wrongLine : styles.line}
            title={marks.get(index + 1)}
          >
            <span className={styles.number}>{index + 1}</span>
            {colourLine(line, 'yaml').map(
              (piece, at): ReactNode =>
                piece.tone === undefined ? (
                  piece.text
                ) : (
                  <span key={at} className={partStyles[piece.tone]}>
                    {piece.text}
                  </span>
                ),
            )}
            {'\n'}
          </span>
        ))}
      </pre>
      <textarea
        ref={box}
        className={styles.input}
        aria-label={label}
        aria-describedby={hintId}
        aria-invalid={marks.size > 0}
        aria-autocomplete="list"
        aria-controls={listId}
        aria-activedescendant={offered.length > 0 ? `${listId}-${chosen}` : undefined}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        wrap="off"
        rows={Math.min(34, Math.max(14, value.split('\n').length + 1))}
        value={value}
        onChange={(event) => {
          onChange(event.currentTarget.value)
          look(event.currentTarget.value, event.currentTarget.selectionStart)
        }}
        onKeyDown={onKeyDown}
        onScroll={follow}
        onBlur={() => setPrefix('')}
      />
      <div id={listId} role="listbox" aria-label={hint} className={styles.list} hidden={offered.length === 0}>
        {offered.map((name, index) => (
          <div
            key={name}
            id={`${listId}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === chosen}
            className={styles.option}
            // Before the blur that would close the list.
            onMouseDown={(event) => {
              event.preventDefault()
              insert(name)
            }}
          >
            {name}
          </div>
        ))}
      </div>
      <div id={hintId} className="v-muted">
        {hint}
      </div>
    </div>
  )
}

/** A new line begins where the one before did. */
function goOnIndented(input: HTMLTextAreaElement, onChange: (next: string) => void): void {
  const { selectionStart: from, selectionEnd: to, value } = input
  const line = value.slice(value.lastIndexOf('\n', from - 1) + 1, from)
  const indent = `\n${/^\s*/.exec(line)?.[0] ?? ''}`
  onChange(replaceText(input, indent, from, to))
}
