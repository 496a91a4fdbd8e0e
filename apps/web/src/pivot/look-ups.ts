// The links to other systems that an administrator offers on values.
import type { LookUp } from '@varde/api/contract'
import { ask } from '../api/queries.ts'

export const lookUpsQuery = { ...ask('lookUps', {}), staleTime: 300_000 }

/** `*.ip` fits `source.ip`; a star alone fits everything. */
export function fitsField(pattern: string, field: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(field)
}

export function lookUpsFor(lookUps: LookUp[], field: string, value: string): { name: string; url: string }[] {
  return lookUps
    .filter((one) => one.fields.some((pattern) => fitsField(pattern, field)))
    .map(({ name, url }) => ({ name, url: url.replaceAll('{value}', encodeURIComponent(value)) }))
}
