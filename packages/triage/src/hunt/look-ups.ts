// Look-ups: links to other systems that an administrator offers on values, such as a CMDB page or an address register.
import { VardeError } from '@varde/runtime'
import type { JsonObject } from '@varde/schema'
import { collections, type DocumentStore } from '@varde/store'

const collection = collections.state.name
const id = 'look-ups'

export interface LookUp {
  name: string
  /** Field names, `*` for any part: `*.ip`, `user.name`, `*`. */
  fields: string[]
  /** `{value}` stands for the value, percent-encoded. */
  url: string
}

export interface LookUps {
  list(): Promise<LookUp[]>
  /** Replaces them all. Throws LOOK_UP_INVALID. */
  set(lookUps: LookUp[]): Promise<LookUp[]>
}

/** Only web addresses, with the value in them: a link must neither run code nor lose what it asks for. */
export function lookUpProblem({ url }: LookUp): string | undefined {
  if (!url.includes('{value}')) return `${url} does not say where the {value} goes`
  const probe = URL.canParse(url.replaceAll('{value}', 'x')) ? new URL(url.replaceAll('{value}', 'x')) : undefined
  if (probe === undefined || !['http:', 'https:'].includes(probe.protocol)) return `${url} is no web address`
  if (probe.host !== new URL(url.replaceAll('{value}', 'y')).host) return `${url} lets the value choose the host`
  return undefined
}

export function createLookUps(documents: DocumentStore): LookUps {
  const read = async () => documents.get<JsonObject>(collection, id)
  const of = (doc: JsonObject | undefined): LookUp[] => {
    const list = doc?.['lookUps']
    return Array.isArray(list) ? list.flatMap((one) => toLookUp(one)) : []
  }
  return {
    list: async () => of((await read())?.doc),
    async set(lookUps) {
      for (const one of lookUps) {
        const problem = lookUpProblem(one)
        if (problem !== undefined)
          throw new VardeError('LOOK_UP_INVALID', problem, { hint: 'Such as https://cmdb.example/host/{value}' })
      }
      const doc: JsonObject = { lookUps: lookUps.map((one) => ({ ...one })) }
      for (;;) {
        const known = await read()
        const written =
          known === undefined
            ? await documents.create(collection, id, doc)
            : await documents.update(collection, id, doc, known.version)
        if (written.ok) return lookUps
      }
    },
  }
}

function toLookUp(value: unknown): LookUp[] {
  if (typeof value !== 'object' || value === null || !('name' in value) || !('url' in value)) return []
  const fields = 'fields' in value && Array.isArray(value.fields) ? value.fields.map(String) : []
  return [{ name: String(value.name), url: String(value.url), fields }]
}
