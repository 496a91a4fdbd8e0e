// The field catalogue of the Elastic Common Schema: which fields there are, of which type, with which values.
import { ecsAllowedValues, ecsFieldTable } from './ecs-fields.gen.ts'

export interface EcsField {
  /** Elasticsearch's type: keyword, ip, long, date, match_only_text … */
  type: string
  /** The field is written as a list. */
  array: boolean
  /** Closed list of values, for the four categorisation fields. */
  allowed?: readonly string[]
}

const allowed = new Map<string, readonly string[]>(Object.entries(ecsAllowedValues))

/** Dotted name → field. */
export const ecsFields: ReadonlyMap<string, EcsField> = new Map(
  ecsFieldTable
    .trim()
    .split('\n')
    .map((line) => {
      const [name = '', type = '', array] = line.split(' ')
      const field: EcsField = { type, array: array === 'array' }
      const values = allowed.get(name)
      if (values !== undefined) field.allowed = values
      return [name, field]
    }),
)

/** First parts of the names: a document's key is ECS's own or a vendor's. */
export const ecsRoots: ReadonlySet<string> = new Set([...ecsFields.keys()].map((name) => name.split('.')[0] ?? name))
