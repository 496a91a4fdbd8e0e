// Binds the contract's routes to their handlers: checks what comes in, who asks, and how errors leave.
import { type Person, roles } from '@varde/auth'
import type { Scope } from '@varde/store'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { EndpointName } from './contract/endpoints.ts'
import { type Route, type RouteOutput, type Routes, routes } from './contract/routes.ts'
import type { ApiDeps } from './deps.ts'
import { invalidRequest, sendProblem } from './problems.ts'
import { authorise, scopeOf } from './security.ts'

type Parsed<Name extends EndpointName, Key extends 'params' | 'query' | 'body'> =
  Routes[Name] extends Record<Key, infer S extends z.ZodType> ? z.output<S> : undefined

export interface Call<Name extends EndpointName> {
  params: Parsed<Name, 'params'>
  query: Parsed<Name, 'query'>
  body: Parsed<Name, 'body'>
  /** On public routes: nobody in particular, who sees nothing. */
  person: Person
  scope: Scope
  request: FastifyRequest
  reply: FastifyReply
  /** Aborts when the client goes away. */
  signal: AbortSignal
}

/** `undefined` where the handler has answered by itself. */
export type Handler<Name extends EndpointName> = (call: Call<Name>) => Promise<RouteOutput<Name> | undefined>
export type Handlers<Names extends EndpointName = EndpointName> = { [Name in Names]: Handler<Name> }

const nobody: Person = { id: '', name: '', role: roles[0], tenants: [] }

export function register<Name extends EndpointName>(
  app: FastifyInstance,
  name: Name,
  handler: Handler<Name>,
  deps: ApiDeps,
): void {
  const route: Route = routes[name]
  app.route({
    method: route.method,
    url: route.path,
    async handler(request, reply) {
      const person = (await authorise(request, route.permission, deps)) ?? nobody
      const given = { params: request.params, query: request.query, body: request.body }
      const parsed: Record<string, unknown> = {}
      for (const part of ['params', 'query', 'body'] as const) {
        const result = route[part]?.safeParse(given[part] ?? {})
        if (result === undefined) continue
        if (!result.success) return sendProblem(reply, invalidRequest(part, result.error))
        parsed[part] = result.data
      }
      const gone = new AbortController()
      reply.raw.once('close', () => {
        if (!reply.raw.writableFinished) gone.abort()
      })
      const answer = await handler({
        ...checked<Name>(parsed),
        person,
        scope: scopeOf(person),
        request,
        reply,
        signal: gone.signal,
      })
      if (answer === undefined) return reply
      return reply.type('application/json').send(JSON.stringify(answer))
    },
  })
}

/** The schemas of the route have just given these values; a type can't follow a loop over their names. */
function checked<Name extends EndpointName>(
  parsed: Record<string, unknown>,
): Pick<Call<Name>, 'params' | 'query' | 'body'> {
  return parsed as unknown as Pick<Call<Name>, 'params' | 'query' | 'body'>
}
