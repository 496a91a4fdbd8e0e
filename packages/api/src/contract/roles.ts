// The roles that a person can have, without the schemas.

export const roles = ['analyst', 'engineer', 'investigator', 'administrator', 'auditor'] as const
export type Role = (typeof roles)[number]
