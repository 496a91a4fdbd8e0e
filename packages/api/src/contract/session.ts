// Sign-in, and who is there.
import { z } from 'zod'
import { permissions } from './endpoints.ts'
import { roles } from './roles.ts'

export const Health = z.object({
  status: z.enum(['starting', 'ok', 'degraded']),
  version: z.string(),
  /** True until the first administrator exists. */
  setUpNeeded: z.boolean(),
})

export const UserName = z.string().min(1).max(128)
export const NewPassword = z.string().min(12).max(256)

export const SetUp = z.object({ token: z.string(), name: UserName, password: NewPassword })
export const SignIn = z.object({ name: UserName, password: z.string().max(256) })

export const ChangePassword = z.object({ current: z.string().max(256), password: NewPassword })

export const Me = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(roles),
  permissions: z.array(z.enum(permissions)),
  version: z.string(),
  /** True while the data folder holds the sample. */
  sample: z.boolean().optional(),
})
export type Me = z.infer<typeof Me>
