// The typed columns of an event on disk, layout 1. Everything else of an event goes into `_x` (search) and `_odd` (shape).

export type ColumnKind = 'text' | 'texts' | 'whole'
export type FieldKind = 'keyword' | 'ip' | 'date' | 'long'

export interface Column {
  field: string
  /** `text`: one string; `texts`: a non-empty array of strings; `whole`: a safe integer. Any other value goes to `_x`. */
  kind: ColumnKind
  shown: FieldKind
}

const text = (shown: FieldKind, ...fields: string[]) => fields.map((field): Column => ({ field, kind: 'text', shown }))
const texts = (shown: FieldKind, ...fields: string[]) =>
  fields.map((field): Column => ({ field, kind: 'texts', shown }))
const whole = (...fields: string[]) => fields.map((field): Column => ({ field, kind: 'whole', shown: 'long' }))

/** What the parsers of the first products write most, by hand from ECS 9. A new layout gets a new number in FORMAT.md. */
export const columns: readonly Column[] = [
  ...text('keyword', 'event.kind', 'event.action', 'event.outcome', 'event.code', 'event.provider', 'event.module'),
  ...text('keyword', 'event.dataset', 'event.reason', 'event.id', 'message', 'log.level'),
  ...texts('keyword', 'event.category', 'event.type', 'tags'),
  ...whole('event.severity', 'event.duration', 'event.sequence'),
  ...text('keyword', 'host.name', 'host.hostname', 'host.domain', 'host.id'),
  ...texts('ip', 'host.ip', 'related.ip'),
  ...texts('keyword', 'related.user', 'related.hosts'),
  ...text('keyword', 'user.name', 'user.domain', 'user.id', 'user.email', 'user.target.name', 'user.target.domain'),
  ...text('keyword', 'user.target.id', 'user.effective.name', 'group.name', 'group.id', 'group.domain'),
  ...text('ip', 'source.ip', 'source.nat.ip', 'destination.ip', 'destination.nat.ip'),
  ...text('keyword', 'source.address', 'source.domain', 'source.user.name', 'source.mac'),
  ...text('keyword', 'source.geo.country_iso_code', 'source.as.organization.name'),
  ...text('keyword', 'destination.address', 'destination.domain', 'destination.user.name', 'destination.mac'),
  ...text('keyword', 'destination.geo.country_iso_code'),
  ...whole('source.port', 'source.bytes', 'source.packets', 'source.nat.port', 'source.as.number'),
  ...whole('destination.port', 'destination.bytes', 'destination.packets', 'destination.nat.port'),
  ...text('keyword', 'network.protocol', 'network.transport', 'network.type', 'network.direction'),
  ...text('keyword', 'network.application', 'network.iana_number'),
  ...whole('network.bytes', 'network.packets'),
  ...text('keyword', 'observer.name', 'observer.vendor', 'observer.product', 'observer.type'),
  ...text('keyword', 'observer.ingress.interface.name', 'observer.egress.interface.name'),
  ...text('keyword', 'observer.ingress.zone', 'observer.egress.zone', 'rule.name', 'rule.id'),
  ...text('keyword', 'process.name', 'process.executable', 'process.command_line', 'process.parent.name'),
  ...whole('process.pid'),
  ...text('keyword', 'service.name', 'service.type', 'file.name', 'file.path', 'file.hash.sha256'),
  ...text('keyword', 'url.original', 'url.domain', 'dns.question.name'),
  ...text(
    'keyword',
    'winlog.channel',
    'winlog.computer_name',
    'winlog.record_id',
    'winlog.logon.type',
    'winlog.logon.id',
  ),
  ...text('keyword', 'winlog.event_data.LogonType', 'winlog.event_data.Status', 'winlog.event_data.TargetUserName'),
  ...text('keyword', 'winlog.event_data.SubjectUserName', 'winlog.event_data.IpAddress'),
]

export const columnOf: ReadonlyMap<string, Column> = new Map(columns.map((column) => [column.field, column]))

const sqlTypes = { text: 'VARCHAR', texts: 'VARCHAR[]', whole: 'BIGINT' } as const

/** The columns that are no fields, with their types, in the order of a row. `_raw` comes last in a line. */
const ownColumns: readonly (readonly [string, string])[] = [
  ['_t', 'BIGINT'],
  ['_stream', 'VARCHAR'],
  ['_generation', 'BIGINT'],
  ['_partition', 'BIGINT'],
  ['_offset', 'BIGINT'],
  ['_tenant', 'VARCHAR'],
  ['_source', 'VARCHAR'],
  ['_arrival', 'BIGINT'],
  ['_ingested', 'BIGINT'],
  ['_seed', 'UUID'],
  ['_lateness', 'VARCHAR'],
  ['_key', 'VARCHAR'],
  ['_producer', 'VARCHAR'],
  ['_sequence', 'BIGINT'],
  ['_odd', 'VARCHAR'],
  ['_bytes', 'VARCHAR'],
  ['_raw', 'VARCHAR'],
  ['_x', 'JSON'],
]

export const layout: readonly (readonly [string, string])[] = [
  ...ownColumns,
  ...columns.map((column) => [column.field, sqlTypes[column.kind]] as const),
]

/** Position of the first field column in a row, as `rowSql` gives it; `_retention` stands before it. */
export const ownNames: readonly string[] = ownColumns.map(([name]) => name)

/** ECS fields that hold an address or a time though they have no column: only `fields()` needs to know. */
export const addressFields = /(^|\.)(ip|nat\.ip)$|^winlog\.event_data\.IpAddress$/
export const dateFields =
  /^(@timestamp|event\.(created|ingested|start|end)|.*\.(created|accessed|mtime|ctime|not_after|not_before))$/
