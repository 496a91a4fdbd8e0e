// Who you are and what you may do.
export type { ApiKey, ApiKeys } from './api-keys.ts'
export { type Auth, createAuth } from './auth.ts'
export { can, type Grant, grants, grantsOf, type Person, type Role, roles } from './roles.ts'
export type { User } from './users.ts'
