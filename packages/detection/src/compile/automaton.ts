// Aho-Corasick over many texts at once, ASCII letters folded: which of them stand in a text? One table look-up a character.

export interface Pattern {
  /** What is reported. */
  id: number
  /** ASCII, at least one character; compared without regard to the case of letters. */
  text: string
  /** Where it must stand: anywhere, `before` characters from the start, or `after` characters from the end. */
  anchor: { kind: 'anywhere' } | { kind: 'start'; before: number } | { kind: 'end'; after: number }
}

export interface Automaton {
  readonly states: number
  /** Calls `report` for each occurrence; the same id may come more than once. */
  run(text: string, report: (id: number) => void): void
}

const anywhere = 0
const fromStart = 1
const fromEnd = 2

/** Characters that become ASCII letters in lower case: the Kelvin sign and the dotted capital I. */
const foldedToAscii: Record<number, string> = { 8490: 'k', 304: 'i' }

function foldCode(code: number): number {
  return code >= 65 && code <= 90 ? code + 32 : code
}

/** Most frequent first: their columns then lie together in a row of the table. */
const frequentFirst = 'etaoinsrlcdmpuwhxfgbkvyzjq\\./-: 0123456789_'

/** Character code → class; class 0 is every character that stands in no pattern. */
function classesOf(patterns: readonly Pattern[]): { of: Uint8Array; count: number } {
  const present = new Uint8Array(128)
  for (const { text } of patterns) {
    for (let at = 0; at < text.length; at++) {
      const code = foldCode(text.charCodeAt(at))
      if (code < 128) present[code] = 1
    }
  }
  const of = new Uint8Array(128)
  let count = 1
  for (const char of frequentFirst) if (present[char.charCodeAt(0)] === 1) of[char.charCodeAt(0)] = count++
  for (let code = 0; code < 128; code++) if (present[code] === 1 && of[code] === 0) of[code] = count++
  for (let code = 65; code <= 90; code++) of[code] = of[code + 32] ?? 0
  return { of, count }
}

interface Trie {
  next: Int32Array
  /** Patterns that end at a state. */
  ends: Map<number, number[]>
  states: number
}

function trieOf(patterns: readonly Pattern[], classes: Uint8Array, width: number): Trie {
  const length = patterns.reduce((sum, pattern) => sum + pattern.text.length, 1)
  const next = new Int32Array(length * width)
  const ends = new Map<number, number[]>()
  let states = 1
  for (const [index, { text }] of patterns.entries()) {
    let state = 0
    for (let at = 0; at < text.length; at++) {
      const cell = state * width + (classes[text.charCodeAt(at)] ?? 0)
      let to = next[cell] ?? 0
      if (to === 0) {
        to = states++
        next[cell] = to
      }
      state = to
    }
    const here = ends.get(state)
    if (here === undefined) ends.set(state, [index])
    else here.push(index)
  }
  return { next: next.slice(0, states * width), ends, states }
}

/**
 * Breadth first: missing edges become those of the longest suffix, whose reports are added to a state's own. Gives the states in that
 * order: the shallow ones, where texts spend their time, then lie together in memory.
 */
function close(trie: Trie, width: number): Int32Array {
  const { next, ends, states } = trie
  const fail = new Int32Array(states)
  const queue = new Int32Array(states)
  // The root is the first.
  let [head, tail] = [1, 1]
  for (let label = 0; label < width; label++) {
    const state = next[label] ?? 0
    if (state !== 0) queue[tail++] = state
  }
  while (head < tail) {
    const state = queue[head++] ?? 0
    const suffix = fail[state] ?? 0
    const inherited = ends.get(suffix)
    if (inherited !== undefined) ends.set(state, [...(ends.get(state) ?? []), ...inherited])
    for (let label = 0; label < width; label++) {
      const cell = state * width + label
      const to = next[cell] ?? 0
      const otherwise = next[suffix * width + label] ?? 0
      if (to === 0) next[cell] = otherwise
      else {
        fail[to] = otherwise
        queue[tail++] = to
      }
    }
  }
  return queue
}

export function createAutomaton(patterns: readonly Pattern[]): Automaton {
  const { of: ascii, count: width } = classesOf(patterns)
  const trie = trieOf(patterns, ascii, width)
  const order = close(trie, width)
  const { ends } = trie
  const placeOf = new Int32Array(trie.states)
  for (const [place, state] of order.entries()) placeOf[state] = place
  const total = [...ends.values()].reduce((sum, list) => sum + list.length, 0)
  const outStart = new Int32Array(trie.states + 1)
  const [ids, kinds, distances] = [new Int32Array(total), new Uint8Array(total), new Int32Array(total)]
  let position = 0
  for (const [place, state] of order.entries()) {
    outStart[place] = position
    for (const index of ends.get(state) ?? []) {
      const pattern = patterns[index]
      if (pattern === undefined) continue
      ids[position] = pattern.id
      kinds[position] =
        pattern.anchor.kind === 'anywhere' ? anywhere : pattern.anchor.kind === 'start' ? fromStart : fromEnd
      distances[position] =
        pattern.anchor.kind === 'start'
          ? pattern.anchor.before + pattern.text.length
          : pattern.anchor.kind === 'end'
            ? pattern.anchor.after
            : 0
      position++
    }
  }
  outStart[trie.states] = position
  const foreign = Object.fromEntries(
    Object.entries(foldedToAscii).map(([code, char]) => [code, ascii[char.charCodeAt(0)] ?? 0]),
  )
  // Places are kept multiplied by the width, and negative where something ends: one look-up a character.
  const table = new Int32Array(trie.states * width)
  for (const [place, state] of order.entries()) {
    for (let label = 0; label < width; label++) {
      const to = placeOf[trie.next[state * width + label] ?? 0] ?? 0
      const reports = (outStart[to] ?? 0) < (outStart[to + 1] ?? 0)
      table[place * width + label] = reports ? ~(to * width) : to * width
    }
  }
  const report = (state: number, at: number, length: number, to: (id: number) => void): void => {
    const last = outStart[state + 1] ?? 0
    for (let out = outStart[state] ?? 0; out < last; out++) {
      const kind = kinds[out]
      const distance = distances[out]
      if (kind === anywhere || (kind === fromStart ? at + 1 === distance : length - at - 1 === distance))
        to(ids[out] ?? 0)
    }
  }
  const shortest = patterns.reduce((least, pattern) => Math.min(least, pattern.text.length), Number.POSITIVE_INFINITY)
  const run = (text: string, to: (id: number) => void): void => {
    const length = text.length
    if (length < shortest) return
    let state = 0
    for (let at = 0; at < length; at++) {
      const code = text.charCodeAt(at)
      state = table[state + (code < 128 ? (ascii[code] ?? 0) : (foreign[code] ?? 0))] ?? 0
      if (state >= 0) continue
      state = ~state
      report(state / width, at, length, to)
    }
  }
  return { states: trie.states, run }
}
