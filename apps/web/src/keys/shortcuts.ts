// Keys that work on a page: registered while the page is there, listed in the `?` overlay, run from one listener.
import { useEffect, useRef } from 'react'

export interface Shortcut {
  /** `j`, `?`, `Escape`, `mod+k`, or two keys one after the other as `g s`. */
  keys: string
  label: string
  run: () => void
  /** Also while the caret is in a text box. */
  inInputs?: boolean
}
export interface ShortcutGroup {
  title: string
  shortcuts: Shortcut[]
}

const groups = new Map<symbol, () => ShortcutGroup>()

/** Everything that has a key right now, in the order of registration. */
export function registeredShortcuts(): ShortcutGroup[] {
  const titles = new Map<string, ShortcutGroup>()
  for (const read of groups.values()) {
    const group = read()
    const known = titles.get(group.title)
    if (known === undefined) titles.set(group.title, { ...group, shortcuts: [...group.shortcuts] })
    else known.shortcuts.push(...group.shortcuts)
  }
  return [...titles.values()].filter((group) => group.shortcuts.length > 0)
}

export function useShortcuts(title: string, shortcuts: Shortcut[]): void {
  const current = useRef<ShortcutGroup>({ title, shortcuts })
  current.current = { title, shortcuts }
  useEffect(() => {
    const id = Symbol(title)
    groups.set(id, () => current.current)
    return () => {
      groups.delete(id)
    }
  }, [title])
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement)
    return true
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'button'].includes(target.type)
}

function nameOf(event: KeyboardEvent): string {
  const mod = event.ctrlKey || event.metaKey
  return mod ? `mod+${event.key.toLowerCase()}` : event.key
}

const sequenceMs = 900

/** Listens until the returned function is called. The latest registered group wins. */
export function listenForShortcuts(): () => void {
  let first = ''
  let firstAt = 0
  const onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.altKey || event.isComposing) return
    const typing = isTyping(event.target)
    // A menu has its own arrows, letters and Escape, as a dialog has.
    const inDialog = event.target instanceof HTMLElement && event.target.closest('[role=dialog], [role=menu]') !== null
    const name = nameOf(event)
    const sequence = first !== '' && event.timeStamp - firstAt < sequenceMs ? `${first} ${name}` : ''
    const candidates = [...groups.values()].reverse().flatMap((read) => read().shortcuts)
    const allowed = candidates.filter((shortcut) => (!typing && !inDialog) || shortcut.inInputs === true)
    const found =
      allowed.find((shortcut) => shortcut.keys === sequence) ?? allowed.find((shortcut) => shortcut.keys === name)
    first = ''
    if (found !== undefined) {
      event.preventDefault()
      found.run()
    } else if (allowed.some((shortcut) => shortcut.keys.startsWith(`${name} `))) {
      first = name
      firstAt = event.timeStamp
    }
  }
  document.addEventListener('keydown', onKey)
  return () => document.removeEventListener('keydown', onKey)
}
