// The floor table of ARCHITECTURE.md, held against every package: imports go down, never up, never sideways.
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..', '..')

const floors: Record<string, number> = {
  schema: 0,
  runtime: 0,
  parsers: 1,
  evidence: 1,
  store: 1,
  bus: 1,
  ingest: 2,
  detection: 2,
  triage: 2,
  notary: 2,
  notify: 2,
  auth: 2,
  api: 3,
}

const packages = readdirSync(join(root, 'packages'))
const importPattern = /^(?:import|export) .*from '([^']+)'|^\} from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm

function manifest(folder: string): { dependencies?: Record<string, string>; devDependencies?: Record<string, string> } {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
}

function sources(folder: string): string[] {
  return globSync('**/*.{ts,tsx}', { cwd: join(root, folder), exclude: ['**/node_modules/**', '**/dist/**'] }).map(
    (file) => join(root, folder, file),
  )
}

function importsOf(file: string, valuesOnly = false): string[] {
  const text = readFileSync(file, 'utf8')
  const read = valuesOnly ? text.replaceAll(/^import type [^;]*? from '[^']+'/gm, '') : text
  return [...read.matchAll(importPattern)].flatMap((match) =>
    match.slice(1).filter((specifier) => specifier !== undefined),
  )
}

test('every package stands on a floor, and every floor is inhabited', () => {
  expect([...packages].sort()).toEqual(Object.keys(floors).sort())
})

describe.each(packages)('%s', (name) => {
  const floor = floors[name] ?? -1
  const { dependencies = {}, devDependencies = {} } = manifest(`packages/${name}`)

  test('depends only on floors below', () => {
    const rooms = Object.keys(dependencies).filter((dependency) => dependency.startsWith('@varde/'))
    for (const room of rooms)
      expect({ room, floor: floors[room.slice(7)] }).toEqual({
        room,
        floor: expect.toSatisfy((below: number) => below < floor),
      })
  })

  test('imports only what it declares, and nothing of its neighbours by path', () => {
    const declared = new Set([...Object.keys(dependencies), ...Object.keys(devDependencies)])
    const wrong: string[] = []
    for (const file of sources(`packages/${name}`)) {
      for (const specifier of importsOf(file)) {
        if (specifier.startsWith('.')) {
          if (relative(join(root, 'packages', name), resolve(dirname(file), specifier)).startsWith('..'))
            wrong.push(`${relative(root, file)}: ${specifier}`)
        } else if (!specifier.startsWith('node:')) {
          const base = specifier
            .split('/')
            .slice(0, specifier.startsWith('@') ? 2 : 1)
            .join('/')
          const isTool = base === 'vitest' || base === 'fast-check'
          if (!declared.has(base) && !isTool) wrong.push(`${relative(root, file)}: ${specifier}`)
        }
      }
    }
    expect(wrong).toEqual([])
  })

  test('has a README and an index that names each public thing', () => {
    expect(existsSync(join(root, 'packages', name, 'README.md'))).toBe(true)
    expect(readFileSync(join(root, 'packages', name, 'src', 'index.ts'), 'utf8')).not.toMatch(/export \*/)
  })
})

test('only wiring and the threads it starts name an adapter', () => {
  const allowed = new Set(
    ['wiring.ts', 'ingest-thread.ts', 'ingest-worker.ts', 'replay-thread.ts', 'replay-worker.ts'].map((file) =>
      join(root, 'apps', 'varde', 'src', file),
    ),
  )
  const wrong = [...sources('apps'), ...packages.flatMap((name) => sources(`packages/${name}/src`))].filter(
    (file) =>
      !allowed.has(file) &&
      !file.endsWith('.test.ts') &&
      !/\/(testing|faults)\//.test(file) &&
      // A type binds nobody to an adapter that runs.
      importsOf(file, true).some((specifier) =>
        /^@varde\/(store|bus)\/(embedded|kafka|elasticsearch)$/.test(specifier),
      ),
  )
  expect(wrong.map((file) => relative(root, file))).toEqual([])
})

test('the web app imports the schema and the contract only', () => {
  const rooms = sources('apps/web/src').flatMap((file) =>
    importsOf(file).filter((specifier) => specifier.startsWith('@varde/')),
  )
  expect([...new Set(rooms)].filter((room) => room !== '@varde/schema' && room !== '@varde/api/contract')).toEqual([])
})
