// What must stand in a block's raw lines for a query to be true there: trigrams and whole words.
import type { Query, TextValue } from '@varde/schema'
import { patternParts } from '../query-values.ts'
import { isWordCharacter } from './compile-text.ts'
import { foldText, hashStart, hashStep, trigramOf } from './text-index.ts'

export type Needed =
  | { kind: 'and'; of: Needed[] }
  | { kind: 'or'; of: Needed[] }
  /** Trigram bits and word hashes, all of them. */
  | { kind: 'text'; trigrams: number[]; words: number[] }

/** Undefined: nothing that the index knows. */
export function neededOf(query: Query): Needed | undefined {
  switch (query.kind) {
    case 'and': {
      const of = query.of.map(neededOf).filter((part) => part !== undefined)
      return of.length === 0 ? undefined : { kind: 'and', of }
    }
    case 'or': {
      const of: Needed[] = []
      for (const part of query.of) {
        const needed = neededOf(part)
        if (needed === undefined) return undefined
        of.push(needed)
      }
      return { kind: 'or', of }
    }
    case 'text':
      return neededText(query.value)
    default:
      return undefined
  }
}

function neededText(value: TextValue): Needed | undefined {
  const isWildcard = value.kind === 'wildcard'
  const parts = isWildcard ? patternParts(value.pattern) : [value.text]
  const trigrams = new Set<number>()
  const words = new Set<number>()
  for (const [index, part] of parts.entries()) {
    addTrigrams(foldText(part), trigrams)
    // Next to a `*` a word may go on; at the ends of the text it may not.
    addWords(foldText(part), words, index === 0, index === parts.length - 1)
  }
  if (trigrams.size === 0 && words.size === 0) return undefined
  return { kind: 'text', trigrams: [...trigrams], words: [...words] }
}

function addTrigrams(text: string, trigrams: Set<number>): void {
  for (let at = 2; at < text.length; at += 1) {
    const codes = [text.charCodeAt(at - 2), text.charCodeAt(at - 1), text.charCodeAt(at)]
    const [a = 128, b = 128, c = 128] = codes
    if (a < 128 && b < 128 && c < 128) trigrams.add(trigramOf(a, b, c))
  }
}

function addWords(text: string, words: Set<number>, fromStart: boolean, toEnd: boolean): void {
  let run = ''
  let bounded = fromStart
  let plain = true
  const end = (isBounded: boolean) => {
    if (run !== '' && plain && bounded && isBounded) {
      let hash = hashStart
      for (let at = 0; at < run.length; at += 1) hash = hashStep(hash, run.charCodeAt(at))
      words.add(hash)
    }
    run = ''
    plain = true
    bounded = true
  }
  for (const character of text) {
    if (!isWordCharacter(character)) end(true)
    else {
      run += character
      if (character.charCodeAt(0) >= 128) plain = false
    }
  }
  end(toEnd)
}
