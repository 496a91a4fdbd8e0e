// Searches that people keep: their own, and those that they share with whoever sees as much as they do.
import { randomUUID } from 'node:crypto'
import { type Clock, VardeError } from '@varde/runtime'
import type { JsonObject } from '@varde/schema'
import { collections, type DocumentStore } from '@varde/store'

const collection = collections.savedSearches.name
const searchesMax = 2_000

export interface SavedSearch {
  id: string
  name: string
  /** The address of the search page without its `?`: query, pills, range, columns. */
  state: string
  owner: string
  shared: boolean
  /** UTC milliseconds. */
  savedAt: number
}

/** Who asks: a search quotes values, so it is shown to nobody who may not see what its owner saw. */
export interface Searcher {
  name: string
  tenants: 'all' | string[]
}

export interface SavedSearches {
  /** Mine and the shared ones, by name. */
  list(person: Searcher): Promise<SavedSearch[]>
  /** Saving under a name that I have replaces it. */
  save(search: { name: string; state: string; shared: boolean }, person: Searcher): Promise<SavedSearch>
  /** Throws NOT_FOUND; FORBIDDEN where it is somebody else's. */
  remove(id: string, person: Searcher): Promise<void>
}

function toSearch(id: string, doc: JsonObject): SavedSearch {
  return {
    id,
    name: String(doc['name']),
    state: String(doc['state']),
    owner: String(doc['owner']),
    shared: doc['shared'] === true,
    savedAt: Number(doc['savedAt']),
  }
}

/** Those of former versions carry no tenants: their owners saw every one. */
function mayRead(doc: JsonObject, { name, tenants }: Searcher): boolean {
  const { owner, shared, tenants: seen = 'all' } = doc
  if (owner === name) return true
  if (shared !== true) return false
  return tenants === 'all' || (Array.isArray(seen) && seen.every((tenant) => tenants.includes(String(tenant))))
}

export function createSavedSearches({ documents, clock }: { documents: DocumentStore; clock: Clock }): SavedSearches {
  const all = async () => {
    const { docs } = await documents.list(collection, { limit: searchesMax })
    return docs.map(({ id, doc, version }) => ({ search: toSearch(id, doc), doc, version }))
  }
  return {
    async list(person) {
      const mine = (await all()).filter(({ doc }) => mayRead(doc, person)).map(({ search }) => search)
      return mine.sort((a, b) => a.name.localeCompare(b.name))
    },
    async save({ name, state, shared }, person) {
      const { name: owner, tenants } = person
      const doc = { name, state, shared, owner, tenants, savedAt: clock.now() }
      const known = (await all()).find(({ search }) => search.name === name && search.owner === owner)
      if (known !== undefined) {
        const written = await documents.update(collection, known.search.id, doc, known.version)
        if (written.ok) return toSearch(known.search.id, doc)
      }
      const id = randomUUID()
      await documents.create(collection, id, doc)
      return toSearch(id, doc)
    },
    async remove(id, person) {
      const found = await documents.get(collection, id)
      if (found === undefined || !mayRead(found.doc, person))
        throw new VardeError('NOT_FOUND', 'this search is gone already', { hint: 'Load the list again.' })
      if (found.doc['owner'] !== person.name)
        throw new VardeError('FORBIDDEN', 'this search belongs to somebody else', {
          hint: `Ask ${String(found.doc['owner'])}.`,
        })
      await documents.delete(collection, id, found.version)
    },
  }
}
