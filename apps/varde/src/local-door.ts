// The server's door for commands on this machine: POST /api/local/<call> with the token of server.json; NDJSON back.
import { timingSafeEqual } from 'node:crypto'
import type { FastifyInstance } from '@varde/api'
import { isVardeError } from '@varde/runtime'
import type { JsonObject } from '@varde/schema'
import { isLocalCall, type LocalLine, runLocalCall } from './local-calls.ts'
import type { Node } from './wiring.ts'

export function isToken(given: string | undefined, token: string): boolean {
  const [a, b] = [Buffer.from(given ?? ''), Buffer.from(`Bearer ${token}`)]
  return a.length === b.length && timingSafeEqual(a, b)
}

export function localDoor(app: FastifyInstance, node: Node): void {
  app.post<{ Params: { call: string }; Body: JsonObject | null }>('/api/local/:call', async (request, reply) => {
    const { call } = request.params
    if (!isToken(request.headers.authorization, node.token) || !isLocalCall(call)) return reply.callNotFound()
    reply.hijack()
    reply.raw.writeHead(200, { 'content-type': 'application/x-ndjson' })
    const send = (line: LocalLine) => reply.raw.write(`${JSON.stringify(line)}\n`)
    try {
      for await (const result of runLocalCall(call, node, request.body ?? {}, (progress) => send({ progress })))
        send({ result })
    } catch (error) {
      const code = isVardeError(error) ? error.code : 'INTERNAL'
      const hint = isVardeError(error) ? error.hint : undefined
      send({
        error: {
          code,
          message: error instanceof Error ? error.message : String(error),
          ...(hint === undefined ? {} : { hint }),
        },
      })
    }
    reply.raw.end()
    return reply
  })
}
