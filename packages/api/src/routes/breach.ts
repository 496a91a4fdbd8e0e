// The breach desk over HTTP: regimes, clocks, what is missing, notices, register, a supplier's report.
import { VardeError } from '@varde/runtime'
import type { Audit } from '../audit.ts'
import type { ApiDeps } from '../deps.ts'
import type { Handlers } from '../register.ts'
import { caseDetail, caseOf } from './cases.ts'

type Names = 'regimes' | 'clocks' | 'caseBreach' | 'caseDocument' | 'breachRegister' | 'breachIntake'

export function breachRoutes({ desk, notary }: ApiDeps, audit: Audit): Handlers<Names> {
  const { breach } = desk
  return {
    regimes: async () => ({ regimes: breach.regimes() }),
    clocks: async ({ scope }) => ({ clocks: await breach.running(scope) }),
    async caseBreach({ params, scope }) {
      const of = await caseOf(desk, params.id, scope)
      const { controllers, persons, records } = await breach.estimates(of)
      return { clocks: breach.clocks(of), estimates: { persons, records }, controllers, missing: breach.missing(of) }
    },
    async caseDocument({ params, query, scope, person, reply }) {
      const of = await caseOf(desk, params.id, scope)
      if (params.document === 'controller' && query.tenant === undefined)
        throw new VardeError('REQUEST_INVALID', 'a notice to a controller needs a tenant', {
          hint: `One of: ${of.tenants.join(', ')}.`,
        })
      const { language, tenant, phase } = query
      const page = await breach.document(of, { kind: params.document, language, tenant, phase })
      const name = `${of.id}-${params.document}${tenant === undefined ? '' : `-${tenant.replace(/[^\w-]/g, '_')}`}.html`
      await audit(person, { action: 'case.document', subject: of.id, detail: { document: params.document, language } })
      reply.header('content-disposition', `inline; filename="${name}"`)
      reply.header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'")
      await reply.type('text/html; charset=utf-8').send(page)
      return undefined
    },
    breachRegister: async ({ query, scope }) => ({ rows: await breach.register(scope, query) }),
    async breachIntake({ body, person, scope }) {
      const { tenants: mine } = scope
      // Without tenants it would be the house's.
      const affected = body.tenants.length === 0 ? ['house'] : body.tenants
      if (mine !== 'all' && !affected.every((tenant) => mine.includes(tenant)))
        throw new VardeError('FORBIDDEN', 'you may not open cases for these customers', {
          hint: 'Ask an administrator.',
        })
      const of = await breach.intake(body, person.name)
      await audit(person, { action: 'breach.intake', subject: of.id, detail: { supplier: body.supplier } })
      return caseDetail(desk, of, notary)
    },
  }
}
