// Who may do what, on one page: an auditor can read this table.

export const roles = ['analyst', 'engineer', 'investigator', 'administrator', 'auditor'] as const
export type Role = (typeof roles)[number]

export const grants = {
  'events:read': ['analyst', 'engineer', 'investigator', 'administrator', 'auditor'],
  'events:export': ['analyst', 'investigator', 'administrator'],
  'alerts:read': ['analyst', 'engineer', 'investigator', 'administrator', 'auditor'],
  'alerts:write': ['analyst', 'engineer', 'investigator', 'administrator'],
  'cases:read': ['analyst', 'engineer', 'investigator', 'administrator', 'auditor'],
  'cases:write': ['analyst', 'investigator', 'administrator'],
  'cases:export': ['investigator', 'administrator'],
  'cases:hold': ['investigator', 'administrator'],
  'breach:write': ['investigator', 'administrator'],
  'rules:read': ['analyst', 'engineer', 'investigator', 'administrator', 'auditor'],
  'rules:test': ['engineer', 'administrator'],
  'rules:write': ['engineer', 'administrator'],
  'sources:read': ['analyst', 'engineer', 'investigator', 'administrator', 'auditor'],
  'sources:write': ['engineer', 'administrator'],
  'keys:manage': ['administrator'],
  'users:manage': ['administrator'],
  'audit:read': ['administrator', 'auditor'],
} as const satisfies Record<string, readonly Role[]>
export type Grant = keyof typeof grants

/** What acts upon every tenant at once: only for those who see all of them. */
const ofTheHouse: ReadonlySet<Grant> = new Set(['rules:write', 'keys:manage', 'users:manage', 'audit:read'])

export interface Person {
  id: string
  name: string
  role: Role
  /** Tenants whose records this person may see. */
  tenants: 'all' | string[]
}

/** The one place that decides. With a tenant: also whether the person may see that tenant's records. */
export function can(person: Person, grant: Grant, tenant?: string): boolean {
  const allowed: readonly Role[] = grants[grant]
  return (
    allowed.includes(person.role) &&
    (person.tenants === 'all' || !ofTheHouse.has(grant)) &&
    (tenant === undefined || person.tenants === 'all' || person.tenants.includes(tenant))
  )
}

export function grantsOf(person: Person): Grant[] {
  return Object.keys(grants).filter((grant): grant is Grant => grant in grants && can(person, grant as Grant))
}
