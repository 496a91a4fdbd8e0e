// What the documents point to is there: links, and paths named in code marks.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const documents = execFileSync('git', ['ls-files', '*.md'], { cwd: root, encoding: 'utf8' }).trim().split('\n')

/** A path from the root, or from the document. Patterns and places in braces are no paths. */
const named = /^(?:packages|apps|test|docs|docker|detections|src)\/[\w./-]+$/

function missingIn(document: string): string[] {
  const text = readFileSync(join(root, document), 'utf8')
  const links = [...text.matchAll(/\]\(([^)#\s]+)/g)].flatMap(([, to = '']) => (/^[a-z]+:/.test(to) ? [] : [to]))
  const paths = [...text.matchAll(/`([^`\n]+)`/g)].flatMap(([, span = '']) => (named.test(span) ? [span] : []))
  return [...links, ...paths]
    .filter((path) => ![dirname(document), '.'].some((from) => existsSync(join(root, from, path))))
    .map((path) => `${document}: ${path}`)
}

test('every link and every path of the documents leads somewhere', () => {
  expect(documents.flatMap(missingIn)).toEqual([])
})
