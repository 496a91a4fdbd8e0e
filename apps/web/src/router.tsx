// Every address of the app: what it shows, what its parameters mean, and who must sign in first.
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { ApiError } from './api/client.ts'
import { healthQuery, meQuery } from './api/queries.ts'
import { queryClient } from './api/query-client.ts'
import { readAdminSearch } from './pages/admin/admin-search.ts'
import { readAlertsSearch } from './pages/alerts/alerts-search.ts'
import { readCaseSearch, readCasesSearch } from './pages/cases/cases-search.ts'
import { readEntitySearch } from './pages/entities/entity-search.ts'
import { readRuleSearch, readRulesSearch } from './pages/rules/rules-search.ts'
import { readSearchState } from './pages/search/search-state.ts'
import { readSourcesSearch } from './pages/sources/sources-search.ts'
import { parseSearch, reader, stringifySearch } from './search-params.ts'
import { Crashed, NotFound } from './shell/Faults.tsx'
import { Shell } from './shell/Shell.tsx'

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound })

const app = createRoute({
  getParentRoute: () => root,
  id: 'app',
  component: Shell,
  beforeLoad: async ({ location }) => {
    try {
      await queryClient.ensureQueryData(meQuery)
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error
      throw redirect({ to: '/sign-in', search: { to: location.href } })
    }
  },
})

const overview = createRoute({
  getParentRoute: () => app,
  path: '/',
  validateSearch: (params): { from?: string | undefined; to?: string | undefined } => ({
    from: reader(params).text('from'),
    to: reader(params).text('to'),
  }),
  component: lazyRouteComponent(() => import('./pages/overview/OverviewPage.tsx'), 'OverviewPage'),
})
const wall = createRoute({
  getParentRoute: () => app,
  path: '/wall',
  component: lazyRouteComponent(() => import('./pages/overview/WallPage.tsx'), 'WallPage'),
})
const search = createRoute({
  getParentRoute: () => app,
  path: '/search',
  validateSearch: readSearchState,
  component: lazyRouteComponent(() => import('./pages/search/SearchPage.tsx'), 'SearchPage'),
})
const alerts = createRoute({
  getParentRoute: () => app,
  path: '/alerts',
  validateSearch: readAlertsSearch,
  component: lazyRouteComponent(() => import('./pages/alerts/AlertsPage.tsx'), 'AlertsPage'),
})
const cases = createRoute({
  getParentRoute: () => app,
  path: '/cases',
  validateSearch: readCasesSearch,
  component: lazyRouteComponent(() => import('./pages/cases/CasesPage.tsx'), 'CasesPage'),
})
const oneCase = createRoute({
  getParentRoute: () => app,
  path: '/cases/$id',
  validateSearch: readCaseSearch,
  component: lazyRouteComponent(() => import('./pages/cases/CasePage.tsx'), 'CasePage'),
})
const entity = createRoute({
  getParentRoute: () => app,
  path: '/entities/$kind/$value',
  validateSearch: readEntitySearch,
  component: lazyRouteComponent(() => import('./pages/entities/EntityPage.tsx'), 'EntityPage'),
})
const sources = createRoute({
  getParentRoute: () => app,
  path: '/sources',
  validateSearch: readSourcesSearch,
  component: lazyRouteComponent(() => import('./pages/sources/SourcesPage.tsx'), 'SourcesPage'),
})
const rules = createRoute({
  getParentRoute: () => app,
  path: '/rules',
  validateSearch: readRulesSearch,
  component: lazyRouteComponent(() => import('./pages/rules/RulesPage.tsx'), 'RulesPage'),
})
const rule = createRoute({
  getParentRoute: () => app,
  path: '/rules/$id',
  validateSearch: readRuleSearch,
  component: lazyRouteComponent(() => import('./pages/rules/RulePage.tsx'), 'RulePage'),
})
const parse = createRoute({
  getParentRoute: () => app,
  path: '/parse',
  component: lazyRouteComponent(() => import('./pages/parse/ParsePage.tsx'), 'ParsePage'),
})
const admin = createRoute({
  getParentRoute: () => app,
  path: '/admin',
  validateSearch: readAdminSearch,
  component: lazyRouteComponent(() => import('./pages/admin/AdminPage.tsx'), 'AdminPage'),
})

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (params): { to?: string | undefined } => ({ to: reader(params).text('to') }),
  loader: () => queryClient.ensureQueryData(healthQuery).catch(() => undefined),
  component: lazyRouteComponent(() => import('./pages/sign-in/SignInPage.tsx'), 'SignInPage'),
})
/** The one-time token is in the fragment, so that it reaches no log and no referrer. */
const setUp = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  component: lazyRouteComponent(() => import('./pages/sign-in/SetUpPage.tsx'), 'SetUpPage'),
})

export const router = createRouter({
  routeTree: root.addChildren([
    app.addChildren([overview, wall, search, alerts, cases, oneCase, entity, sources, rules, rule, parse, admin]),
    signIn,
    setUp,
  ]),
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
  defaultErrorComponent: Crashed,
  defaultPendingMinMs: 0,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
