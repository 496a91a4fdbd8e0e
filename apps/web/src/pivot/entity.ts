// Users, hosts and addresses: which fields name them, and how to search for one.

export const entityKinds = ['user', 'host', 'ip'] as const
export type EntityKind = (typeof entityKinds)[number]

const fields: { kind: EntityKind; fits: RegExp }[] = [
  { kind: 'user', fits: /(^|\.)user(\.\w+)*\.name$|^related\.user$/ },
  { kind: 'host', fits: /(^|\.)host\.(name|hostname)$|^related\.hosts$|^observer\.(name|hostname)$/ },
  { kind: 'ip', fits: /(^|\.)ip$|^related\.ip$/ },
]

export function entityOfField(field: string): EntityKind | undefined {
  return fields.find((one) => one.fits.test(field))?.kind
}

/** A text as one KQL phrase. */
export const quoted = (value: string) => `"${value.replace(/[\\"]/g, '\\$&')}"`

/** Everything that names it. */
export const entityQueries: Record<EntityKind, (value: string) => string> = {
  user: (value) => `user.name: ${quoted(value)} or related.user: ${quoted(value)}`,
  host: (value) => `host.name: ${quoted(value)} or related.hosts: ${quoted(value)}`,
  ip: (value) => `source.ip: ${quoted(value)} or destination.ip: ${quoted(value)} or related.ip: ${quoted(value)}`,
}
