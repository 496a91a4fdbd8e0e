// The search box: KQL with colours, completion of fields and values, history, and errors under the caret.
import { IconHistory, IconSearch, IconX } from '@tabler/icons-react'
import { parseQuery } from '@varde/schema'
import { type KeyboardEvent, type RefObject, useEffect, useId, useMemo, useRef, useState } from 'react'
import { replaceText } from '../../parts/replace-text.ts'
import { useSearchActions } from './actions.ts'
import { colourQuery } from './completion.ts'
import { messages } from './messages.en.ts'
import styles from './QueryBox.module.css'
import { type Suggestion, useSuggestions } from './suggestions.ts'

export function QueryBox({ box }: { box: RefObject<HTMLInputElement | null> }) {
  const actions = useSearchActions()
  const saved = actions.state.q ?? ''
  const [text, setText] = useState(saved)
  const [caret, setCaret] = useState(0)
  const [opened, setOpened] = useState(false)
  const [chosen, setChosen] = useState(-1)
  const mirror = useRef<HTMLDivElement>(null)
  const listId = useId()
  const errorId = useId()

  useEffect(() => setText(saved), [saved])
  const parsed = useMemo(() => parseQuery(text), [text])
  const wrong = parsed.ok || (opened && parsed.error.to >= text.length && text !== saved) ? undefined : parsed.error
  const suggestions = useSuggestions(text, caret, opened, actions.range)

  const follow = () => {
    const input = box.current
    if (input === null) return
    setCaret(input.selectionStart ?? input.value.length)
    if (mirror.current !== null) mirror.current.scrollLeft = input.scrollLeft
  }
  const run = (next = text) => {
    setOpened(false)
    setChosen(-1)
    if (!parseQuery(next).ok) return
    if (next.trim() === saved) actions.refresh()
    else actions.setQuery(next)
  }
  const take = (suggestion: Suggestion) => {
    const input = box.current
    if (input === null) return
    setChosen(-1)
    setText(replaceText(input, suggestion.insert, suggestion.from, caret))
    if (suggestion.kind === 'recent') {
      run(suggestion.insert)
      return
    }
    input.focus()
    setCaret(suggestion.from + suggestion.insert.length)
    setOpened(true)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const last = suggestions.length - 1
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      if (!opened) setOpened(true)
      else setChosen(event.key === 'ArrowDown' ? (chosen >= last ? -1 : chosen + 1) : chosen < 0 ? last : chosen - 1)
      return
    }
    const suggestion = suggestions[chosen === -1 && event.key === 'Tab' ? 0 : chosen]
    if (opened && suggestion !== undefined && (event.key === 'Enter' || (event.key === 'Tab' && !event.shiftKey))) {
      event.preventDefault()
      take(suggestion)
    } else if (event.key === 'Enter') run()
    else if (event.key === 'Escape') {
      if (opened) {
        setOpened(false)
        setChosen(-1)
      } else box.current?.blur()
    }
  }

  return (
    <div className={styles.wrap}>
      <div className={`${styles.box} ${wrong === undefined ? '' : styles.wrong}`}>
        <IconSearch size={15} className={styles.icon} aria-hidden="true" />
        <div className={styles.field}>
          <div ref={mirror} className={styles.mirror} aria-hidden="true">
            <Coloured text={text} wrong={wrong} />
          </div>
          <input
            ref={box}
            className={styles.input}
            type="text"
            role="combobox"
            aria-label={messages.box.label}
            aria-expanded={opened && suggestions.length > 0}
            aria-controls={listId}
            aria-autocomplete="list"
            aria-activedescendant={chosen >= 0 ? `${listId}-${chosen}` : undefined}
            aria-invalid={wrong !== undefined}
            aria-describedby={wrong === undefined ? undefined : errorId}
            placeholder={messages.box.placeholder}
            spellCheck={false}
            autoComplete="off"
            autoCapitalize="off"
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value)
              setChosen(-1)
              setOpened(true)
              follow()
            }}
            onKeyDown={onKeyDown}
            onKeyUp={follow}
            onClick={follow}
            onSelect={follow}
            onScroll={follow}
            onFocus={() => {
              follow()
              setOpened(true)
            }}
            onBlur={() => {
              setOpened(false)
              setChosen(-1)
            }}
          />
        </div>
        {text !== '' && (
          <button
            type="button"
            className={styles.clear}
            aria-label={messages.box.clear}
            onClick={() => {
              setText('')
              actions.setQuery('')
              box.current?.focus()
            }}
          >
            <IconX size={14} />
          </button>
        )}
      </div>
      <div
        id={listId}
        role="listbox"
        aria-label={messages.box.suggestions}
        className={styles.list}
        hidden={!opened || suggestions.length === 0}
      >
        {suggestions.map((suggestion, index) => (
          <div
            key={`${suggestion.kind}${suggestion.label}`}
            id={`${listId}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === chosen}
            className={styles.option}
            // Before the blur that would close the list.
            onMouseDown={(event) => {
              event.preventDefault()
              take(suggestion)
            }}
          >
            {suggestion.kind === 'recent' && <IconHistory size={13} aria-hidden="true" />}
            <span className={styles.label}>{suggestion.label}</span>
            <span className={styles.note}>{suggestion.note}</span>
          </div>
        ))}
      </div>
      {wrong !== undefined && (
        <div id={errorId} className={styles.error} role="status">
          <span
            aria-hidden="true"
            className={styles.caret}
            style={{ paddingLeft: `calc(${Math.min(wrong.from, 90)}ch + 31px)` }}
          >
            ^
          </span>
          <span>{wrong.message}</span>
          {wrong.suggestion !== undefined && (
            <button type="button" className={styles.use} onClick={() => run(wrong.suggestion)}>
              {messages.box.use(wrong.suggestion)}
            </button>
          )}
        </div>
      )}
    </div>
  )
}

function Coloured({ text, wrong }: { text: string; wrong: { from: number; to: number } | undefined }) {
  let at = 0
  return colourQuery(text).map((piece) => {
    const from = at
    at += piece.text.length
    const inError = wrong !== undefined && at > wrong.from && from < Math.max(wrong.to, wrong.from + 1)
    return (
      <span
        key={from}
        className={`${piece.tone === undefined ? '' : styles[piece.tone]} ${inError ? styles.squiggle : ''}`}
      >
        {piece.text}
      </span>
    )
  })
}
