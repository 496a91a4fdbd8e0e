// Free text over the raw line: a phrase of its runs where that says it all, else what must be there, and a script that looks closer.
import type { TextValue } from '@varde/schema'
import { patternParts } from '../query-values.ts'
import { allOf, always, type Clause, escapeWildcard, wildcard } from './clause.ts'
import type { Scripts } from './scripts.ts'
import { runLengthMax } from './templates.ts'

export const line = '_varde.line'

interface Run {
  text: string
  isWord: boolean
}

export function textClause(value: TextValue, scripts: Scripts): Clause {
  const parts = value.kind === 'wildcard' ? patternParts(value.pattern) : [value.text]
  const folded = parts.map(foldCase)
  if (folded.every((part) => part === '')) return always
  const runs = folded.map(runsOf)
  const first = folded[0] ?? ''
  const last = folded.at(-1) ?? ''
  if (!runs.flat().some(({ text }) => text.length >= runLengthMax)) {
    const exact = folded.length === 1 ? wholePart(runs[0] ?? []) : oneRun(runs)
    if (exact !== undefined) return exact
  }
  const needed = runs.map((part, at) => neededOf(part, at === 0, at === runs.length - 1))
  return allOf([...needed, scripts.line(folded, startsWithWord(first), endsWithWord(last))])
}

/** Letters one by one, as Lucene folds them: no rule for the end of a word, none for two letters of one. */
export function foldCase(text: string): string {
  let folded = ''
  for (const character of text) {
    const lower = character.toLowerCase()
    folded += [...lower].length === 1 ? lower : character
  }
  return folded
}

const wordCharacter = /[\p{L}\p{N}_]/u

function startsWithWord(text: string): boolean {
  const [character] = text
  return character !== undefined && wordCharacter.test(character)
}

function endsWithWord(text: string): boolean {
  const character = [...text].at(-1)
  return character !== undefined && wordCharacter.test(character)
}

export function runsOf(text: string): Run[] {
  return [...text.matchAll(/[\p{L}\p{N}_]+|[^\p{L}\p{N}_]+/gu)].map(([run]) => ({
    text: run,
    isWord: startsWithWord(run),
  }))
}

/** A text between two words is a phrase to the letter; one without any word lies inside one run. */
function wholePart(runs: readonly Run[]): Clause | undefined {
  const [first] = runs
  const last = runs.at(-1)
  if (first === undefined || last === undefined) return undefined
  if (first.isWord && last.isWord) return phrase(runs)
  return runs.length === 1 ? wildcard(line, `*${escapeWildcard(first.text)}*`) : undefined
}

/** `fail*`, `*word`, `*ass*`: all of it inside one word. */
function oneRun(parts: readonly Run[][]): Clause | undefined {
  const filled = parts.filter((part) => part.length > 0)
  const [runs] = filled
  const [run] = runs ?? []
  if (filled.length !== 1 || runs?.length !== 1 || run === undefined) return undefined
  const before = parts[0]?.length === 0 || !run.isWord ? '*' : ''
  const after = parts.at(-1)?.length === 0 || !run.isWord ? '*' : ''
  // A word in its middle stands between two words only if nothing may follow it.
  if (before === '' && after === '') return undefined
  return wildcard(line, `${before}${escapeWildcard(run.text)}${after}`)
}

/** What every line that matches holds: the whole words of a part, and beginnings and ends of words at its edges. */
function neededOf(runs: readonly Run[], isFirst: boolean, isLast: boolean): Clause {
  const clauses: Clause[] = []
  const whole: Run[] = []
  for (const [at, run] of runs.entries()) {
    const open = { start: at === 0 && !(isFirst && run.isWord), end: at === runs.length - 1 && !(isLast && run.isWord) }
    if (!open.start && !open.end) whole.push(run)
    else {
      const cut = run.text.slice(0, runLengthMax - 1)
      const end = open.end || cut !== run.text ? '*' : ''
      clauses.push(wildcard(line, `${open.start ? '*' : ''}${escapeWildcard(cut)}${end}`))
    }
  }
  const words = whole.filter(({ text }) => text.length < runLengthMax)
  if (words.length > 0)
    clauses.push(words.length === whole.length ? phrase(whole) : allOf(words.map((run) => phrase([run]))))
  return allOf(clauses)
}

function phrase(runs: readonly Run[]): Clause {
  const text = runs.map((run) => run.text).join('')
  return runs.length === 1 ? { term: { [line]: text } } : { match_phrase: { [line]: text } }
}
