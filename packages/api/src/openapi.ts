// The contract as an OpenAPI 3.1 document, for everything that is not our page.
import { z } from 'zod'
import { Problem } from './contract/problem.ts'
import { type Route, routes } from './contract/routes.ts'

type Schema = Record<string, unknown>

function schemaOf(type: z.ZodType, io: 'input' | 'output'): Schema {
  const { $schema: _, ...schema } = z.toJSONSchema(type, { io, unrepresentable: 'any' })
  return schema
}

function parameters(type: z.ZodType | undefined, place: 'path' | 'query'): Schema[] {
  if (type === undefined) return []
  const schema = schemaOf(type, 'input')
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  return Object.entries(Object(schema['properties'])).map(([name, of]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: of,
  }))
}

function operation(name: string, route: Route): Schema {
  return {
    operationId: name,
    summary: route.summary,
    tags: [route.path.split('/')[2] ?? 'api'],
    ...(route.permission === 'public' ? { security: [] } : {}),
    description: `Needs: ${route.permission}.`,
    parameters: [...parameters(route.params, 'path'), ...parameters(route.query, 'query')],
    ...(route.body === undefined
      ? {}
      : {
          requestBody: { required: true, content: { 'application/json': { schema: schemaOf(route.body, 'input') } } },
        }),
    responses: {
      200: { description: 'Done', content: { 'application/json': { schema: schemaOf(route.response, 'output') } } },
      default: {
        description: 'A problem (RFC 9457)',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  }
}

/** The whole document; everything that the page does is in it. */
export function openApiDocument(version: string) {
  const paths: Record<string, Record<string, Schema>> = {}
  for (const [name, route] of Object.entries<Route>(routes)) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(name, route) }
  }
  return {
    openapi: '3.1.0' as const,
    info: {
      title: 'Varde',
      version,
      description: 'Everything the Varde page does. Sign in with `POST /api/session`; the cookie does the rest.',
    },
    components: {
      securitySchemes: { session: { type: 'apiKey' as const, in: 'cookie', name: 'varde_session' } },
      schemas: { Problem: schemaOf(Problem, 'output') },
    },
    security: [{ session: [] }],
    paths,
  }
}
