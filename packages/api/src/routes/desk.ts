// Saved searches, look-ups, colleagues, patterns and comparisons.
import type { Person } from '@varde/auth'
import { compareRanges, createLookUps, createSavedSearches, findPatterns } from '@varde/triage'
import type { Audit } from '../audit.ts'
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

/** Colleagues: who sees every tenant, and who shares one. */
function worksWith(person: Person, other: Person): boolean {
  if (person.tenants === 'all' || other.tenants === 'all') return true
  return other.tenants.some((tenant) => person.tenants.includes(tenant))
}

export function deskRoutes({ store, clock, auth }: ApiDeps, audit: Audit): Handlers<Names> {
  const searches = createSavedSearches({ documents: store.documents, clock })
  const lookUps = createLookUps(store.documents)
  return {
    savedSearches: async ({ person }) => ({ searches: await searches.list(person) }),
    saveSearch: ({ body, person }) => searches.save(body, person),
    async removeSearch({ params, person }) {
      await searches.remove(params.id, person)
      return { done: true }
    },
    lookUps: async () => ({ lookUps: await lookUps.list() }),
    async setLookUps({ body, person }) {
      const set = await lookUps.set(body.lookUps)
      const urls = set.map(({ name, url }) => ({ name, url }))
      await audit(person, { action: 'look-ups.set', subject: 'look-ups', detail: { lookUps: urls } })
      return { lookUps: set }
    },
    patterns: ({ body, scope, signal }) => findPatterns(store.events, filterOf(body, scope), signal),
    compare({ body, scope, signal }) {
      const { query } = filterOf({ query: body.query, ...body.range }, scope)
      return compareRanges(store.events, { scope, query, range: body.range, base: body.base }, signal)
    },
    async people({ person }) {
      const people = (await auth.users.list()).filter((user) => !user.disabled && worksWith(person, user))
      return { people: people.map(({ name, role }) => ({ name, role })) }
    },
  }
}
