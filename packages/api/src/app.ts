// The HTTP surface: the contract's routes, the built web app, the OpenAPI page. No logic of its own.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import files from '@fastify/static'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { VardeError } from '@varde/runtime'
import Fastify, { type FastifyInstance } from 'fastify'
import { createAudit } from './audit.ts'
import { type EndpointName, endpoints } from './contract/endpoints.ts'
import type { ApiDeps } from './deps.ts'
import { createHouseView } from './house-view.ts'
import { createWebServer, trustOf } from './http-server.ts'
import { openApiDocument } from './openapi.ts'
import { problemOf, sendProblem } from './problems.ts'
import { type Handlers, register } from './register.ts'
import { adminRoutes } from './routes/admin.ts'
import { alertRoutes } from './routes/alerts.ts'
import { breachRoutes } from './routes/breach.ts'
import { caseEvidenceRoutes } from './routes/case-evidence.ts'
import { caseRoutes } from './routes/cases.ts'
import { correlationRoutes } from './routes/correlation.ts'
import { deskRoutes } from './routes/desk.ts'
import { eventRoutes } from './routes/events.ts'
import { exportRoutes } from './routes/exports.ts'
import { notificationRoutes } from './routes/notifications.ts'
import { overviewRoutes } from './routes/overview.ts'
import { QueryProblem } from './routes/query.ts'
import { replayRoutes } from './routes/replays.ts'
import { ruleVersionRoutes } from './routes/rule-versions.ts'
import { ruleRoutes } from './routes/rules.ts'
import { sessionRoutes } from './routes/session.ts'
import { sourceRoutes } from './routes/sources.ts'
import { whyRoutes } from './routes/why.ts'
import { streamHandler } from './stream.ts'

/** JSON bodies of the page; shippers have a limit of their own. */
const bodyBytesMax = 4 * 1024 * 1024
const requestsPerMinuteMax = 3_000

export async function buildApi(deps: ApiDeps): Promise<FastifyInstance> {
  const { tls } = deps
  const app = Fastify({
    bodyLimit: bodyBytesMax,
    ...trustOf(deps.trustedProxies),
    forceCloseConnections: true,
    serverFactory: (handler) => createWebServer(handler, tls === undefined ? {} : { tls }),
  })
  app.setErrorHandler((error, request, reply) => {
    // Whoever asked has gone: pages cancel a search whenever the next one begins.
    if (error instanceof Error && error.name === 'AbortError') {
      deps.logger.debug({ path: request.url }, 'a request was cancelled')
      return reply.code(499).send()
    }
    const problem = problemOf(error)
    if (error instanceof QueryProblem) problem.errors = error.errors
    if (problem.status >= 500)
      deps.logger.error({ err: error, path: request.url, code: problem.code }, 'a request failed')
    if (error instanceof VardeError && typeof error.facts['retryAfterSeconds'] === 'number')
      reply.header('retry-after', String(error.facts['retryAfterSeconds']))
    return sendProblem(reply, problem)
  })
  await app.register(cookie)
  await app.register(helmet, {
    hsts: deps.secure,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        // Mantine positions with style attributes; scripts come from files only.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    crossOriginEmbedderPolicy: false,
  })
  await app.register(rateLimit, {
    max: requestsPerMinuteMax,
    timeWindow: '1 minute',
    allowList: (request) => !request.url.startsWith('/api/'),
  })
  await app.register(swagger, { mode: 'static', specification: { document: openApiDocument(deps.version) } })
  await app.register(swaggerUi, { routePrefix: '/api/docs', staticCSP: true, theme: { title: 'Varde API' } })
  deps.extend?.(app)

  const audit = createAudit(deps)
  const house = createHouseView(deps)
  const handlers: Handlers = {
    ...sessionRoutes(deps, audit),
    ...eventRoutes(deps, audit, house),
    ...alertRoutes(deps),
    ...deskRoutes(deps, audit),
    ...notificationRoutes(deps),
    ...caseRoutes(deps, audit),
    ...caseEvidenceRoutes(deps, audit),
    ...exportRoutes(deps, audit),
    ...breachRoutes(deps, audit),
    ...ruleRoutes(deps),
    ...ruleVersionRoutes(deps),
    ...whyRoutes(deps),
    ...replayRoutes(deps),
    ...correlationRoutes(deps),
    ...sourceRoutes(deps, audit),
    ...overviewRoutes(deps, house),
    ...adminRoutes(deps, audit),
    stream: streamHandler(deps, house),
  }
  const bind = <Name extends EndpointName>(name: Name) => register(app, name, handlers[name], deps)
  for (const name of Object.keys(endpoints)) if (isEndpoint(name)) bind(name)

  await serveWeb(app, deps.webRoot)
  return app
}

function isEndpoint(name: string): name is EndpointName {
  return name in endpoints
}

/** The page is one file; its routes live in the browser, so any other path gets it. */
async function serveWeb(app: FastifyInstance, root: string): Promise<void> {
  const built = existsSync(join(root, 'index.html'))
  if (built) {
    await app.register(files, {
      root,
      wildcard: false,
      index: false,
      // The launcher wrote .br and .gz beside each file.
      preCompressed: true,
      setHeaders(reply, path) {
        // Built files carry their digest in the name.
        reply.header('cache-control', path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache')
      },
    })
  }
  app.setNotFoundHandler((request, reply) => {
    if (built && request.method === 'GET' && !/^\/(api|assets)\//.test(request.url)) return reply.sendFile('index.html')
    const hint = built ? 'See /api/docs for what there is.' : 'The web app is not built: start with `npm start`.'
    return sendProblem(reply, {
      type: 'about:blank',
      title: 'Not found',
      status: 404,
      code: 'NOT_FOUND',
      detail: `There is no ${request.method} ${request.url}.`,
      hint,
    })
  })
}
