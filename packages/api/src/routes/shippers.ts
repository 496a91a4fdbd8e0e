// The doors for senders over HTTP: Elasticsearch's `_bulk` with what shippers ask first, plain NDJSON, Splunk's HEC and OpenTelemetry's logs.
import type { Auth } from '@varde/auth'
import {
  type Collectors,
  type HttpContext,
  type HttpReply,
  hecReply,
  otlpRefusal,
  shipperHandshake,
  shipperRoutes,
} from '@varde/ingest'
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import { onStalled } from '../http-server.ts'

export interface ShipperDeps {
  auth: Auth
  collectors: Pick<Collectors, Door | 'countStalled'>
}

type Door = 'acceptBulk' | 'acceptNdjson' | 'acceptHecEvents' | 'acceptHecRaw' | 'acceptOtlp'

const methods: readonly HTTPMethods[] = ['GET', 'PUT', 'POST', 'HEAD', 'DELETE']

/** `Authorization: ApiKey …`, `Bearer …`, `Splunk …`, or Basic with the key as the password (Fluent Bit, Vector, rsyslog omhttp). */
function secretsOf(request: FastifyRequest): string[] {
  const [scheme = '', value = ''] = (request.headers.authorization ?? '').split(' ')
  if (/^basic$/i.test(scheme)) {
    const [name = '', ...rest] = Buffer.from(value, 'base64').toString().split(':')
    const password = rest.join(':')
    return [password, `${name}:${password}`]
  }
  return /^(apikey|bearer|splunk)$/i.test(scheme) ? [value] : []
}

function send(reply: FastifyReply, answer: HttpReply): FastifyReply {
  return reply.code(answer.status).headers(answer.headers).send(answer.body)
}

const refused: HttpReply = {
  status: 401,
  headers: { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch', 'www-authenticate': 'ApiKey' },
  body: JSON.stringify({
    error: {
      type: 'security_exception',
      reason: 'no valid API key: make one under Administration and send it as "Authorization: ApiKey …"',
    },
    status: 401,
  }),
}

/** True for requests of programs that talk Elasticsearch, so that `GET /` can serve both them and people. */
function isShipper(request: FastifyRequest): boolean {
  return request.headers.authorization !== undefined && !(request.headers.accept ?? '').includes('text/html')
}

const hecDoors = [
  ['/services/collector', 'acceptHecEvents'],
  ['/services/collector/event', 'acceptHecEvents'],
  ['/services/collector/event/1.0', 'acceptHecEvents'],
  ['/services/collector/raw', 'acceptHecRaw'],
  ['/services/collector/raw/1.0', 'acceptHecRaw'],
] as const

export function shipperDoors(app: FastifyInstance, { auth, collectors }: ShipperDeps): void {
  onStalled(app.server, () => collectors.countStalled())
  async function contextOf(request: FastifyRequest): Promise<HttpContext | undefined> {
    for (const secret of secretsOf(request)) {
      const key = await auth.keys.resolve(secret)
      if (key === undefined) continue
      const {
        'content-encoding': contentEncoding,
        'content-type': contentType,
        'idempotency-key': idempotencyKey,
      } = request.headers
      return {
        key: { source: key.source, tenant: key.tenant, ...(key.dataset === undefined ? {} : { dataset: key.dataset }) },
        peer: request.ip,
        ...(contentEncoding === undefined ? {} : { contentEncoding }),
        ...(contentType === undefined ? {} : { contentType }),
        ...(typeof idempotencyKey === 'string' ? { idempotencyKey } : {}),
      }
    }
    return undefined
  }

  app.register((scope, _options, ready) => {
    // The body is streamed to the collector, which has its own limits; fastify must not read it.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))

    const accept =
      (kind: Door, unknownKey: (request: FastifyRequest) => HttpReply = () => refused) =>
      async (
        request: FastifyRequest<{ Params: { index?: string }; Querystring: { dataset?: string } }>,
        reply: FastifyReply,
      ) => {
        const context = await contextOf(request)
        if (context === undefined) return send(reply, unknownKey(request))
        const { index } = request.params
        const { dataset } = request.query
        const answer = await collectors[kind](request.raw, {
          ...context,
          ...(index === undefined ? {} : { index }),
          ...(dataset === undefined ? {} : { dataset }),
        })
        return send(reply, answer)
      }
    for (const url of ['/_bulk', '/:index/_bulk']) {
      scope.route({ method: ['POST', 'PUT'], url, handler: accept('acceptBulk') })
    }
    scope.route({ method: 'POST', url: '/api/ingest', handler: accept('acceptNdjson') })

    const noToken = (request: FastifyRequest) =>
      request.headers.authorization === undefined ? hecReply(401, 2) : hecReply(403, 4)
    for (const [url, door] of hecDoors) scope.route({ method: 'POST', url, handler: accept(door, noToken) })
    for (const url of ['/services/collector/health', '/services/collector/health/1.0'])
      scope.route({ method: 'GET', url, handler: (_request, reply) => send(reply, hecReply(200, 17)) })
    scope.route({
      method: 'POST',
      url: '/services/collector/ack',
      handler: (_request, reply) => send(reply, hecReply(400, 14)),
    })
    scope.route({
      method: 'POST',
      url: '/v1/logs',
      handler: accept('acceptOtlp', () =>
        otlpRefusal(401, 16, 'no valid API key: send it as "Authorization: Bearer …"'),
      ),
    })

    for (const route of shipperRoutes) {
      const [method = 'GET', url = '/'] = route.split(' ')
      const known = methods.find((one) => one === method)
      if (known === undefined) continue
      scope.route({
        method: known,
        url,
        async handler(request, reply) {
          // People open `/` too; the page is theirs.
          if (url === '/' && !isShipper(request)) return reply.callNotFound()
          if ((await contextOf(request)) === undefined) return send(reply, refused)
          const answer = shipperHandshake(request.url.split('?')[0] ?? '/', method)
          return answer === undefined ? reply.callNotFound() : send(reply, answer)
        },
      })
    }
    ready()
  })
}
