// Saved searches, look-ups, colleagues, patterns and comparisons.
import { compareRanges, createLookUps, createSavedSearches, findPatterns } from '@varde/triage'
import type { ApiDeps } from '../deps.ts'
import type { Handlers } from '../register.ts'
import { filterOf } from './query.ts'

type Names =
  | 'savedSearches'
  | 'saveSearch'
  | 'removeSearch'
  | 'lookUps'
  | 'setLookUps'
  | 'patterns'
  | 'compare'
  | 'people'

export function deskRoutes({ store, clock, auth }: ApiDeps): Handlers<Names> {
  const searches = createSavedSearches({ documents: store.documents, clock })
  const lookUps = createLookUps(store.documents)
  return {
    savedSearches: async ({ person }) => ({ searches: await searches.list(person.name) }),
    saveSearch: ({ body, person }) => searches.save(body, person.name),
    async removeSearch({ params, person }) {
      await searches.remove(params.id, person.name)
      return { done: true }
    },
    lookUps: async () => ({ lookUps: await lookUps.list() }),
    setLookUps: async ({ body }) => ({ lookUps: await lookUps.set(body.lookUps) }),
    patterns: ({ body, scope, signal }) => findPatterns(store.events, filterOf(body, scope), signal),
    compare({ body, scope, signal }) {
      const { query } = filterOf({ query: body.query, ...body.range }, scope)
      return compareRanges(store.events, { scope, query, range: body.range, base: body.base }, signal)
    },
    async people() {
      const people = (await auth.users.list()).filter((user) => !user.disabled)
      return { people: people.map(({ name, role }) => ({ name, role })) }
    },
  }
}
