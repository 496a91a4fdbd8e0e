// API keys of senders, and the people who may sign in.
import { z } from 'zod'
import { Time } from './common.ts'
import { roles } from './roles.ts'
import { NewPassword, UserName } from './session.ts'

export const ApiKey = z.object({
  id: z.string(),
  name: z.string(),
  /** Records sent with this key belong to this source and tenant. */
  source: z.string(),
  tenant: z.string(),
  dataset: z.string().optional(),
  createdAt: Time,
  createdBy: z.string(),
  lastUsedAt: Time.optional(),
  revokedAt: Time.optional(),
})
export type ApiKey = z.infer<typeof ApiKey>
export const Keys = z.object({ keys: z.array(ApiKey) })
export const CreateKey = z.object({
  name: z.string().min(1).max(128),
  source: z.string().min(1).max(128),
  tenant: z.string().min(1).max(128).default('house'),
  dataset: z.string().optional(),
})
export const CreatedKey = z.object({ key: ApiKey, secret: z.string() })

/** `all`, or the customers (and `house`) whose records somebody may see. */
export const Tenants = z.union([z.literal('all'), z.array(z.string().min(1).max(128)).min(1).max(1_000)])
export type Tenants = z.infer<typeof Tenants>

export const User = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(roles),
  tenants: Tenants,
  createdAt: Time,
  lastSignInAt: Time.optional(),
  disabled: z.boolean(),
})
export type User = z.infer<typeof User>
export const Users = z.object({ users: z.array(User) })
export const CreateUser = z.object({
  name: UserName,
  role: z.enum(roles),
  password: NewPassword,
  /** Without it an administrator sees all, anybody else the house's own. */
  tenants: Tenants.optional(),
})
export const UpdateUser = z.object({
  role: z.enum(roles).optional(),
  tenants: Tenants.optional(),
  password: NewPassword.optional(),
  disabled: z.boolean().optional(),
})
