// Bundles over HTTP: begun, watched, stopped, resumed, fetched (with Range, so that a broken download goes on).
import { createReadStream, existsSync, statSync } from 'node:fs'
import { VardeError } from '@varde/runtime'
import type { Scope } from '@varde/store'
import type { Audit } from '../audit.ts'
import type { ApiDeps } from '../deps.ts'
import type { Handlers } from '../register.ts'
import { caseOf } from './cases.ts'

type Names = 'caseExports' | 'createExport' | 'caseExport' | 'resumeExport' | 'stopExport' | 'downloadExport'

/** From inclusive, to inclusive; undefined where the header asks for nothing we can give as one part. */
function rangeOf(header: string | undefined, size: number): { from: number; to: number } | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? []
  if (first === '' && last === '') return undefined
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const to = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1)
  return { from, to }
}

export function exportRoutes({ desk }: ApiDeps, audit: Audit): Handlers<Names> {
  const { exports } = desk

  async function seen(id: string, scope: Scope) {
    const found = await exports.get(id)
    if (found === undefined) throw new VardeError('EXPORT_UNKNOWN', `there is no export ${id}`, { hint: 'Begin one.' })
    // Whoever may not see the case may not see its bundles.
    await caseOf(desk, found.case, scope)
    return found
  }

  return {
    async caseExports({ params, scope }) {
      const of = await caseOf(desk, params.id, scope)
      return { exports: await exports.list(of.id) }
    },
    async createExport({ params, body, person, scope }) {
      const begun = await exports.begin(await caseOf(desk, params.id, scope), body, person.name)
      const { to, why, tenant = '' } = body
      await audit(person, { action: 'case.export', subject: params.id, detail: { export: begun.id, to, why, tenant } })
      return begun
    },
    caseExport: ({ params, scope }) => seen(params.id, scope),
    async resumeExport({ params, scope, person }) {
      const { id, case: of } = await seen(params.id, scope)
      await audit(person, { action: 'case.export.resume', subject: of, detail: { export: id } })
      return exports.resume(id)
    },
    async stopExport({ params, scope, person }) {
      const { id, case: of } = await seen(params.id, scope)
      await audit(person, { action: 'case.export.stop', subject: of, detail: { export: id } })
      return exports.stop(id)
    },
    async downloadExport({ params, scope, request, reply, person }) {
      const found = await seen(params.id, scope)
      const path = exports.path(found.id)
      if (found.state !== 'done' || !existsSync(path))
        throw new VardeError('EXPORT_NOT_READY', `this bundle is ${found.state}`, { hint: 'Wait until it is done.' })
      const { size } = statSync(path)
      const range = rangeOf(request.headers.range, size)
      reply.header('accept-ranges', 'bytes')
      reply.header('content-disposition', `attachment; filename="${found.file}"`)
      reply.type('application/zip')
      if (range !== undefined && (range.from >= size || range.from > range.to)) {
        await reply.code(416).header('content-range', `bytes */${size}`).send()
        return undefined
      }
      const { from, to } = range ?? { from: 0, to: size - 1 }
      if (range !== undefined) reply.code(206).header('content-range', `bytes ${from}-${to}/${size}`)
      if (from === 0) {
        const item = `bundle:${found.id}`
        await desk.custody.add({ case: found.case, by: person.name, action: 'viewed', item, why: 'downloaded' })
        await audit(person, { action: 'case.download', subject: found.case, detail: { export: found.id } })
      }
      await reply.header('content-length', String(to - from + 1)).send(createReadStream(path, { start: from, end: to }))
      return undefined
    },
  }
}
