// Lists that rules ask for by name: versioned data in detections/lists, one YAML file a list.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { canonicalJson, type Digest, type Json } from '@varde/schema'
import { parse } from 'yaml'
import { z } from 'zod'
import { createHelperEnvironment, type HelperEnvironment } from '../compile/index.ts'

const ListFile = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
  description: z.string(),
  /** What a person sees beside the digest. */
  version: z.string(),
  source: z.string().optional(),
  values: z.array(z.union([z.string(), z.number(), z.boolean()])),
})
export type List = z.infer<typeof ListFile> & { digest: Digest }

export interface Lists {
  readonly environment: HelperEnvironment
  get(name: string): List | undefined
  names(): string[]
}

/** Digest of what a list says: its values as a set, not its order, name or description. */
function listDigest(values: readonly Json[]): Digest {
  const texts = [...new Set(values.map((value) => canonicalJson(value)))].sort()
  return createHash('sha256').update(texts.join('\n')).digest('hex')
}

/** Lists by name, out of values that are at hand: for tests and replays that bring their own. */
export function createLists(lists: Record<string, readonly (string | number | boolean)[]> = {}): Lists {
  return listsFrom(
    Object.entries(lists).map(([name, values]) => ({ name, description: '', version: '', values: [...values] })),
  )
}

function listsFrom(files: z.infer<typeof ListFile>[]): Lists {
  const byName = new Map(files.map((file): [string, List] => [file.name, { ...file, digest: listDigest(file.values) }]))
  const values = Object.fromEntries([...byName].map(([name, list]): [string, Json[]] => [name, list.values]))
  return {
    environment: createHelperEnvironment(values),
    get: (name) => byName.get(name),
    names: () => [...byName.keys()].sort(),
  }
}

/** The lists with some of them replaced, or added. */
export function withLists(base: Lists, changes: Record<string, readonly (string | number | boolean)[]>): Lists {
  const merged: Record<string, readonly (string | number | boolean)[]> = {}
  for (const name of base.names()) merged[name] = base.get(name)?.values ?? []
  return createLists({ ...merged, ...changes })
}

export const emptyLists: Lists = createLists()

export interface ListError {
  file: string
  message: string
}

/** Reads every `.yaml` file of a folder; a folder that isn't there holds no lists. */
export async function readLists(folder: string): Promise<{ lists: Lists; errors: ListError[] }> {
  const errors: ListError[] = []
  const files: z.infer<typeof ListFile>[] = []
  for (const entry of await readdir(folder).catch((): string[] => [])) {
    if (!/\.ya?ml$/.test(entry)) continue
    const file = join(folder, entry)
    try {
      const list = ListFile.parse(parse(await readFile(file, 'utf8')))
      if (files.some((other) => other.name === list.name))
        throw new Error(`another file names its list "${list.name}" too`)
      files.push(list)
    } catch (cause) {
      errors.push({ file, message: cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause) })
    }
  }
  return { lists: listsFrom(files), errors }
}
