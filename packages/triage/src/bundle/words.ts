// The words of reports and notices, from the text files in `texts/`: one file a language.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Language } from '@varde/schema'
import { parse } from 'yaml'
import { z } from 'zod'

const folder = join(import.meta.dirname, '..', '..', 'texts')
const Words = z.record(z.string(), z.string())
const read = new Map<string, Record<string, string>>()

function wordsOf(file: string, language: Language): Record<string, string> {
  const key = `${file}.${language}`
  const words = read.get(key) ?? Words.parse(parse(readFileSync(join(folder, `${key}.yaml`), 'utf8')))
  read.set(key, words)
  return words
}

/** Throws a RangeError for a word that the file does not have: a test reads all of them. */
export function wordsIn(file: string, language: Language): (name: string, values?: Record<string, string>) => string {
  const words = wordsOf(file, language)
  return (name, values = {}) => {
    const text = words[name]
    if (text === undefined) throw new RangeError(`texts/${file}.${language}.yaml has no "${name}"`)
    return text.replace(/\{(\w+)\}/g, (whole, value: string) => values[value] ?? whole)
  }
}

/** Of a closed list, such as `status` and `open`; what a person wrote instead stays as it is. */
export function listedWord(language: Language, list: string, value: string): string {
  return wordsOf('bundle', language)[`${list}-${value}`] ?? value
}
