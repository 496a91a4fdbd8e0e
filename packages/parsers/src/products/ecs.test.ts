// Every fixture speaks ECS: allowed values, known fields below ECS's own roots, right types, and the store's invariants.
import { readdirSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { type EcsField, ecsFields, ecsRoots, type Json } from '@varde/schema'
import { describe, expect, test } from 'vitest'

const folder = join(import.meta.dirname, 'fixtures')

/** Below ECS roots, but not in ECS: each is written by Elastic's own packages, or has no home in ECS yet. */
const tolerated = [
  /^log\.source\./,
  /^network\.interface\./,
  // Elastic's system package: the target's group; applied file permissions.
  /^user\.target\.group\./,
  // Elastic's auditd package: the login id, saved and file system ids.
  /^user\.(?:audit|saved|filesystem|terminal)\b/,
  /^user\.owner\./,
  /^file\.target_path$/,
  /^file\.pe\./,
  /^process\.pe\./,
  /^file\.code_signature\./,
  /^related\./,
  /^observer\.(?:ingress|egress)\./,
  /^log\.syslog\.structured_data\./,
  /^registry\.data\./,
  /^service\.(?:state|type)$/,
  /^labels\./,
]

function leaves(value: Json, path: string, out: [string, Json][]): [string, Json][] {
  if (Array.isArray(value)) {
    for (const item of value) leaves(item, path, out)
    if (value.length === 0) out.push([path, value])
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) leaves(member, path === '' ? key : `${path}.${key}`, out)
  } else out.push([path, value])
  return out
}

function hasType(field: EcsField, value: Json): boolean {
  switch (field.type) {
    case 'long':
    case 'integer':
      return Number.isSafeInteger(value)
    case 'float':
    case 'scaled_float':
      return typeof value === 'number'
    case 'boolean':
      return typeof value === 'boolean'
    case 'ip':
      return typeof value === 'string' && isIP(value) !== 0
    case 'date':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,9}Z$/.test(value)
    case 'object':
    case 'flattened':
    case 'nested':
    case 'geo_point':
      return true
    default:
      return typeof value === 'string'
  }
}

/** The nearest field of ECS: its own, or an object that holds anything. */
function fieldOf(path: string): EcsField | undefined {
  const own = ecsFields.get(path)
  if (own !== undefined) return own
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
    const parent = ecsFields.get(path.slice(0, dot))
    if (parent?.type === 'object' || parent?.type === 'flattened' || parent?.type === 'nested') return parent
  }
  return undefined
}

function faults(event: Json): string[] {
  const found: string[] = []
  for (const [path, value] of leaves(event, '', [])) {
    const keys = path.split('.')
    if (keys.some((key) => key === '' || key.startsWith('_') || key === 'outerWrapper'))
      found.push(`${path}: a key that the store refuses`)
    if (typeof value === 'string' && !value.isWellFormed()) found.push(`${path}: a lone surrogate`)
    if (!ecsRoots.has(keys[0] ?? '')) continue
    const field = fieldOf(path)
    if (field === undefined) {
      if (!tolerated.some((pattern) => pattern.test(path))) found.push(`${path}: not in ECS`)
    } else if (!hasType(field, value)) found.push(`${path}: ${JSON.stringify(value)} is no ${field.type}`)
    else if (field.allowed !== undefined && !field.allowed.includes(String(value)))
      found.push(`${path}: ${JSON.stringify(value)} is not allowed`)
  }
  return found
}

for (const { name: product } of readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
  describe(product, () => {
    for (const file of readdirSync(join(folder, product)).filter((name) => name.endsWith('.expected.ndjson'))) {
      test(file, () => {
        const lines = readFileSync(join(folder, product, file), 'utf8')
          .split('\n')
          .filter((line) => line !== '')
        const found = lines.flatMap((line) => faults(JSON.parse(line)))
        expect([...new Set(found)]).toEqual([])
      })
    }
  })
}
